package io.janus.ffi;

import io.janus.ffi.call.SystemName;
import io.janus.ffi.linux.LinuxErrors;
import io.janus.ffi.windows.WindowsErrors;
import java.util.Objects;

/**
 * One error of the operating system in words.
 *
 * @param code the system's own number, above zero: errno on Linux; on Windows what GetLastError and WSAGetLastError give, or an
 *     NTSTATUS that has no such number, which is below zero as an int; save for {@link ErrorCode#TABLE_FULL} and {@link
 *     ErrorCode#BACKLOG_FULL}, which no system has
 * @param name the system's own name, such as {@code ECONNRESET} or {@code WSAECONNRESET}
 * @param kind what it means to a caller
 * @param sentence what happened, without a full stop
 * @param remedy what a person can do about it, without a full stop
 */
public record OsError(int code, String name, ErrorKind kind, String sentence, String remedy) {
  private static final OsError TABLE_FULL =
      new OsError(
          -ErrorCode.TABLE_FULL, "TABLE_FULL", ErrorKind.OUT_OF_DESCRIPTORS,
          "the ring's own table of direct descriptors is full",
          "use more loops, each of which has a table of its own, or larger tables (PortOptions.directDescriptors; an engine makes them as"
              + " large as the limit of descriptors was at its start, `ulimit -n`), or hold fewer connections");

  private static final OsError BACKLOG_FULL =
      new OsError(
          -ErrorCode.BACKLOG_FULL, "BACKLOG_FULL", ErrorKind.BUSY,
          "the backlog of the path's listener is full",
          "connect again later; the listener must accept faster or have a larger backlog");

  /** Checks that nothing is missing. */
  public OsError {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(sentence, "sentence");
    Objects.requireNonNull(remedy, "remedy");
  }

  /**
   * The error behind a result below zero.
   *
   * @param result a negative result of a verb of this engine ({@code -errno} on Linux)
   * @throws IllegalArgumentException if the result is not negative
   */
  public static OsError of(int result) {
    if (result >= 0) {
      throw new IllegalArgumentException(
          "result " + result + " is not an error: errors are below zero");
    }
    if (result == ErrorCode.TABLE_FULL) {
      return TABLE_FULL;
    }
    if (result == ErrorCode.BACKLOG_FULL) {
      return BACKLOG_FULL;
    }
    return SystemName.WINDOWS ? WindowsErrors.of(result) : LinuxErrors.of(-result);
  }

  /** The same, for results of the verbs that return a socket or an operation. */
  public static OsError of(long result) {
    return of(Math.toIntExact(result));
  }

  /** The kind of a result below zero. */
  public static ErrorKind kindOf(int result) {
    return of(result).kind();
  }

  /** Sentence, name and remedy; on Windows with the number as well, because that is what its own tools and pages go by. */
  @Override
  public String toString() {
    String number = SystemName.WINDOWS && code > 0 ? " " + code : "";
    return sentence + " (" + name + number + "); " + remedy;
  }
}
