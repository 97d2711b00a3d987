package io.janus;

import io.janus.connection.ConnectionBudget;
import io.janus.connection.ConnectionManager;
import io.janus.connection.Handler;
import io.janus.connection.ListenVerdict;
import io.janus.connection.Spread;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.loop.Watchdog;
import io.janus.socket.Address;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The door: opens an engine, listens, connects, closes. All methods are for any thread but those of the engine's own loops,
 * where {@link #drain} and {@link #close} would wait for themselves.
 *
 * <p>A loop that fails, such as by a completion that its kernel has lost, ends alone: the reporter is told, its connections are closed, and
 * {@link EventLoop#failure} tells of it. The others go on, and every call here passes it over. What it alone listened on, a path or any
 * address on Windows, is to be listened on anew.
 */
public final class Janus implements AutoCloseable {
  private final EngineOptions options;
  private final EngineLoops loops;
  private final AtomicInteger nextLoop = new AtomicInteger();
  private Engine.Choice choice;
  private ConnectionBudget budget;
  private @Nullable Watchdog watchdog;

  private Janus(EngineOptions options) {
    this.options = options;
    this.loops = new EngineLoops(options);
    this.choice = requireAble(options, Engine.choose(options.engine()));
    this.budget = budget();
  }

  /** Opens the best engine of this machine with one loop for each processor. */
  public static Janus open() throws OsException {
    return open(EngineOptions.defaults());
  }

  /**
   * Opens an engine.
   *
   * @throws OsException if the system refuses what a loop needs
   * @throws IllegalArgumentException for an unknown engine, or limits above the machine's or above each other
   * @throws UnsupportedOperationException if the engine cannot run here, with the reason and the remedy
   */
  public static Janus open(EngineOptions options) throws OsException {
    Janus janus = new Janus(Objects.requireNonNull(options, "options"));
    try {
      janus.start();
      return janus;
    } catch (OsException | RuntimeException | Error e) {
      janus.close();
      throw e;
    }
  }

  /**
   * Listens on an address; connections come to the handler from now on, spread over all loops. Either all loops listen or none, but for one
   * whose model the system then refuses the socket: that is told to the reporter, and the others get the connections.
   *
   * @return where it listens, with the port that the system chose if the given one was 0
   * @throws OsException if the system refuses the address, or the engine takes none of its family: a path on {@code iocp}
   * @throws RejectedExecutionException if the mailbox of a loop is full or the engine was closed; nothing listens then
   */
  public Address listen(Address address, Handler handler) throws OsException {
    Objects.requireNonNull(handler, "handler");
    if (Objects.requireNonNull(address, "address") instanceof Address.Unix
        && !choice.engine().hasPaths()) {
      throw new OsException("listen on " + address, OsError.of(ErrorCode.NO_SUCH_FAMILY));
    }
    List<Integer> living = loops.living();
    ListeningSockets.Opened opened =
        ListeningSockets.open(address, living.size(), options.limits().backlog());
    List<Long> sockets = opened.sockets();
    ListenVerdict verdict = new ListenVerdict();
    // Where one loop listens for all, it gives what it accepts to them in turn.
    Spread spread =
        new Spread(sockets.size() == 1 ? living.stream().map(loops::manager).toList() : List.of());
    for (int i = 0; i < sockets.size(); i++) {
      ConnectionManager manager = loops.manager(living.get(i));
      long socket = sockets.get(i);
      try {
        EventLoop loop = loops.loop(living.get(i));
        loop.execute(() -> {
          try {
            manager.listen(socket, handler, verdict, spread);
          } catch (Throwable e) {
            // Such as for want of a class. It would go on and accept nobody, and nobody would know; so it ends, and its report says why.
            loop.stop();
            throw e;
          }
        });
      } catch (RejectedExecutionException e) {
        // Loops that have their socket already close it in their next turn, without having accepted anything.
        verdict.refuse();
        ListeningSockets.close(sockets.subList(i, sockets.size()));
        throw e;
      }
    }
    verdict.grant();
    return opened.at();
  }

  /**
   * Connects to an address, on the loops in turn. The handler learns how it ended: {@code onOpen}, or only {@code onClosed} with
   * the failure, at the latest when the limit connectMillis is over. A loop whose mailbox is full is passed over. When the time of a drain
   * is over, a loop refuses to connect until it has cut what is left, and tells that as {@code ABORTED_HERE}.
   *
   * @throws RejectedExecutionException if the mailbox of every loop is full or the engine was closed; nothing is connected then
   */
  public void connect(Address to, Handler handler) {
    Objects.requireNonNull(to, "address");
    Objects.requireNonNull(handler, "handler");
    loops.managers().forEach(ConnectionManager::checkConnects);
    List<Integer> living = loops.living();
    int first = nextLoop.getAndIncrement();
    for (int i = 0;; i++) {
      int index = living.get(Math.floorMod(first + i, living.size()));
      try {
        loops.loop(index).execute(() -> loops.manager(index).connectOrTell(to, handler));
        return;
      } catch (RejectedExecutionException refused) {
        if (i == living.size() - 1) {
          throw refused;
        }
      }
    }
  }

  /**
   * Stops listening on every address; connections go on. The loops do it in their next turn, and until then the addresses are held.
   *
   * @throws RejectedExecutionException if the mailbox of a loop is full or the engine was closed; every other loop stops all the same,
   *     and a second call is harmless
   */
  public void stopListening() {
    loops.onEach(loops.living(), ConnectionManager::stopListening);
  }

  /**
   * Stops listening and ends every connection in order: each is closed once it has been quiet for 100 ms, and cut when the time is over. Quiet
   * is a connection without a byte received or sent in that time, with nothing unsent, not paused by {@link
   * io.janus.connection.Connection#pauseReading} or for want of a buffer, and with nothing received that waits for its handler. So a handler whose
   * answer is computed on another thread pauses the connection until it has sent it.
   *
   * <p>Connecting goes on meanwhile, as an answer may need it, but not in {@code onClosed}, where {@link
   * io.janus.connection.Connection#connectOnSameLoop} and {@link #connect} throw: so a client that connects again there is drained like any other. Afterwards the
   * engine connects and listens as before.
   *
   * <p>What this cannot see is lost although it returns true: an answer that another thread computes for a connection that is not paused; a
   * request that the peer sends after those 100 ms, or whose bytes are under way for longer (it is thrown away as after {@link
   * io.janus.connection.Connection#close}); a connect that has not ended and has nothing to send; and a connection in the kernel's queue that
   * no loop has opened yet, also one accepted beyond the limit of connections, or on its way from the loop that accepts for all to its own, which is reset.
   *
   * @param within how long they may take; zero, and what is below it, cuts at once whatever is open
   * @return true if all connections ended in order; false if a loop ended meanwhile, by a failure or a close, or if some had to be cut, which are told TIMED_OUT and counted by {@link
   *     Counter#CUT}: {@link #connections} falls while they are cut, so it does not tell how many they were
   * @throws RejectedExecutionException at once if the mailbox of a loop is full or the engine was closed; every other loop drains all
   *     the same, and a second call waits for all of them
   * @throws IllegalStateException on a thread of the engine's own loops
   */
  public boolean drain(Duration within) throws InterruptedException {
    Objects.requireNonNull(within, "within");
    loops.checkOutside("drain");
    List<Integer> living = loops.living();
    CountDownLatch drained = new CountDownLatch(living.size());
    AtomicInteger cut = new AtomicInteger();
    IntConsumer whenDrained = count -> {
      cut.addAndGet(count);
      drained.countDown();
    };
    // Times without a practical end are cut to one that can be added to a clock's, and a deadline that is over leaves no time.
    long nanos = Math.clamp(TimeUnit.NANOSECONDS.convert(within), 0, Long.MAX_VALUE / 4);
    loops.onEach(living, manager -> manager.drain(nanos, whenDrained));
    return drained.await(nanos + TimeUnit.SECONDS.toNanos(1), TimeUnit.NANOSECONDS)
        && cut.get() == 0;
  }

  /** The engine that runs. */
  public Engine engine() {
    return choice.engine();
  }

  /** Why this engine, in one sentence. */
  public String why() {
    return choice.why();
  }

  /**
   * How the engine was set up where there is something to choose, in words for a person: on io_uring the flags, queues and table of each
   * loop's ring. Empty on the other engines.
   */
  public String setUp() {
    return loops.setUp();
  }

  /** Connections that are not yet closed, over all loops; a moment old. */
  public int connections() {
    return budget.used();
  }

  /**
   * Most connections that the engine will hold over all its loops: the limit {@link Limits#connections}, or if that is 0, as many as the limit
   * of descriptors allowed when the engine was opened. With direct descriptors that is the size of a table times the loops, else what the process
   * may open without the 64 descriptors that it is left for itself; on completion no more than three quarters of {@link Limits#operations} for
   * each loop. It is a bound and no promise: what else the process has open, and a limit that is lowered later, can end accepting before.
   */
  public int connectionLimit() {
    return budget.most();
  }

  /** The sums of all loops; a moment old. */
  public Counters counters() {
    Counters sum = new Counters();
    loops.managers().forEach(manager -> sum.addAll(manager.counters()));
    return sum;
  }

  /** The loops, for people who watch them; also those that have ended. */
  public List<EventLoop> loops() {
    return List.copyOf(loops.all());
  }

  /**
   * Ends all connections by a reset, closes every listener and stops the loops.
   *
   * @throws IllegalStateException on a thread of the engine's own loops
   */
  @Override
  public void close() {
    loops.checkOutside("close");
    loops.end();
    if (watchdog != null) {
      watchdog.close();
    }
  }

  private void start() throws OsException {
    // Out of descriptors no class can be read any more, so the words for that are read now.
    OsError.of(ErrorCode.OUT_OF_DESCRIPTORS);
    while (!startLoops()) {
      // The choice has moved on to the next engine; there are few, and the last one's refusal is thrown.
    }
    if (options.limits().blockedMillis() > 0) {
      watchdog = new Watchdog(loops.all(), options.limits().blockedMillis(), options.reporter());
    }
  }

  /** False if the engine was refused with the first or a later loop; then none runs, and another engine is chosen. */
  private boolean startLoops() throws OsException {
    try {
      loops.start(choice.engine(), budget);
      return true;
    } catch (UnsupportedOperationException refused) {
      loops.end();
      loops.forget();
      choice =
          requireAble(options, Engine.instead(options.engine(), choice.engine(), refused, false));
      // How many it can hold depends on the engine.
      budget = budget();
      return false;
    }
  }

  /** For the engine that is chosen. */
  private ConnectionBudget budget() {
    return new ConnectionBudget(
        ConnectionLimit.of(options, loops.wanted(), choice.engine().hasPorts()),
        ConnectionLimit.whenReached(options, loops.wanted(), choice.engine()));
  }

  private static Engine.Choice requireAble(EngineOptions options, Engine.Choice choice) {
    choice.requireAble(
        options.engine(), options.directDescriptors(), options.zeroCopyBytes() > 0);
    return choice;
  }
}
