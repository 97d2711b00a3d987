package io.janus.cli.load;

import java.util.concurrent.atomic.AtomicInteger;

/** How many active connections live, and when the last one ended; told by the loops, asked by the command's thread. */
final class Survival {
  private final AtomicInteger active = new AtomicInteger();
  private volatile long lastEndedAt;

  void opened() {
    active.incrementAndGet();
  }

  void closed() {
    // Written before the count falls, so that whoever sees it at zero sees the moment as well.
    lastEndedAt = System.nanoTime();
    active.decrementAndGet();
  }

  boolean isOver() {
    return active.get() == 0;
  }

  /** The moment of the last end, moved into the window. */
  long clampedEnd(long beganAt, long now) {
    return beganAt + Math.clamp(lastEndedAt - beganAt, 0, now - beganAt);
  }
}
