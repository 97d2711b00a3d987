package io.janus.examples;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import java.util.concurrent.TimeUnit;

/**
 * The rest after an accept that failed, for the two raw loops. A connection that waits for a descriptor keeps its listener readable,
 * so a loop that tried again at once would do nothing else.
 */
final class AcceptRest {
  private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private boolean resting;
  private boolean told;
  private long begun;

  AcceptRest() {
    // Out of descriptors no class can be read any more, so the words for that are read now.
    OsError.of(ErrorCode.OUT_OF_DESCRIPTORS);
  }

  /** True if it begins: the accept has failed for a reason that a second try at once would find again. Says so the first time. */
  boolean begin(long accepted) {
    if (accepted >= 0
        || accepted == ErrorCode.WOULD_BLOCK
        || accepted == ErrorCode.CONNECTION_ABORTED) {
      return false;
    }
    resting = true;
    begun = System.nanoTime();
    if (!told) {
      told = true;
      System.err.println(
          "accept: " + OsError.of(accepted)
              + "; tried again every 100 ms until it works, this line comes once");
    }
    return true;
  }

  /** How long a loop may wait for events: for ever (−1 for pollers and ports alike) where there is no rest to end. */
  long left() {
    return resting ? Math.max(0, begun + NANOS - System.nanoTime()) : -1;
  }

  /** True once, when it is time to try again. */
  boolean isOver() {
    if (!resting || left() > 0) {
      return false;
    }
    resting = false;
    return true;
  }
}
