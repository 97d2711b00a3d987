package io.janus.completion.uring;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import java.util.HashMap;
import java.util.Map;

/**
 * What the errors of io_uring_setup, io_uring_register and io_uring_enter mean (the ERRORS sections of their man pages), where that is not
 * what the same numbers mean to a socket or a poller.
 */
final class UringErrors {
  /** Calls of io_uring that are refused for the moment only are tried so often before that is told. */
  static final int TRIES = 20;

  private static final Map<Integer, OsError> WORDS = new HashMap<>();

  static {
    put(4, "EINTR", ErrorKind.INTERRUPTED,
        "a signal interrupted the call to io_uring " + TRIES + " times in a row",
        "try again; if it stays so, find out what sends signals to this process all the time");
    put(11, "EAGAIN", ErrorKind.BUSY,
        "the kernel had no room for io_uring's request, " + TRIES + " times in a row",
        "try again in a moment, free memory, or use fewer loops");
    put(16, "EBUSY", ErrorKind.BUSY,
        "the ring, or the place that was asked for in it, was in use " + TRIES + " times in a row",
        "open a new port; if it stays so, report this as a defect of Janus");
    put(17, "EEXIST", ErrorKind.INVALID_ARGUMENT,
        "the ring belongs to another thread, or has such a table already",
        "use a ring on the thread that opened it only");
    put(28, "ENOSPC", ErrorKind.OUT_OF_MEMORY,
        "a limit on what a user may have of io_uring is reached",
        "use fewer loops, end other programs of this user that have rings, or raise the limits of its user namespace"
            + " (sysctl user.max_*) and cgroup");
  }

  private UringErrors() {}

  /** The error behind a result below zero. */
  static OsError of(long result) {
    OsError known = WORDS.get((int) -result);
    return known == null ? OsError.of(result) : known;
  }

  /** Returns the result, or throws what a result below zero means to io_uring. */
  static long check(String attempt, long result) throws OsException {
    if (result < 0) {
      throw new OsException(attempt, of(result));
    }
    return result;
  }

  /** True if the same call may be answered otherwise a moment later. */
  static boolean isForTheMoment(int result) {
    return result == ErrorCode.NO_MEMORY || result == ErrorCode.INTERRUPTED
        || result == ErrorCode.WOULD_BLOCK || result == ErrorCode.BUSY;
  }

  private static void put(int errno, String name, ErrorKind kind, String sentence, String remedy) {
    WORDS.put(errno, new OsError(errno, name, kind, sentence, remedy));
  }
}
