package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.OsException;
import io.janus.ffi.linux.Linger;
import io.janus.ffi.linux.SocketConstant;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringSqe;
import java.lang.foreign.MemorySegment;

/**
 * The ring's own table of sockets, which cost no descriptor of the process. The kernel closes a connection that it accepts while
 * the table is full, and the peer sees an end without reason; so the table counts, and says in time when to accept one by one, and
 * when not at all.
 */
final class DirectDescriptors {
  private static final long REGISTRATION_BYTES = 32;

  private final UringInstance instance;
  private final int size;

  /** One repeated accept may take that many in one enter. */
  private final int backlog;

  private int used;

  /** Accepts in flight that take one each. */
  private int promised;

  private DirectDescriptors(UringInstance instance, int size, int backlog) {
    this.instance = instance;
    this.size = size;
    this.backlog = backlog;
  }

  static DirectDescriptors open(UringInstance instance, int size, int backlog)
      throws OsException {
    MemorySegment registration = instance.scratch();
    registration.set(JAVA_INT, 0, size);
    registration.set(JAVA_INT, 4, Uring.RSRC_REGISTER_SPARSE);
    registration.set(JAVA_LONG, 8, 0L);
    registration.set(JAVA_LONG, 16, 0L);
    registration.set(JAVA_LONG, 24, 0L);
    OsException.check(
        "register a table of " + size + " direct descriptors",
        instance.register(Uring.REGISTER_FILES2, registration, (int) REGISTRATION_BYTES));
    return new DirectDescriptors(instance, size, backlog);
  }

  /**
   * True if repeated accepts cannot overrun the table within one enter. Each completion that nobody has looked at yet may be one more
   * connection.
   *
   * @param repeated repeated accepts in flight
   */
  boolean hasPlenty(int repeated) {
    long left = (long) size - used - promised - instance.completions.count();
    return left > (repeated + 1L) * backlog;
  }

  boolean isFull() {
    return used + promised >= size;
  }

  /** A single accept is in flight. */
  void promise() {
    promised++;
  }

  /** A single accept has ended. */
  void fulfil() {
    promised--;
  }

  void taken() {
    used++;
  }

  void given() {
    used--;
  }

  /** Puts a socket of the process into the table; the descriptor can be closed then. Returns the index, or an error. */
  int install(int fd) {
    MemorySegment cell = instance.scratch();
    cell.set(JAVA_INT, 0, fd);
    int result =
        instance.now(
            Uring.OP_FILES_UPDATE, 0, -1, Uring.FILE_INDEX_ALLOC & 0xffff_ffffL, cell.address(),
            UringSqe.pair(1, 0), 0, 0);
    if (result < 0) {
      return result;
    }
    used++;
    return cell.get(JAVA_INT, 0);
  }

  /** Makes the close of a socket a reset, without a descriptor of the process. */
  int resetOnClose(int index) {
    MemorySegment linger = instance.scratch().asSlice(0, Linger.BYTES);
    Linger.setReset(linger);
    return instance.now(
        Uring.OP_URING_CMD, Uring.SQE_FIXED_FILE, index, Uring.SOCKET_SETSOCKOPT,
        UringSqe.pair(SocketConstant.SOL_SOCKET, SocketConstant.SO_LINGER), 0,
        UringSqe.pair(0, Linger.BYTES), linger.address());
  }

  /** A descriptor of the process for the same socket, which the caller closes; or an error. */
  int lend(int index) {
    return instance.now(Uring.OP_FIXED_FD_INSTALL, Uring.SQE_FIXED_FILE, index, 0, 0, 0, 0, 0);
  }
}
