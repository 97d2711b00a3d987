package io.janus.completion.uring;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.completion.Completions;
import io.janus.completion.HandleTable;
import io.janus.completion.OperationTable;
import java.util.concurrent.TimeUnit;

/**
 * The end of a ring: everything in flight is asked to end and awaited, because the kernel may write to its memory until then. That
 * goes on for as long as something ends, however much there is.
 */
final class UringEnding {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final UringReaper reaper;
  private final UringWait wait;
  private final CompletionRing ring;
  private final OperationTable operations;
  private final HandleTable<UringHandle> handles;
  private final Completions lost = new Completions(64);

  UringEnding(
      UringReaper reaper,
      UringWait wait,
      CompletionRing ring,
      OperationTable operations,
      HandleTable<UringHandle> handles) {
    this.reaper = reaper;
    this.wait = wait;
    this.ring = ring;
    this.operations = operations;
    this.handles = handles;
  }

  /** Takes the buffers of all that ends home. True if nothing is in flight any more, false if nothing has ended for too long. */
  boolean run() {
    reaper.beginEnding();
    handles.forEachOpen(this::cancelOn);
    int fewest = Integer.MAX_VALUE;
    long since = System.nanoTime();
    while (operations.inFlight() > 0 && System.nanoTime() - since < PATIENCE_NANOS) {
      if (operations.inFlight() < fewest) {
        fewest = operations.inFlight();
        since = System.nanoTime();
      }
      turn();
    }
    return operations.inFlight() == 0;
  }

  private void turn() {
    reaper.beforeEnter();
    // The kernel hands out what is waited for, and a few at a time else.
    wait.enter(Math.min(operations.inFlight(), ring.capacity()), TURN_NANOS);
    do {
      lost.clear();
      reaper.reap(lost);
      for (int i = 0; i < lost.count(); i++) {
        Buffer buffer = lost.buffer(i);
        if (buffer != null) {
          buffer.release();
        }
      }
    } while (lost.count() > 0);
  }

  private void cancelOn(UringHandle handle) {
    if (handle.taking != NONE) {
      reaper.cancel(handle.taking);
    }
    if (handle.giving != NONE) {
      reaper.cancel(handle.giving);
    }
  }
}
