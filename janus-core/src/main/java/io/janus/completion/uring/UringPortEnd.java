package io.janus.completion.uring;

import static io.janus.completion.OperationTable.NONE;

import io.janus.buffer.Buffer;
import io.janus.completion.Completions;
import io.janus.completion.HandleTable;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringSqe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The end of a ring's operations and handles: everything in flight is asked to end and awaited, because the kernel may write to its
 * memory until then. That goes on for as long as something ends, however much there is.
 */
final class UringPortEnd {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** After a loss nothing is said of what was lost, however long one waits. */
  private static final long LOSSY_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** The answers to so many questions find room in any completion queue. */
  private static final int ASKED_AT_ONCE = 256;

  /** What came too late for its caller waits behind what is in the completion queue, which one turn empties. */
  private static final int MOST_LATE_TURNS = 16;

  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final UringReaper reaper;
  private final UringWait wait;
  private final UringInstance instance;
  private final UringLoan loan;
  private final UringUncopiedSends sends;
  private final UringLater later;
  private final OperationTable operations;
  private final HandleTable<UringHandle> handles;
  private final Completions lost = new Completions(64);

  UringPortEnd(
      UringReaper reaper,
      UringWait wait,
      UringInstance instance,
      UringLoan loan,
      UringUncopiedSends sends,
      UringLater later,
      OperationTable operations,
      HandleTable<UringHandle> handles) {
    this.reaper = reaper;
    this.wait = wait;
    this.instance = instance;
    this.loan = loan;
    this.sends = sends;
    this.later = later;
    this.operations = operations;
    this.handles = handles;
  }

  /**
   * Takes the buffers of all that ends home and closes the handles.
   *
   * @throws IllegalStateException if nothing has ended for too long; it can be tried again
   */
  void run() {
    reaper.beginEnding();
    for (int slot = operations.nextInFlight(0); slot != NONE; slot = operations.nextInFlight(
        slot + 1)) {
      reaper.cancel(slot);
    }
    int before;
    do {
      before = operations.inFlight();
      turnWhileSomethingEnds();
      endLost();
    } while (operations.inFlight() > 0 && operations.inFlight() < before);
    if (operations.inFlight() > 0) {
      // The kernel may still write to their memory, so nothing of it is given back: a leak, told by the pool, not a crash.
      throw new IllegalStateException(
          operations.inFlight()
              + " operations did not end when the ring was closed, so its memory stays; close it again to go on");
    }
    for (int i = 0; i < MOST_LATE_TURNS && instance.awaitsLate(); i++) {
      turn();
    }
    handles.forEachOpen(
        handle -> {
          loan.close(handle);
          handles.give(handle);
        });
  }

  private void turnWhileSomethingEnds() {
    long patience = wait.isLossy() ? LOSSY_PATIENCE_NANOS : PATIENCE_NANOS;
    int fewest = operations.inFlight();
    long since = System.nanoTime();
    while (operations.inFlight() > 0 && System.nanoTime() - since < patience) {
      turn();
      if (operations.inFlight() < fewest) {
        fewest = operations.inFlight();
        since = System.nanoTime();
      }
    }
  }

  /** Ends what the kernel does not know any more although its end has not come: the kernel had no memory to tell it. */
  private void endLost() {
    List<Long> unknown = new ArrayList<>();
    int asked = 0;
    for (int slot = operations.nextInFlight(0); slot != NONE; slot = operations.nextInFlight(
        slot + 1)) {
      if (++asked % ASKED_AT_ONCE == 0) {
        turn();
      }
      if (isUnknown(operations.id(slot)) && !later.holds(slot) && hasLetGo(slot)) {
        unknown.add(operations.id(slot));
      }
    }
    if (!unknown.isEmpty()) {
      // What has ended only now tells so itself.
      turn();
      for (long operation : unknown) {
        reaper.lose(operation, lost);
        // One by one, because there may be more of them than a batch has room for.
        releaseLost();
      }
    }
  }

  private boolean isUnknown(long operation) {
    return instance.now(UringSqe.head(Uring.OP_ASYNC_CANCEL, 0, 0, -1), 0, operation, 0, 0,
        0) == ErrorCode.NOT_FOUND;
  }

  /** An uncopied send can be over for the ring while the network still has its bytes; only the end of the socket is sure. */
  private boolean hasLetGo(int slot) {
    UringHandle handle = handles.find(operations.handle(slot));
    return handle == null || sends.find(slot) == null || handle.isCut
        || loan.disconnect(handle) >= 0;
  }

  private void turn() {
    reaper.beforeEnter();
    // The kernel hands out what is waited for, and a few at a time else.
    wait.enter(Math.min(operations.inFlight(), instance.completions.capacity()), TURN_NANOS);
    do {
      releaseLost();
      reaper.reap(lost);
    } while (lost.count() > 0);
  }

  private void releaseLost() {
    for (int i = 0; i < lost.count(); i++) {
      Buffer buffer = lost.buffer(i);
      if (buffer != null) {
        buffer.release();
      }
    }
    lost.clear();
  }
}
