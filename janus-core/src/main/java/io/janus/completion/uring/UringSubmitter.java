package io.janus.completion.uring;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.ffi.linux.Iovec;
import io.janus.ffi.linux.Msghdr;
import io.janus.ffi.linux.SocketConstant;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringSqe;
import io.janus.socket.Address;
import io.janus.socket.AddressBytes;
import java.lang.foreign.MemorySegment;

/**
 * Writes the submission entry of each operation. The caller has made sure that there is room; the kernel sees the entries at the
 * next enter, all at once.
 */
final class UringSubmitter {
  /** The name of the watch on the wake-up eventfd. */
  static final long WAKER = -3;

  private static final int POLL_IN_EDGE = 1 | 1 << 31;

  private final SubmissionRing ring;

  /** Sends of so many bytes and more are not copied into the kernel. */
  private final int zeroCopyBytes;

  /**
   * @param zeroCopyBytes 0 = every send is copied
   */
  UringSubmitter(SubmissionRing ring, int zeroCopyBytes) {
    this.ring = ring;
    this.zeroCopyBytes = zeroCopyBytes == 0 ? Integer.MAX_VALUE : zeroCopyBytes;
  }

  boolean copiesNothing() {
    return zeroCopyBytes < Integer.MAX_VALUE;
  }

  void accept(UringHandle listener, long operation, boolean repeat, boolean direct) {
    // A direct descriptor cannot be closed on exec, because it is never inherited.
    int flags = direct ? 0 : SocketConstant.SOCK_NONBLOCK | SocketConstant.SOCK_CLOEXEC;
    ring.add(
        head(Uring.OP_ACCEPT, listener, 0, repeat ? Uring.ACCEPT_MULTISHOT : 0),
        0,
        0,
        UringSqe.pair(0, flags),
        operation,
        UringSqe.pair(0, direct ? Uring.FILE_INDEX_ALLOC : 0),
        0);
  }

  /**
   * Receives into a provided buffer, which the kernel picks when bytes exist.
   *
   * @param most bytes after which a repeated one ends by itself; 0 for no bound
   */
  void receive(UringHandle handle, long operation, int most) {
    // Without bytes in the socket a try would only fail, and take a buffer for it; so the kernel waits first.
    int how =
        (handle.repeats ? Uring.RECV_MULTISHOT : 0) | (handle.holdsMore ? 0 : Uring.POLL_FIRST);
    ring.add(
        head(Uring.OP_RECV, handle, Uring.SQE_BUFFER_SELECT, how),
        0,
        0,
        0,
        operation,
        UringSqe.pair(ProvidedBuffers.GROUP, handle.repeats ? most : 0),
        0);
  }

  void receive(UringHandle handle, long operation, Buffer into) {
    int at = Custody.writeIndex(into);
    ring.add(
        head(Uring.OP_RECV, handle, 0, 0),
        0,
        Custody.memory(into).address() + at,
        UringSqe.pair(Custody.limit(into) - at, 0),
        operation,
        0,
        0);
  }

  void connect(UringHandle handle, long operation, Address peer, MemorySegment cell) {
    int bytes = AddressBytes.encode(cell, peer);
    ring.add(head(Uring.OP_CONNECT, handle, 0, 0), bytes, cell.address(), 0, operation, 0, 0);
  }

  void send(UringHandle handle, long operation, Buffer from) {
    int at = Custody.readIndex(from);
    int bytes = Custody.writeIndex(from) - at;
    ring.add(
        head(bytes < zeroCopyBytes ? Uring.OP_SEND : Uring.OP_SEND_ZC, handle, 0, 0),
        0,
        Custody.memory(from).address() + at,
        UringSqe.pair(bytes, SocketConstant.MSG_NOSIGNAL),
        operation,
        0,
        0);
  }

  void send(UringHandle handle, long operation, Buffer[] from, int count, MemorySegment cell) {
    MemorySegment message = UringScratch.message(cell);
    MemorySegment vectors = UringScratch.vectors(cell);
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      int at = Custody.readIndex(from[i]);
      int part = Custody.writeIndex(from[i]) - at;
      Iovec.set(vectors, i, Custody.memory(from[i]).address() + at, part);
      bytes += part;
    }
    Msghdr.setVectors(message, vectors, count);
    ring.add(
        head(bytes < zeroCopyBytes ? Uring.OP_SENDMSG : Uring.OP_SENDMSG_ZC, handle, 0, 0),
        0,
        message.address(),
        UringSqe.pair(1, SocketConstant.MSG_NOSIGNAL),
        operation,
        0,
        0);
  }

  void close(UringHandle handle, long operation) {
    // The one operation that names a direct descriptor by its index plus one instead of by a flag.
    int fd = handle.direct ? 0 : handle.fd;
    int index = handle.direct ? handle.fd + 1 : 0;
    ring.add(
        UringSqe.head(Uring.OP_CLOSE, 0, 0, fd), 0, 0, 0, operation, UringSqe.pair(0, index), 0);
  }

  void shutdownOutput(UringHandle handle, long operation) {
    ring.add(
        head(Uring.OP_SHUTDOWN, handle, 0, 0), 0, 0, UringSqe.pair(SocketConstant.SHUT_WR, 0),
        operation, 0, 0);
  }

  /** Ends without doing anything, for an operation whose result is known already. */
  void nothing(long operation) {
    ring.add(UringSqe.head(Uring.OP_NOP, 0, 0, -1), 0, 0, 0, operation, 0, 0);
  }

  void cancel(long target) {
    ring.add(
        UringSqe.head(Uring.OP_ASYNC_CANCEL, Uring.SQE_CQE_SKIP_SUCCESS, 0, -1),
        0,
        target,
        0,
        UringInstance.IGNORED,
        0,
        0);
  }

  void watchWaker(int eventfd) {
    ring.add(
        UringSqe.head(Uring.OP_POLL_ADD, 0, 0, eventfd),
        0,
        0,
        UringSqe.pair(Uring.POLL_MULTISHOT, POLL_IN_EDGE),
        WAKER,
        0,
        0);
  }

  private static long head(int opcode, UringHandle handle, int flags, int ioprio) {
    int how = handle.direct ? flags | Uring.SQE_FIXED_FILE : flags;
    return UringSqe.head(opcode, how, ioprio, handle.fd);
  }
}
