package io.janus.completion.uring;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.completion.Completions;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.socket.Address;
import org.jspecify.annotations.Nullable;

/** The last step of an operation on a ring: its buffers go back, what waits behind it goes on, and its completion goes out. */
final class UringDelivery {
  private final UringLater later;
  private final OperationTable operations;
  private boolean ending;

  UringDelivery(UringLater later, OperationTable operations) {
    this.later = later;
    this.operations = operations;
  }

  /** An operation other than an accept or receive has ended by its only word. */
  void ended(UringHandle handle, int slot, int result, Completions out) {
    Operation kind = operations.kind(slot);
    if (kind == Operation.SEND && result > 0) {
      sent(slot, result);
    }
    end(handle, slot, kind == Operation.SEND || kind == Operation.CONNECT, result, out);
  }

  /** Bytes have left the buffers of a send. */
  void sent(int slot, int bytes) {
    Buffer buffer = operations.buffer(slot);
    int count = operations.gatherCount(slot);
    if (count > 0) {
      Custody.sent(operations.gather(slot), count, bytes);
    } else if (buffer != null) {
      Custody.sent(buffer, bytes);
    }
  }

  /**
   * An operation other than an accept or receive is over.
   *
   * @param makesWay the next send may come
   */
  void end(UringHandle handle, int slot, boolean makesWay, int result, Completions out) {
    Buffer buffer = operations.buffer(slot);
    int count = operations.gatherCount(slot);
    if (count > 0) {
      Custody.giveBackAll(operations.gather(slot), count);
      for (int i = 1; ending && i < count; i++) {
        operations.gather(slot)[i].release();
      }
    } else if (buffer != null) {
      Custody.giveBack(buffer);
    }
    if (makesWay) {
      makeWay(handle);
    }
    handle.inFlight--;
    put(slot, result, false, operations.handle(slot), buffer, null, out);
  }

  /** Nothing is being sent on a handle any more. */
  void makeWay(UringHandle handle) {
    handle.gave();
    later.gaveOrSent(handle);
  }

  void put(int slot, int result, boolean more, long handle, @Nullable Buffer buffer,
      @Nullable Address peer, Completions out) {
    out.put(
        operations.kind(slot), operations.token(slot), result, more, handle, buffer, peer);
    if (!more) {
      operations.release(slot);
    }
  }

  /** What ends from now on has no taker: the buffers behind the first of a gathered send are released here. */
  void beginEnding() {
    ending = true;
  }
}
