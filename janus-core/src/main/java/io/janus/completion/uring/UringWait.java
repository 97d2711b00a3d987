package io.janus.completion.uring;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The call that submits, waits and has the kernel bring what has ended; and what is done where it does only a part of that. */
final class UringWait {
  private static final int TIMED_OUT = -62;
  /** Long enough not to spin, short enough for entries that the kernel has refused. */
  private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** A completion was dropped, because the kernel had no memory for it. */
  private static final int DROPPED = -53;

  private final UringInstance instance;

  /** A completion was dropped: a wait could be for that one, so from now on this looks, and rests itself. */
  private boolean lossy;

  UringWait(UringInstance instance) {
    this.instance = instance;
  }

  /** True if a completion was dropped. Its operation ends by the end of the ring only. */
  boolean isLossy() {
    return lossy;
  }

  /**
   * Submits what waits, and waits for completions, but never while completions wait in the kernel.
   *
   * @param least completions to wait for
   * @param timeoutNanos 0 looks only, below zero waits without end
   */
  void enter(int least, long timeoutNanos) {
    boolean sleeps = timeoutNanos != 0 && !lossy && !instance.submissions.hasOverflow();
    check(instance.enter(sleeps ? least : 0, timeoutNanos));
    if (instance.submissions.waiting() > 0) {
      // Cut short, as the kernel does that has no memory for an entry: then it has neither brought what has ended nor waited.
      check(instance.look(0, 0));
      if (sleeps && instance.completions.isEmpty()) {
        check(instance.look(1, aMoment(timeoutNanos)));
      }
    }
    if (lossy && timeoutNanos != 0 && instance.completions.isEmpty()) {
      LockSupport.parkNanos(aMoment(timeoutNanos));
    }
  }

  /** The time, but no longer than something may stay undone that could not be done for the moment. */
  static long aMoment(long timeoutNanos) {
    return timeoutNanos < 0 ? MOMENT_NANOS : Math.min(timeoutNanos, MOMENT_NANOS);
  }

  private void check(int result) {
    if (result == DROPPED) {
      lossy = true;
    } else if (result < 0 && !isPassing(result)) {
      throw new IllegalStateException("io_uring_enter: " + OsError.of(result));
    }
  }

  /** True for answers of io_uring_enter after which one simply goes on: no time left, a signal, no memory now. */
  private static boolean isPassing(int result) {
    return result == TIMED_OUT
        || result == ErrorCode.INTERRUPTED
        || result == ErrorCode.WOULD_BLOCK
        || result == ErrorCode.BUSY
        || result == ErrorCode.NO_MEMORY;
  }
}
