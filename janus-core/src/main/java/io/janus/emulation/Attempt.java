package io.janus.emulation;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.buffer.Custody;
import io.janus.completion.OperationTable;
import io.janus.ffi.ErrorCode;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tries an operation on its socket now: the result, or WOULD_BLOCK if it has to wait (longer). */
final class Attempt {
  private final Sockets sockets;
  private final BufferPool pool;
  private final OperationTable operations;

  Attempt(Sockets sockets, BufferPool pool, OperationTable operations) {
    this.sockets = sockets;
    this.pool = Objects.requireNonNull(pool, "pool");
    this.operations = operations;
  }

  /** A new socket, or an error. */
  long accept(PollingHandle listener) {
    long socket = sockets.accept(listener.socket);
    listener.drained = socket == ErrorCode.WOULD_BLOCK;
    return socket;
  }

  /** The peer's address of a socket just accepted; null if it is gone already. */
  @Nullable
  Address peer(long socket) {
    return sockets.peerAddress(socket);
  }

  int receive(int slot, PollingHandle handle) {
    Buffer own = operations.buffer(slot);
    if (own != null) {
      return receiveInto(own, handle);
    }
    Buffer picked = pool.acquire();
    if (picked == null) {
      return ErrorCode.NO_BUFFER;
    }
    int result = receiveInto(picked, handle);
    if (result > 0) {
      Custody.give(picked, Custody.RECEIVE);
      operations.setBuffer(slot, picked);
    } else {
      picked.release();
    }
    return result;
  }

  private int receiveInto(Buffer buffer, PollingHandle handle) {
    int room = Custody.limit(buffer) - Custody.writeIndex(buffer);
    int result = sockets.receive(handle.socket, buffer);
    handle.drained = result == ErrorCode.WOULD_BLOCK || (result > 0 && result < room);
    return result;
  }

  int send(int slot, PollingHandle handle) {
    int count = operations.gatherCount(slot);
    if (count > 0) {
      return sockets.sendAll(handle.socket, operations.gather(slot), count);
    }
    Buffer buffer = operations.buffer(slot);
    return buffer == null ? ErrorCode.INVALID : sockets.send(handle.socket, buffer);
  }
}
