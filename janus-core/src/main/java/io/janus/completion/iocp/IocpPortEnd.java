package io.janus.completion.iocp;

import static io.janus.completion.OperationTable.NONE;

import io.janus.completion.Operation;
import io.janus.ffi.ErrorCode;
import java.util.concurrent.TimeUnit;

/**
 * The end of a port's operations and sockets: everything in flight is asked to end and awaited, because the system may write to its
 * memory until then, and because a socket that is closed with an operation in flight can end a stranger's. That goes on for as long as
 * something ends, however much there is.
 */
final class IocpPortEnd {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int PACKETS = 256;

  private final IocpParts parts;
  private final IocpReaper reaper;
  private final IocpAcceptor acceptor;

  IocpPortEnd(IocpParts parts, IocpReaper reaper, IocpAcceptor acceptor) {
    this.parts = parts;
    this.reaper = reaper;
    this.acceptor = acceptor;
  }

  /**
   * Takes the buffers of all that ends home and closes the sockets.
   *
   * @throws IllegalStateException if nothing has ended for too long; it can be tried again
   */
  void run() {
    parts.ending = true;
    parts.handles.forEachOpen(this::cancelOn);
    int fewest = parts.pending;
    long since = System.nanoTime();
    while (parts.pending > 0 && System.nanoTime() - since < PATIENCE_NANOS) {
      reaper.dequeue(PACKETS, TURN_NANOS);
      reaper.drop();
      if (parts.pending < fewest) {
        fewest = parts.pending;
        since = System.nanoTime();
      }
    }
    reaper.drop();
    if (parts.pending > 0) {
      // The system may still write to their memory, so nothing of it is given back: a leak, told by the pool, not a crash.
      throw new IllegalStateException(
          parts.pending
              + " operations did not end when the completion port was closed, so their memory stays; close it again to go on");
    }
    parts.handles.forEachOpen(
        handle -> {
          parts.sockets.closeSocket(handle.socket);
          parts.handles.give(handle);
        });
  }

  private void cancelOn(IocpHandle handle) {
    AcceptSockets accepts = handle.accepts;
    if (accepts != null && handle.taking != NONE
        && parts.operations.kind(handle.taking) == Operation.ACCEPT) {
      acceptor.end(handle, accepts, ErrorCode.CANCELLED);
    }
    if (handle.takingPends || handle.givingPends) {
      parts.instance.cancel(handle.socket, 0);
    }
  }
}
