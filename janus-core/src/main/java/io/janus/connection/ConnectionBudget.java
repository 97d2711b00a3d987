package io.janus.connection;

import java.util.concurrent.atomic.AtomicInteger;

/** How many connections all loops of an engine may hold together. Any thread. */
public final class ConnectionBudget {
  private final int most;
  private final AtomicInteger used = new AtomicInteger();

  /**
   * @param most connections, 1 or more
   */
  public ConnectionBudget(int most) {
    this.most = most;
  }

  /** Takes one, or false if none is left. */
  boolean take() {
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
