package io.janus.examples;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Which worker took how many completions, in the order of the takes, to within the few instructions between a take and its
 * entry; and how often a completion sat in one worker's batch while another worker had nothing to do.
 */
final class TakeLog {
  /** Completions in one window of {@link #largestShare}. */
  private static final int WINDOW = 1_000;

  private final int workers;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger idle = new AtomicInteger();
  private final LongAdder heldBesideIdle = new LongAdder();

  /** Worker and count of each take; takes beyond it are not looked at. */
  private final long[] takes = new long[1 << 21];

  TakeLog(int workers) {
    this.workers = workers;
  }

  void waits() {
    idle.getAndIncrement();
  }

  void took(int worker, int count) {
    idle.getAndDecrement();
    if (count > 0) {
      int at = next.getAndIncrement();
      if (at < takes.length) {
        takes[at] = (long) worker << 32 | count;
      }
    }
  }

  boolean anyIdle() {
    return idle.get() > 0;
  }

  /** A completion behind the first of its batch was handled while another worker waited and found nothing. */
  void heldBack() {
    heldBesideIdle.increment();
  }

  int takes() {
    return Math.min(next.get(), takes.length);
  }

  long completions() {
    return Arrays.stream(perWorker()).sum();
  }

  double completionsPerTake() {
    return (double) completions() / takes();
  }

  /** Percent of all completions that the busiest worker took, beside those of the least busy one. */
  double[] shares() {
    long[] each = perWorker();
    double all = completions() / 100.0;
    return new double[] {Arrays.stream(each).max().orElse(0) / all,
      Arrays.stream(each).min().orElse(0) / all};
  }

  /** Percent that one worker took of a window of completions in a row: the largest of each window, on average. */
  double largestShare() {
    long[] inWindow = new long[workers];
    long left = WINDOW;
    long windows = 0;
    double sum = 0;
    for (int i = 0; i < takes(); i++) {
      for (long count = (int) takes[i]; count > 0;) {
        long part = Math.min(count, left);
        inWindow[worker(i)] += part;
        count -= part;
        left -= part;
        if (left == 0) {
          sum += Arrays.stream(inWindow).max().orElse(0) * 100.0 / WINDOW;
          windows++;
          Arrays.fill(inWindow, 0);
          left = WINDOW;
        }
      }
    }
    return windows == 0 ? 100 : sum / windows;
  }

  /** The most completions in a row that one worker took. */
  long longestStretch() {
    long longest = 0;
    long stretch = 0;
    for (int i = 0; i < takes(); i++) {
      boolean same = i > 0 && worker(i) == worker(i - 1);
      stretch = (same ? stretch : 0) + (int) takes[i];
      longest = Math.max(longest, stretch);
    }
    return longest;
  }

  /** Completions in a row that one worker took, on average. */
  double meanStretch() {
    long stretches = 0;
    for (int i = 0; i < takes(); i++) {
      stretches += i == 0 || worker(i) != worker(i - 1) ? 1 : 0;
    }
    return (double) completions() / stretches;
  }

  /** Percent of completions that waited in a batch while another worker was idle. */
  double heldBesideIdle() {
    return heldBesideIdle.sum() * 100.0 / completions();
  }

  private long[] perWorker() {
    long[] each = new long[workers];
    for (int i = 0; i < takes(); i++) {
      each[worker(i)] += (int) takes[i];
    }
    return each;
  }

  private int worker(int take) {
    return (int) (takes[take] >> 32);
  }
}
