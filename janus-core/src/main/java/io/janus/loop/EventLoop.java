package io.janus.loop;

import io.janus.ffi.OsException;
import io.janus.limit.Limits;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One thread and its order of work. Everything a connection does happens on its loop's thread, which is why callbacks of one
 * connection never overlap and no connection needs a lock. Other threads hand tasks in by {@link #execute}.
 */
public final class EventLoop {
  private static final int TASKS_PER_TURN = 1024;
  private static final VarHandle BUSY_SINCE;

  static {
    try {
      BUSY_SINCE =
          MethodHandles.lookup().findVarHandle(EventLoop.class, "busySince", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Makes a loop's source, on the loop's thread, so that whatever it opens belongs to that thread. */
  @FunctionalInterface
  public interface SourceFactory {
    /** Opens the source. */
    EventSource open(EventLoop loop) throws OsException;
  }

  private final String name;
  private final Clock clock;
  private final Reporter reporter;
  private final Mailbox mailbox;
  private final Timers timers;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile @Nullable Thread thread;
  private volatile @Nullable EventSource source;

  /** What the factory threw; the caller of start is told, and nobody else. */
  private volatile @Nullable Throwable refusal;

  /** What ended a loop that had begun. */
  private volatile @Nullable Throwable failure;
  private volatile boolean stopping;
  private volatile boolean closing;
  private long now;
  private boolean turning;

  /** When the current stretch of work began, or 0 while the loop waits; written opaquely, for the watchdog. */
  private long busySince;

  /**
   * A loop that does nothing until it is started, or driven turn by turn.
   *
   * @param name of the thread
   */
  public EventLoop(String name, Limits limits, Clock clock, Reporter reporter) {
    this.name = Objects.requireNonNull(name, "name");
    Objects.requireNonNull(limits, "limits");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.reporter = guarded(Objects.requireNonNull(reporter, "reporter"));
    this.reporter.prepare();
    this.mailbox = new Mailbox(limits.mailboxTasks());
    this.now = clock.nanos();
    this.timers = new Timers(now);
  }

  /**
   * Starts the thread and waits until the source is open.
   *
   * @throws OsException what the factory threw; its unchecked exceptions pass through as well
   * @throws IllegalStateException if the loop was started or opened before
   */
  public void start(SourceFactory factory) throws OsException {
    Objects.requireNonNull(factory, "factory");
    begin();
    Thread.ofPlatform().name(name).daemon(false).start(() -> run(factory));
    boolean interrupted = false;
    while (opened.getCount() > 0) {
      try {
        opened.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (refusal) {
      case null -> {
        // Running.
      }
      case OsException refused -> throw refused;
      case RuntimeException refused -> throw refused;
      case Error refused -> throw refused;
      case Throwable other -> throw new IllegalStateException(other);
    }
  }

  /**
   * Makes the calling thread the loop's thread, for callers that call {@link #turn} themselves.
   *
   * @throws IllegalStateException if the loop was started or opened before
   */
  public EventSource open(SourceFactory factory) throws OsException {
    Objects.requireNonNull(factory, "factory");
    begin();
    return openHere(factory);
  }

  /** A second thread or source would share the first one's mailbox and timers. */
  private void begin() {
    if (begun.getAndSet(true)) {
      throw new IllegalStateException(
          "loop " + name
              + " was started or opened before; a loop runs once, so make a new one");
    }
  }

  private EventSource openHere(SourceFactory factory) throws OsException {
    thread = Thread.currentThread();
    EventSource made = factory.open(this);
    source = made;
    return made;
  }

  /** One turn: tasks of other threads, deadlines, what these left to do, wait, events. */
  public void turn() {
    EventSource from = source;
    if (from == null || !inLoop() || turning) {
      throw new IllegalStateException(
          "loop "
              + name
              + " cannot turn here: it turns on its own thread, after start or open, and not inside a callback");
    }
    turning = true;
    try {
      turnOnce(from);
    } finally {
      turning = false;
    }
  }

  private void turnOnce(EventSource from) {
    runTasks();
    expireDeadlines();
    from.prepare();
    long timeout = timers.untilNext(now);
    if (timeout > 0) {
      // The work of this turn took time, and the next deadline does not wait for it.
      timeout = Math.max(0, timeout - (clock.nanos() - now));
    }
    if (timeout != 0 && !mailbox.fallAsleep()) {
      timeout = 0;
    }
    BUSY_SINCE.setOpaque(this, 0L);
    int events = from.await(timeout);
    mailbox.wakeUp();
    now = clock.nanos();
    BUSY_SINCE.setOpaque(this, now);
    if (events > 0) {
      from.dispatch();
    }
  }

  /**
   * Runs a task on the loop's thread, from any thread, in the order of the calls of one thread.
   *
   * @throws RejectedExecutionException if the mailbox is full or the loop has ended
   */
  public void execute(Runnable task) {
    Objects.requireNonNull(task, "task");
    if (stopping && thread != Thread.currentThread()) {
      throw new RejectedExecutionException("loop " + name + " has been stopped");
    }
    if (!mailbox.offer(task)) {
      if (mailbox.isClosed()) {
        throw new RejectedExecutionException("loop " + name + " has ended");
      }
      throw new RejectedExecutionException(
          "mailbox of loop "
              + name
              + " is full with "
              + mailbox.size()
              + " tasks; slow down, or raise the limit mailboxTasks");
    }
    EventSource target = source;
    if (target != null && mailbox.mustWake()) {
      target.wake();
    }
  }

  /** True on the loop's own thread. */
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  /** The time of this turn, read once per turn. */
  public long now() {
    return now;
  }

  /** The loop's deadlines; the loop's thread only. */
  public Timers timers() {
    return timers;
  }

  /** Where the loop tells what a person should know. */
  public Reporter reporter() {
    return reporter;
  }

  /** The thread's name. */
  public String name() {
    return name;
  }

  /** Asks the loop to end after its current turn, from any thread. */
  public void stop() {
    stopping = true;
    EventSource target = source;
    if (target != null) {
      target.wake();
    }
  }

  /** True if the loop takes no task any more: it was stopped, or it has failed. Any thread. */
  public boolean hasEnded() {
    return stopping;
  }

  /** True once it turns no more: it closes what it holds, or has done so. Any thread. */
  public boolean isClosing() {
    return closing;
  }

  /** True if its thread runs or is in a call of the system, false if it waits for another thread or for time. Any thread. */
  public boolean isRunning() {
    return threadState() == Thread.State.RUNNABLE;
  }

  /** Where its thread is at this moment, for a report: never thrown, and its stack is the loop's. Any thread. */
  public Throwable picture() {
    Throwable picture = new Throwable("stack of " + name);
    picture.setStackTrace(stack());
    return picture;
  }

  /** What ended the loop, or null if it runs or was stopped; the reporter was told of it, too. Any thread. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /** Waits until the thread has ended; true if it has. */
  public boolean join(long timeout, TimeUnit unit) throws InterruptedException {
    Objects.requireNonNull(unit, "unit");
    Thread running = thread;
    return running == null || running.join(Duration.of(timeout, unit.toChronoUnit()));
  }

  /** A reporter that throws must not end the loop or the watchdog that has something to tell. */
  static Reporter guarded(Reporter reporter) {
    return new Reporter() {
      @Override
      public void prepare() {
        try {
          reporter.prepare();
        } catch (Throwable e) {
          tellLogger("the reporter failed to prepare itself", e);
        }
      }

      @Override
      public void report(String sentence, @Nullable Throwable cause) {
        try {
          reporter.report(sentence, cause);
        } catch (Throwable e) {
          tellLogger("the reporter failed while it was told: " + sentence, e);
        }
      }
    };
  }

  /** Out of descriptors or memory a logger may fail as well, and what failed first must not be lost by that. */
  private static void tellLogger(String sentence, Throwable cause) {
    try {
      Reporter.LOGGER.report(sentence, cause);
    } catch (Throwable e) {
      System.err.println(sentence + ": " + cause);
    }
  }

  /** When the current stretch of work began by the loop's clock, or 0 while it waits. */
  long busySince() {
    return (long) BUSY_SINCE.getOpaque(this);
  }

  Clock clock() {
    return clock;
  }

  /** What the loop's thread does at this moment; NEW before it began. */
  Thread.State threadState() {
    Thread running = thread;
    return running == null ? Thread.State.NEW : running.getState();
  }

  private StackTraceElement[] stack() {
    Thread running = thread;
    return running == null ? new StackTraceElement[0] : running.getStackTrace();
  }

  private void run(SourceFactory factory) {
    EventSource made;
    try {
      made = openHere(factory);
    } catch (Throwable e) {
      refusal = e;
      stopping = true;
      opened.countDown();
      return;
    }
    opened.countDown();
    // The first turn's tasks come before any wait.
    BUSY_SINCE.setOpaque(this, clock.nanos());
    try {
      while (!stopping) {
        turn();
      }
    } catch (Throwable e) {
      failure = e;
      stopping = true;
      reporter.report(
          "loop " + name
              + " failed and ends; its connections are closed, and other loops go on; start the program again to have all of them",
          e);
    } finally {
      mailbox.close();
      while (mailbox.size() > 0) {
        runTasks();
      }
      BUSY_SINCE.setOpaque(this, 0L);
      closing = true;
      closeSource(made);
    }
  }

  private void closeSource(EventSource made) {
    try {
      made.close();
    } catch (Throwable e) {
      reporter.report("closing loop " + name + " failed", e);
    }
  }

  private void expireDeadlines() {
    try {
      timers.expire(now);
    } catch (Throwable e) {
      reporter.report("a deadline of loop " + name + " failed", e);
    }
  }

  private void runTasks() {
    for (int i = 0; i < TASKS_PER_TURN; i++) {
      Runnable task = mailbox.poll();
      if (task == null) {
        return;
      }
      try {
        task.run();
      } catch (Throwable e) {
        reporter.report("a task given to loop " + name + " failed", e);
      }
    }
  }
}
