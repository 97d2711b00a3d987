package io.janus.loop;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tells of a loop that has not come back to its wait for too long, with the stack of what holds it. */
public final class Watchdog implements AutoCloseable {
  private final List<EventLoop> loops;
  private final long limitNanos;
  private final Reporter reporter;
  private final long[] reported;
  private final Thread thread;

  /**
   * Starts watching.
   *
   * @param limitMillis how long a loop may be busy without a wait
   */
  public Watchdog(List<EventLoop> loops, int limitMillis, Reporter reporter) {
    this.loops = List.copyOf(loops);
    this.limitNanos = TimeUnit.MILLISECONDS.toNanos(limitMillis);
    this.reporter = reporter;
    this.reported = new long[loops.size()];
    this.thread =
        Thread.ofPlatform().name("janus-watchdog").daemon(true).start(() -> watch(limitMillis));
  }

  private void watch(int limitMillis) {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(Math.max(10, limitMillis / 4));
        for (int i = 0; i < loops.size(); i++) {
          look(i);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(int i) {
    EventLoop loop = loops.get(i);
    long since = loop.busySince();
    if (since == 0 || since == reported[i]) {
      return;
    }
    long busy = loop.clock().nanos() - since;
    if (busy < limitNanos) {
      return;
    }
    reported[i] = since;
    Throwable stack = new Throwable("stack of " + loop.name());
    stack.setStackTrace(loop.stack());
    reporter.report(
        "loop "
            + loop.name()
            + " has been held by one piece of work for "
            + TimeUnit.NANOSECONDS.toMillis(busy)
            + " ms; move what blocks to another thread",
        stack);
  }

  /** Ends watching. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
