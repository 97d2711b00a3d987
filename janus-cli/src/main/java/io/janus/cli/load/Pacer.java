package io.janus.cli.load;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Wakes the loops of an open load when messages fall due, more finely than their deadlines could. How late it is stands in the
 * report, and the latencies count from the intended moment, so lateness is never hidden.
 */
final class Pacer implements AutoCloseable {
  private static final long SHORTEST_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final List<LoadLoop> loops;
  private final long start;
  private final double intervalNanos;
  private final Thread thread;
  private volatile boolean closed;

  Pacer(List<LoadLoop> loops, long start, int ratePerSecond) {
    this.loops = loops;
    this.start = start;
    this.intervalNanos = (double) TimeUnit.SECONDS.toNanos(1) / ratePerSecond;
    this.thread = Thread.ofPlatform().name("janus-pacer").daemon(true).start(this::run);
  }

  private void run() {
    while (!closed) {
      long now = System.nanoTime();
      double passed = (now - start) / intervalNanos;
      long untilNext = (long) ((Math.floor(passed) + 1 - passed) * intervalNanos);
      LockSupport.parkNanos(Math.clamp(untilNext, SHORTEST_NANOS, LONGEST_NANOS));
      loops.forEach(LoadLoop::wakeForSchedule);
    }
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    LockSupport.unpark(thread);
    thread.join();
  }
}
