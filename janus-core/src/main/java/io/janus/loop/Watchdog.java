package io.janus.loop;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells of a loop that has not come back to its wait for too long, once for each such stretch, with the stack of what it does then:
 * one long callback, or the last of many short ones.
 *
 * <p>A loop that waits inside a callback is told at the limit. One that runs may only have had no processor: with more loops than
 * processors it is told when it would have had the limit's time if all loops had run all the while. What other programs take
 * away is not known, so on an overloaded machine a loop may be told that did nothing wrong; the stack shows it.
 */
public final class Watchdog implements AutoCloseable {
  private final List<EventLoop> loops;
  private final long waitingLimit;
  private final long runningLimit;
  private final Reporter reporter;
  private final long[] reported;
  private @Nullable Thread thread;

  /**
   * Starts watching.
   *
   * @param limitMillis how long a loop may be busy without a wait
   */
  public Watchdog(List<EventLoop> loops, int limitMillis, Reporter reporter) {
    this(loops, limitMillis, reporter, Runtime.getRuntime().availableProcessors());
    thread =
        Thread.ofPlatform().name("janus-watchdog").daemon(true).start(() -> watch(limitMillis));
  }

  /** A watchdog that looks only when it is told to. */
  Watchdog(List<EventLoop> loops, int limitMillis, Reporter reporter, int processors) {
    this.loops = List.copyOf(Objects.requireNonNull(loops, "loops"));
    this.waitingLimit = TimeUnit.MILLISECONDS.toNanos(limitMillis);
    this.runningLimit = waitingLimit * Math.max(processors, loops.size()) / processors;
    this.reporter = EventLoop.guarded(Objects.requireNonNull(reporter, "reporter"));
    this.reported = new long[loops.size()];
  }

  private void watch(int limitMillis) {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(Math.max(10, limitMillis / 4));
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Looks at every loop. */
  void look() {
    for (int i = 0; i < loops.size(); i++) {
      look(i);
    }
  }

  private void look(int i) {
    EventLoop loop = loops.get(i);
    long since = loop.busySince();
    if (since == 0 || since == reported[i]) {
      return;
    }
    boolean runs = loop.isRunning();
    long busy = loop.clock().nanos() - since;
    if (busy < (runs ? runningLimit : waitingLimit)) {
      return;
    }
    reported[i] = since;
    reporter.report(
        "loop "
            + loop.name()
            + " has not come back to its wait for "
            + TimeUnit.NANOSECONDS.toMillis(busy)
            + " ms and "
            + (runs
                ? "runs; move long work to another thread, or have less in one turn"
                : "waits in a callback; move what blocks to another thread"),
        loop.picture());
  }

  /** Ends watching. */
  @Override
  public void close() {
    Thread watching = thread;
    if (watching != null) {
      watching.interrupt();
    }
  }
}
