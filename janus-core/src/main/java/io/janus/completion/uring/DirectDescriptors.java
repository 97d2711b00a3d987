package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringSqe;
import io.janus.socket.SystemLimits;
import java.lang.foreign.MemorySegment;

/**
 * The ring's own table of sockets, which cost no descriptor of the process. The kernel closes a connection that it accepts while
 * the table is full, and the peer sees an end without reason; so the table counts, and says in time when to accept one by one, and
 * when not at all.
 */
final class DirectDescriptors {
  /** What was tried, in the message of its refusal. */
  static final String ATTEMPT = "register a table of direct descriptors";

  private static final long REGISTRATION_BYTES = 32;

  private static final int NONE = -1;

  /** ENFILE. */
  private static final int NO_DESCRIPTOR = -23;

  private final UringInstance instance;
  private final int size;

  private final int backlog;

  private final boolean lends;

  private int used;

  /** A place that was filled for nobody, or none. */
  private int stray = NONE;

  /** Accepts in flight that take one each. */
  private int promised;

  private DirectDescriptors(UringInstance instance, int size, int backlog, boolean lends) {
    this.instance = instance;
    this.size = size;
    this.backlog = backlog;
    this.lends = lends;
  }

  /**
   * Registers an empty table.
   *
   * @param backlog connections that may wait at one listener
   * @param lends whether the kernel can lend a descriptor of the process for one of the table
   */
  static DirectDescriptors open(UringInstance instance, int size, int backlog, boolean lends)
      throws OsException {
    MemorySegment registration = instance.scratch();
    registration.set(JAVA_INT, 0, size);
    registration.set(JAVA_INT, 4, Uring.RSRC_REGISTER_SPARSE);
    registration.set(JAVA_LONG, 8, 0L);
    registration.set(JAVA_LONG, 16, 0L);
    registration.set(JAVA_LONG, 24, 0L);
    String attempt = ATTEMPT + " of " + size;
    int result =
        instance.register(Uring.REGISTER_FILES2, registration, (int) REGISTRATION_BYTES);
    if (result == ErrorCode.OUT_OF_DESCRIPTORS) {
      throw new OsException(attempt, tooLarge());
    }
    UringErrors.check(attempt, result);
    return new DirectDescriptors(instance, size, backlog, lends);
  }

  /** Why there can be no table, in one sentence: the ring itself was let be, so what is blocked is this. */
  static String refusal(OsException refused) {
    return switch (refused.error().kind()) {
      case PERMISSION_DENIED, NOT_SUPPORTED, INVALID_ARGUMENT ->
          "a ring can have no table of direct descriptors here (" + refused.error().name()
              + "), as where a sandbox filters the arguments of io_uring_register; let it allow IORING_REGISTER_FILES2 (13), or do"
              + " without direct descriptors";
      default -> String.valueOf(refused.getMessage());
    };
  }

  /** EMFILE here: the process lacks no descriptor, but no table may have more places than it may have descriptors. */
  private static OsError tooLarge() {
    OsError told = OsError.of(ErrorCode.OUT_OF_DESCRIPTORS);
    return new OsError(
        told.code(), told.name(), told.kind(),
        "a table may be as large as the limit of descriptors of the process, which is "
            + SystemLimits.read().descriptors(),
        "use a smaller table, more loops or ports with a table each, or raise the limit with `ulimit -n` (LimitNOFILE= under systemd)");
  }

  /** How many it has room for. */
  int size() {
    return size;
  }

  /**
   * True if repeated accepts cannot overrun the table within one enter. Each completion that nobody has looked at yet may be one more
   * connection; and an accept goes on while connections come, so one enter brings what waits at the listeners or, if they come as
   * fast as they are taken, as many as fit the completion queue.
   *
   * @param repeated repeated accepts in flight
   */
  boolean hasPlenty(int repeated) {
    long left = (long) size - used - promised - instance.completions.count();
    return left > Math.max((repeated + 1L) * backlog, instance.completions.capacity() + repeated);
  }

  /** What a result of the kernel means: it says the same when the table is full and when the system has no descriptor left. */
  int verdict(int result) {
    return result == NO_DESCRIPTOR && used >= size ? ErrorCode.TABLE_FULL : result;
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
    if (stray != NONE || instance.awaitsLate(Uring.OP_FILES_UPDATE)) {
      // The cell is still the kernel's, or tells what has to be taken out again.
      return ErrorCode.BUSY;
    }
    MemorySegment cell = instance.installCell();
    cell.set(JAVA_INT, 0, fd);
    int result =
        instance.now(
            UringSqe.head(Uring.OP_FILES_UPDATE, 0, 0, -1), Uring.FILE_INDEX_ALLOC & 0xffff_ffffL,
            cell.address(), UringSqe.pair(1, 0), 0, 0);
    if (instance.awaitsLate(Uring.OP_FILES_UPDATE)) {
      used++;
      return result;
    }
    if (result < 0) {
      // No file is opened here, so the table is the only one that can be full.
      return result == NO_DESCRIPTOR ? ErrorCode.TABLE_FULL : result;
    }
    used++;
    return cell.get(JAVA_INT, 0);
  }

  /** A socket was put into the table too late for its caller, who was told that it was not. */
  void cameLate(int result) {
    if (result < 0) {
      used--;
    } else {
      stray = instance.installCell().get(JAVA_INT, 0);
    }
  }

  /** Before each enter: takes such a socket out again. Its place is free for every entry behind this one. */
  void giveBackStray() {
    if (stray != NONE && instance.hasRoom()) {
      instance.submissions.add(
          UringSqe.head(Uring.OP_CLOSE, Uring.SQE_CQE_SKIP_SUCCESS, 0, 0), 0, 0, 0,
          UringInstance.IGNORED, UringSqe.pair(0, stray + 1), 0);
      stray = NONE;
      used--;
    }
  }

  /** A descriptor of the process for the same socket, which the caller closes; or an error. */
  int lend(int index) {
    return lends
        ? instance.now(
            UringSqe.head(Uring.OP_FIXED_FD_INSTALL, Uring.SQE_FIXED_FILE, 0, index), 0, 0, 0, 0,
            0)
        : ErrorCode.NOT_SUPPORTED;
  }
}
