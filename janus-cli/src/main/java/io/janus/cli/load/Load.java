package io.janus.cli.load;

import io.janus.EngineOptions;
import io.janus.Janus;
import io.janus.cli.terminal.CommandFailure;
import io.janus.cli.terminal.ExitCode;
import io.janus.cli.terminal.UnixPath;
import io.janus.connection.Connection;
import io.janus.connection.Handler;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.limit.Counter;
import io.janus.limit.Limits;
import io.janus.loop.EventLoop;
import io.janus.loop.Reporter;
import io.janus.socket.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A load on an echo server, step by step: connect, start, begin and end the window, report, leave. Closing without leaving ends
 * all connections by a reset: faster, and no local ports stay behind in TIME_WAIT.
 */
public final class Load implements AutoCloseable {
  /** Connects on their way at a time: fewer than any backlog. */
  private static final int CONNECTS_AT_ONCE = 100;

  /** After the window answers are awaited for so long; in a closed loop for so long since the last one. */
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long LONGEST_SETTLE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long CONNECT_LOOK_MILLIS = 100;
  private static final long SETTLE_LOOK_MILLIS = 5;
  private static final long STEP_SECONDS = 30;
  private static final Duration LEAVE = Duration.ofSeconds(2);

  /** Closing takes the kernel some ten microseconds for each connection, on both sides. */
  private static final int LEAVING_PER_SECOND = 10_000;

  private static final long IDLE_LOOK_MILLIS = 50;
  private static final long IDLE_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LoadPlan plan;
  private final Janus janus;
  private final List<LoadLoop> loops = new ArrayList<>();
  private final Semaphore connecting = new Semaphore(CONNECTS_AT_ONCE);
  private final AtomicInteger opened = new AtomicInteger();
  private final Survival survival = new Survival();
  private final int portsPerDestination;
  private List<Address> destinations;
  private int connected;
  private int idleConnected;
  private int idleAnswered;
  private @Nullable Pacer pacer;
  private boolean measures;
  private long beganAt;
  private long endedAt;
  private long settledNanos;

  /** Opens the client's engine. */
  public Load(LoadPlan plan, Reporter reporter) throws OsException {
    this(plan, reporter, Destinations.localPorts());
  }

  Load(LoadPlan plan, Reporter reporter, int portsPerDestination) throws OsException {
    this.plan = plan;
    this.portsPerDestination = portsPerDestination;
    this.destinations = List.of(plan.to());
    Limits limits =
        Limits.defaults()
            .withConnections(Math.addExact(plan.connections(), plan.idle()))
            .withOutboundBytes(
                Math.max(Limits.defaults().outboundBytes(), plan.outstandingBytes() + 1))
            .withWriteMillis(0);
    this.janus =
        Janus.open(
            EngineOptions.defaults()
                .withEngine(plan.engine())
                .withLoops(Math.min(plan.loops(), plan.connections()))
                .withDirectDescriptors(plan.directDescriptors())
                .withLimits(limits)
                .withReporter(reporter));
    BytePattern pattern = new BytePattern(limits.bufferBytes());
    janus.loops().forEach(loop -> loops.add(new LoadLoop(loop, plan, pattern)));
  }

  /**
   * Makes all connections, idle ones last.
   *
   * @param progress is told now and then how many are done
   * @param stop asked now and then; once it is true, no more are made and those on their way are not awaited
   * @throws CommandFailure if none could be made, or the local ports do not suffice
   */
  public void connect(IntConsumer progress, BooleanSupplier stop) throws InterruptedException {
    destinations =
        Destinations.of(
            plan.to(), plan.connections() + plan.idle(), portsPerDestination,
            // Whoever wants to stop does not want to hear that addresses are missing either.
            to -> stop.getAsBoolean() || Probe.of(janus, to).answers());
    boolean all = true;
    for (int i = 0; i < plan.connections() && all; i++) {
      all = connectOne(new LoadConnection(this, plan, i), i, progress, stop);
    }
    all = all && awaitConnects(stop);
    connected = opened.get();
    if (connected == 0 && all) {
      throw nothingConnected();
    }
    IdleConnection idle = new IdleConnection(this);
    for (int i = 0; i < plan.idle() && all; i++) {
      all = connectOne(idle, plan.connections() + i, progress, stop);
    }
    if (all) {
      awaitConnects(stop);
    }
    idleConnected = opened.get() - connected;
  }

