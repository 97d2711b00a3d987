package io.janus;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.PortOptions;
import io.janus.connection.CompletionConnectionManager;
import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.connection.ReadinessConnectionManager;
import io.janus.ffi.OsException;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.Clock;
import io.janus.loop.EventLoop;
import io.janus.loop.EventSource;
import io.janus.loop.Reporter;
import io.janus.readiness.Poller;
import io.janus.socket.Sockets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The loops of one engine, each with the manager of its connections: they begin together, and a call for all of them reaches each. */
final class EngineLoops {
  private static final int END_SECONDS = 10;

  private final EngineOptions options;
  private final List<EventLoop> loops = new ArrayList<>();
  private final List<ConnectionManager> managers = new ArrayList<>();
  private volatile String setUp = "";

  /** Of the engine that was started last; null before. */
  private @Nullable ConnectionBudget held;

  EngineLoops(EngineOptions options) {
    this.options = options;
  }

  /** How many there are to be. */
  int wanted() {
    return options.loops() > 0 ? options.loops() : Runtime.getRuntime().availableProcessors();
  }

  /**
   * Starts all of them on this engine. If one is refused what it needs, those before it may run: {@link #end} and {@link #forget} them.
   *
   * @throws UnsupportedOperationException if the engine cannot run here after all
   */
  void start(Engine engine, ConnectionBudget budget) throws OsException {
    held = budget;
    int count = wanted();
    for (int i = 0; i < count; i++) {
      EventLoop loop =
          new EventLoop("janus-loop-" + i, options.limits(), Clock.SYSTEM, options.reporter());
      loop.start(made -> openManager(made, engine, budget));
      loops.add(loop);
    }
  }

  /** After {@link #end}: others can be started. */
  void forget() {
    loops.clear();
    managers.clear();
    setUp = "";
  }

  /** All, also those that have ended. */
  List<EventLoop> all() {
    return loops;
  }

  EventLoop loop(int number) {
    return loops.get(number);
  }

  ConnectionManager manager(int number) {
    return managers.get(number);
  }

  List<ConnectionManager> managers() {
    return managers;
  }

  /** In words, where there is something to choose. */
  String setUp() {
    return setUp;
  }

  /** The numbers of the loops that have not ended. */
  List<Integer> living() {
    List<Integer> living =
        IntStream.range(0, loops.size()).filter(i -> !loops.get(i).hasEnded()).boxed().toList();
    if (living.isEmpty()) {
      throw new RejectedExecutionException("the engine was closed, or all its loops have ended");
    }
    return living;
  }

  /** Hands a task to every one of the loops that takes it, then throws what one threw that did not. */
  void onEach(List<Integer> which, Consumer<ConnectionManager> task) {
    RejectedExecutionException refused = null;
    for (int i : which) {
      ConnectionManager manager = managers.get(i);
      try {
        loops.get(i).execute(() -> task.accept(manager));
      } catch (RejectedExecutionException e) {
        refused = e;
      }
    }
    if (refused != null) {
      throw refused;
    }
  }

  /** Throws on a thread of one of them. */
  void checkOutside(String call) {
    if (loops.stream().anyMatch(EventLoop::inLoop)) {
      throw new IllegalStateException(
          call + " would wait for the loop that calls it; call it from another thread");
    }
  }

  /** Stops all and waits for them. */
  void end() {
    loops.forEach(EventLoop::stop);
    boolean interrupted = false;
    for (EventLoop loop : loops) {
      try {
        if (!loop.join(END_SECONDS, TimeUnit.SECONDS)) {
          tellUnended(loop, held == null ? 0 : held.used(), options.reporter());
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What is known of a loop that takes its time: a callback may hold it, and then the stack is worth having; or it closes, which for hundreds of
   * thousands of sockets takes the kernel longer than this wait, and is nobody's fault.
   *
   * @param connections of all loops that are not closed yet
   */
  static void tellUnended(EventLoop loop, int connections, Reporter reporter) {
    String start = "loop " + loop.name() + " has not ended within " + END_SECONDS + " s: ";
    if (!loop.isClosing()) {
      reporter.report(
          start + "a callback or a task holds it, which the stack shows", loop.picture());
      return;
    }
    String open =
        String.format(
            Locale.ROOT, "%,d %s of the engine %s not closed yet", connections,
            connections == 1 ? "connection" : "connections", connections == 1 ? "is" : "are");
    if (loop.isRunning()) {
      reporter.report(start + "it is still closing, " + open, null);
    } else {
      reporter.report(start + "it waits while it closes, as the stack shows, " + open,
          loop.picture());
    }
  }

  /** On the loop's own thread, so that everything opened here belongs to it. */
  private EventSource openManager(EventLoop loop, Engine engine, ConnectionBudget budget)
      throws OsException {
    Limits limits = options.limits();
    Counters counters = new Counters();
    Sockets sockets = Sockets.open(counters);
    BufferPool pool = null;
    try {
      pool = new BufferPool(limits.bufferBytes(), limits.poolBytes());
      ConnectionManager manager = manager(loop, engine, counters, sockets, pool, budget);
      managers.add(manager);
      return manager;
    } catch (Throwable refused) {
      // No manager has taken them over, so nobody else would ever close them.
      closeAfter(refused, pool, sockets);
      throw refused;
    }
  }

  private ConnectionManager manager(
      EventLoop loop,
      Engine engine,
      Counters counters,
      Sockets sockets,
      BufferPool pool,
      ConnectionBudget budget)
      throws OsException {
    Limits limits = options.limits();
    if (!engine.hasPorts()) {
      Poller poller = Poller.open(limits.batchEvents(), counters);
      return orClose(
          poller,
          () -> new ReadinessConnectionManager(
              loop, limits, counters, sockets, pool, budget, poller));
    }
    PortOptions portOptions =
        new PortOptions(
            options.tryFirst(), options.directDescriptors() ? ConnectionLimit.tableSize() : 0,
            options.zeroCopyBytes(), options.skipPackets());
    CompletionPort port = engine.port(sockets, pool, limits, counters, portOptions);
    return orClose(port, () -> {
      setUp = port.setUp();
      return new CompletionConnectionManager(loop, limits, counters, sockets, pool, budget, port);
    });
  }

  /** A manager that is not made takes nothing over, so what it stood on is closed here. */
  private static ConnectionManager orClose(
      AutoCloseable opened, Supplier<ConnectionManager> maker) {
    try {
      return maker.get();
    } catch (Throwable refused) {
      closeAfter(refused, opened);
      throw refused;
    }
  }

  private static void closeAfter(Throwable refused, @Nullable AutoCloseable... opened) {
    for (AutoCloseable one : opened) {
      try {
        if (one != null) {
          one.close();
        }
      } catch (Exception | Error e) {
        refused.addSuppressed(e);
      }
    }
  }
}
