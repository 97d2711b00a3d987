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
  private final UringScratch scratch;
  private final MemorySegment linger;

  /** Bytes after which a repeated receive ends by itself, so that a pause is not overrun by much; 0 where there is no bound. */
  private final int repeatedBytes;

  /** What is accepted gets an index of the ring's own table. */
  private final boolean acceptsDirect;

  /**
   * @param repeatedBytes 0 = a repeated receive ends by no bound
   */
  UringSubmitter(UringInstance instance, int repeatedBytes, boolean acceptsDirect) {
    this.ring = instance.submissions;
    this.scratch = new UringScratch(instance);
    this.linger = instance.linger();
    this.repeatedBytes = repeatedBytes;
    this.acceptsDirect = acceptsDirect;
  }

  /** True if an entry can be added that points to an address or a gather list, after a submit if all cells are in use. */
  boolean hasCell() {
    return scratch.hasRoom();
  }

  void accept(UringHandle listener, long operation) {
    // A direct descriptor cannot be closed on exec, because it is never inherited. A lent one must not wait in calls of its own.
    int flags = SocketConstant.SOCK_NONBLOCK | (acceptsDirect ? 0 : SocketConstant.SOCK_CLOEXEC);
    ring.add(
        head(Uring.OP_ACCEPT, listener, 0, listener.repeats ? Uring.ACCEPT_MULTISHOT : 0),
        0,
        0,
        UringSqe.pair(0, flags),
        operation,
        UringSqe.pair(0, acceptsDirect ? Uring.FILE_INDEX_ALLOC : 0),
        0);
  }

  /** Receives into a provided buffer, which the kernel picks when bytes exist. */
  void receive(UringHandle handle, long operation) {
    // A receive that repeats and waits first takes what has come before it began and then waits for news, and an error behind those bytes
    // is none any more: it would never be told. So the first one waits and is single, and one behind bytes looks first and repeats.
    boolean repeats = handle.repeats && handle.broughtBytes;
    // Without bytes in the socket a look only fails, and takes a buffer for it, so a single one looks only if bytes are left.
    boolean looks = repeats || handle.holdsMore;
    ring.add(
        head(
            Uring.OP_RECV, handle, Uring.SQE_BUFFER_SELECT,
            (repeats ? Uring.RECV_MULTISHOT : 0) | (looks ? 0 : Uring.POLL_FIRST)),
        0,
        0,
        0,
        operation,
        UringSqe.pair(ProvidedBuffers.GROUP, repeats ? repeatedBytes : 0),
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

  void connect(UringHandle handle, long operation, Address peer) {
    MemorySegment cell = scratch.take();
    int bytes = AddressBytes.encode(cell, peer);
    ring.add(head(Uring.OP_CONNECT, handle, 0, 0), bytes, cell.address(), 0, operation, 0, 0);
  }

  void send(UringHandle handle, long operation, Buffer from, boolean uncopied) {
    int at = Custody.readIndex(from);
    ring.add(
        head(uncopied ? Uring.OP_SEND_ZC : Uring.OP_SEND, handle, 0, 0),
        0,
        Custody.memory(from).address() + at,
        UringSqe.pair(Custody.writeIndex(from) - at, SocketConstant.MSG_NOSIGNAL),
        operation,
        0,
        0);
  }

  void send(UringHandle handle, long operation, Buffer[] from, int count, boolean uncopied) {
    MemorySegment cell = scratch.take();
    MemorySegment message = UringScratch.message(cell);
    MemorySegment vectors = UringScratch.vectors(cell);
    int used = 0;
    for (int i = 0; i < count; i++) {
      int at = Custody.readIndex(from[i]);
      int part = Custody.writeIndex(from[i]) - at;
      // Of the rest of a send the first buffers have been sent.
      if (part > 0) {
        Iovec.set(vectors, used++, Custody.memory(from[i]).address() + at, part);
      }
    }
    Msghdr.setVectors(message, vectors, used);
    ring.add(
        head(uncopied ? Uring.OP_SENDMSG_ZC : Uring.OP_SENDMSG, handle, 0, 0),
        0,
        message.address(),
        UringSqe.pair(1, SocketConstant.MSG_NOSIGNAL),
        operation,
        0,
        0);
  }

  /**
   * Makes the close of a direct descriptor a reset. Both are done within the submit, in their order; a kernel that does not know this
   * one (before Linux 6.7) closes with a FIN.
   */
  void resetOnClose(UringHandle handle) {
    ring.add(
        head(Uring.OP_URING_CMD, handle, Uring.SQE_CQE_SKIP_SUCCESS, 0),
        Uring.SOCKET_SETSOCKOPT,
        UringSqe.pair(SocketConstant.SOL_SOCKET, SocketConstant.SO_LINGER),
        0,
        UringInstance.IGNORED,
        UringSqe.pair(0, (int) linger.byteSize()),
        linger.address());
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