  /** Lets messages go; they are the warm-up until the window begins. */
  public void start() throws InterruptedException {
    start(System.nanoTime(), loop -> {});
  }

  /** Lets messages go and measures the first one already: a load without a warm-up, however soon its connections end. */
  public void startMeasured() throws InterruptedException {
    measures = true;
    beganAt = System.nanoTime();
    start(beganAt, loop -> loop.beginWindow(beganAt));
  }

  private void start(long start, Consumer<LoadLoop> first) throws InterruptedException {
    onEachLoop(
        loop -> {
          first.accept(loop);
          loop.start(start, connected);
        });
    if (plan.isOpenLoop()) {
      pacer = new Pacer(loops, start, plan.ratePerSecond());
    }
  }

  /** From now on messages are measured; the warm-up is over. A load that ends without it has measured nothing. */
  public void beginWindow() throws InterruptedException {
    measures = true;
    beganAt = System.nanoTime();
    onEachLoop(loop -> loop.beginWindow(beganAt));
  }

  /**
   * The end of the window. Nothing new is sent, and what is on the way is awaited: in an open loop for a second, in a closed one
   * until a second has passed without an answer, since much may be on the way there. What has not come by then is unanswered.
   */
  public void endWindow() throws InterruptedException {
    // What came after the last connection's end was no load, and counting it would lower every rate.
    long now = System.nanoTime();
    if (!measures) {
      beganAt = now;
    }
    endedAt = survival.isOver() ? survival.clampedEnd(beganAt, now) : now;
    onEachLoop(loop -> loop.endWindow(endedAt));
    if (pacer != null) {
      pacer.close();
    }
    awaitAnswers();
    long unansweredAt = survival.isOver() ? endedAt : System.nanoTime();
    settledNanos = unansweredAt - endedAt;
    onEachLoop(loop -> loop.recordUnanswered(unansweredAt));
  }

  private void awaitAnswers() throws InterruptedException {
    long since = endedAt;
    long before = janus.counters().get(Counter.BYTES_RECEIVED);
    while (!isSettled()) {
      long now = System.nanoTime();
      long all = janus.counters().get(Counter.BYTES_RECEIVED);
      if (all > before && !plan.isOpenLoop() && now - endedAt < LONGEST_SETTLE_NANOS) {
        before = all;
        since = now;
      }
      if (now - since >= SETTLE_NANOS) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(SETTLE_LOOK_MILLIS);
    }
  }

  /**
   * Asks every idle connection for one echo, to see that it is still alive; after the end of the window.
   *
   * @param progress is told now and then how many have answered
   */
  public void checkIdle(IntConsumer progress) throws InterruptedException {
    onEachLoop(loop -> loop.idle.begin());
    long lastAnswerAt = System.nanoTime();
    boolean done = false;
    while (!done && System.nanoTime() - lastAnswerAt < IDLE_PATIENCE_NANOS) {
      TimeUnit.MILLISECONDS.sleep(IDLE_LOOK_MILLIS);
      AtomicInteger answers = new AtomicInteger();
      AtomicInteger ready = new AtomicInteger();
      onEachLoop(
          loop -> {
            answers.addAndGet(loop.idle.answered());
            ready.addAndGet(loop.idle.isDone() ? 1 : 0);
          });
      done = ready.get() == loops.size();
      if (answers.get() > idleAnswered) {
        lastAnswerAt = System.nanoTime();
      }
      idleAnswered = answers.get();
      progress.accept(idleAnswered);
    }
    onEachLoop(loop -> loop.idle.giveUp());
  }

  /** True once every active connection has ended, so that nothing can be sent or come any more. */
  public boolean isOver() {
    return survival.isOver();
  }

  /** Why the load is over, in one sentence without a full stop; asks the server once whether it still accepts. */
  public String whyOver() throws InterruptedException {
    return "no connection is left of " + connected + ", "
        + Probe.of(janus, plan.to()).sentence(plan.to());
  }

  /** Answers so far, the warm-up's included; for progress. */
  public long received() {
    return janus.counters().get(Counter.BYTES_RECEIVED) / plan.messageBytes();
  }

  /** The client's engine. */
  public String engine() {
    return janus.engine().id();
  }

