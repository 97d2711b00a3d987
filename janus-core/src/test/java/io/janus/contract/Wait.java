package io.janus.contract;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for conditions, generously: a condition that comes true late is no failure, one that never does is. */
public final class Wait {
  /** How long a condition may take before the test fails. */
  public static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private Wait() {}

  /** Looks every millisecond until the condition is true. */
  public static void until(String what, BooleanSupplier condition) {
    until(what, condition, Wait::aMoment);
  }

  /** Takes steps until the condition is true. */
  public static void until(String what, BooleanSupplier condition, Runnable step) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - start > DEADLINE_NANOS) {
        throw new AssertionError("waited in vain until " + what);
      }
      step.run();
    }
  }

  private static void aMoment() {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting", e);
    }
  }
}
