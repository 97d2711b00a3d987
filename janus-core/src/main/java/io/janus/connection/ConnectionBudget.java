package io.janus.connection;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many connections all loops of an engine may hold together, and within that, how many one loop can serve: an idle connection on
 * completion holds an operation of its loop's port. Any thread.
 */
public final class ConnectionBudget {
  private static final String RAISE =
      "; raise it (Limits.connections, echo --max-connections) or wait";

  private final int most;
  private final String whenReached;

  /** That of the engine, from which each of a loop is taken as well; null for the engine's own. */
  private final @Nullable ConnectionBudget engines;

  private final AtomicInteger used = new AtomicInteger();

  /** Listeners that take from it. */
  private final AtomicInteger listeners = new AtomicInteger();

  /**
   * @param most connections, 1 or more
   */
  public ConnectionBudget(int most) {
    this(most, "");
  }

  /**
   * @param most connections, 1 or more
   * @param whenReached the end of the sentence that says they are reached: where the bound comes from and what helps; empty where it
   *     was asked for and may be raised
   */
  public ConnectionBudget(int most, String whenReached) {
    this(most, Objects.requireNonNull(whenReached, "whenReached").isEmpty() ? RAISE : whenReached,
        null);
  }

  private ConnectionBudget(int most, String whenReached, @Nullable ConnectionBudget engines) {
    this.most = most;
    this.whenReached = whenReached;
    this.engines = engines;
  }

  /** One loop's part: what is taken from it is taken from this as well. */
  ConnectionBudget ofALoop(int mostOfTheLoop) {
    return new ConnectionBudget(mostOfTheLoop, whenReached, this);
  }

  /** True if there is room for more than so many connections of each listener, which may all come at this moment. */
  boolean hasMoreThan(long connectionsOfEach) {
    return most - used.get() > listeners.get() * connectionsOfEach
        && (engines == null || engines.hasMoreThan(connectionsOfEach));
  }

  /** Takes one, or false if none is left. */
  boolean take() {
    if (!takeHere()) {
      return false;
    }
    if (engines == null || engines.take()) {
      return true;
    }
    used.decrementAndGet();
    return false;
  }

  private boolean takeHere() {
    int now;
    do {
      now = used.get();
      if (now >= most) {
        return false;
      }
    } while (!used.compareAndSet(now, now + 1));
    return true;
  }

  void giveBack() {
    used.decrementAndGet();
    if (engines != null) {
      engines.giveBack();
    }
  }

  /** One that was taken here counts for another loop of the same engine from now on, if that has room. */
  boolean moveTo(ConnectionBudget other) {
    if (!other.takeHere()) {
      return false;
    }
    used.decrementAndGet();
    return true;
  }

  /** One that was taken there counts here from now on, whether there is room or not: it is gone over by one at most. */
  void moveBackFrom(ConnectionBudget other) {
    used.incrementAndGet();
    other.used.decrementAndGet();
  }

  /** A listener's accept holds an operation as a connection does, and is no connection. */
  void listenerCame() {
    used.incrementAndGet();
    listeners.incrementAndGet();
    if (engines != null) {
      engines.listeners.incrementAndGet();
    }
  }

  void listenerWent() {
    used.decrementAndGet();
    listeners.decrementAndGet();
    if (engines != null) {
      engines.listeners.decrementAndGet();
    }
  }

  /** Why {@link #take} answers false, and what helps. */
  String reached() {
    int bound = engines == null ? most : engines.most;
    return engines != null && used.get() >= most
        ? "the limit of operations leaves a loop room for " + most
            + " connections and listeners; raise the limit of operations or wait"
        : "the limit of " + bound + (bound == 1 ? " connection" : " connections")
            + " is reached" + whenReached;
  }

  /** Connections held now. */
  public int used() {
    return used.get();
  }

  /** The bound. */
  public int most() {
    return most;
  }
}