  /** What was found; after the end of the window. */
  public LoadReport report() throws InterruptedException {
    onEachLoop(loop -> loop.watching = false);
    Histogram latencies = LoadLoop.newHistogram();
    Histogram lateness = LoadLoop.newHistogram();
    ErrorTally errors = new ErrorTally();
    onEachLoop(
        loop -> {
          synchronized (latencies) {
            latencies.add(loop.latencies);
            lateness.add(loop.lateness);
            errors.addAll(loop.errors);
          }
        });
    return new LoadReport(
        connected,
        idleConnected,
        idleAnswered,
        destinations.size(),
        (endedAt - beganAt) / 1e9,
        loops.stream().mapToLong(loop -> loop.messages).sum(),
        loops.stream().mapToLong(loop -> loop.warmup).sum(),
        loops.stream().mapToLong(loop -> loop.late).sum(),
        latencies,
        lateness,
        loops.stream().mapToLong(loop -> loop.unanswered).sum(),
        loops.stream().mapToLong(loop -> loop.unreturnedBytes).sum(),
        settledNanos / 1e9,
        loops.stream().mapToLong(loop -> loop.verifiedBytes).sum(),
        loops.stream().mapToLong(loop -> loop.mismatches).sum(),
        loops.stream()
            .map(loop -> loop.firstMismatch)
            .filter(s -> !s.isEmpty())
            .findFirst()
            .orElse(""),
        errors.toList());
  }

  /** Ends all connections in order, so that the server counts no failures. */
  public void leave() throws InterruptedException {
    janus.drain(LEAVE.plusSeconds((connected + idleConnected) / LEAVING_PER_SECOND));
  }

  @Override
  public void close() {
    janus.close();
  }

  /** The record of a connection's loop. */
  LoadLoop loopOf(Connection connection) {
    EventLoop wanted = connection.loop();
    for (LoadLoop loop : loops) {
      if (loop.loop == wanted) {
        return loop;
      }
    }
    throw new IllegalStateException(connection + " is of no loop of this load");
  }

  void activeOpened() {
    survival.opened();
  }

  void activeClosed() {
    survival.closed();
  }

  /** A connect has ended. */
  void settled(boolean open) {
    if (open) {
      opened.incrementAndGet();
    }
    connecting.release();
  }

  /** False if there is a wish to stop. */
  private boolean connectOne(
      Handler handler, int done, IntConsumer progress, BooleanSupplier stop)
      throws InterruptedException {
    if (!awaitPlaces(1, stop)) {
      return false;
    }
    janus.connect(destinations.get(done % destinations.size()), handler);
    if (done % CONNECTS_AT_ONCE == 0) {
      progress.accept(done);
    }
    return true;
  }

  private boolean awaitConnects(BooleanSupplier stop) throws InterruptedException {
    boolean all = awaitPlaces(CONNECTS_AT_ONCE, stop);
    if (all) {
      connecting.release(CONNECTS_AT_ONCE);
    }
    return all;
  }

  /** Every connect ends, by the limit connectMillis at the latest; that is too long for somebody who wants to stop. */
  private boolean awaitPlaces(int number, BooleanSupplier stop) throws InterruptedException {
    do {
      if (stop.getAsBoolean()) {
        return false;
      }
    } while (!connecting.tryAcquire(number, CONNECT_LOOK_MILLIS, TimeUnit.MILLISECONDS));
    return true;
  }

  private CommandFailure nothingConnected() throws InterruptedException {
    ErrorTally errors = new ErrorTally();
    onEachLoop(
        loop -> {
          synchronized (errors) {
            errors.addAll(loop.errors);
          }
        });
    OsError first = errors.first();
    return first == null
        ? new CommandFailure(
            ExitCode.UNAVAILABLE, "connect to " + plan.to() + ": no connection was made")
        : UnixPath.connectFailure(plan.to(), first);
  }

  private boolean isSettled() throws InterruptedException {
    AtomicBoolean settled = new AtomicBoolean(true);
    onEachLoop(
        loop -> {
          if (!loop.isSettled()) {
            settled.set(false);
          }
        });
    return settled.get();
  }

  private void onEachLoop(Consumer<LoadLoop> step) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(loops.size());
    for (LoadLoop loop : loops) {
      loop.loop.execute(
          () -> {
            try {
              step.accept(loop);
            } finally {
              done.countDown();
            }
          });
    }
    if (!done.await(STEP_SECONDS, TimeUnit.SECONDS)) {
      throw new CommandFailure(
          ExitCode.INTERNAL, "a client loop did not come back for " + STEP_SECONDS + " s");
    }
  }
}
