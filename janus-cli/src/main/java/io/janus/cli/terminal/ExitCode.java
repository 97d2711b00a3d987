package io.janus.cli.terminal;

import io.janus.ffi.ErrorKind;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Exit codes in the manner of sysexits(3), so that a script can tell a bad value from a busy address. {@link #table} is what every help
 * text prints; nothing else lists them.
 */
public final class ExitCode {
  /** All went well. */
  public static final int OK = 0;
  /** A bad option or value. */
  public static final int USAGE = 64;
  /** Bytes came back wrong. */
  public static final int DATA = 65;
  /** The engine cannot run here, nobody listens, or the address is busy. */
  public static final int UNAVAILABLE = 69;
  /** An error of Janus itself. */
  public static final int INTERNAL = 70;
  /** An error of the operating system. */
  public static final int SYSTEM = 71;
  /** A file or socket cannot be made at the path. */
  public static final int CANNOT_CREATE = 73;
  /** Reading, writing or the load failed. */
  public static final int IO = 74;
  /** The system forbids it to this user. */
  public static final int PERMISSION = 77;
  /** Ended by a signal: this plus the signal's number. */
  public static final int SIGNAL = 128;

  private ExitCode() {}

  /** Every code and what it says, in their order. */
  public static Map<String, String> table() {
    Map<String, String> table = new LinkedHashMap<>();
    table.put("  " + OK, "all went well");
    table.put(" " + USAGE, "a bad option or value");
    table.put(" " + DATA, "bytes came back wrong (load)");
    table.put(
        " " + UNAVAILABLE, "an engine cannot run here, nobody listens, or the address is busy");
    table.put(" " + INTERNAL, "an error of Janus itself");
    table.put(" " + SYSTEM, "an error of the operating system, such as no descriptors left");
    table.put(
        " " + CANNOT_CREATE, "a file or socket cannot be made there, since its folder is missing");
    table.put(" " + IO, "reading or writing failed, or not every message was answered (load)");
    table.put(" " + PERMISSION, "the system forbids it to this user");
    table.put(
        Integer.toString(SIGNAL + 2),
        "ended by SIGINT (Ctrl-C); 143 by SIGTERM; echo drains and ends with 0");
    return table;
  }

  /** The code for an error of the operating system. */
  public static int of(ErrorKind kind) {
    return switch (kind) {
      case PERMISSION_DENIED -> PERMISSION;
      case ADDRESS_IN_USE,
          ADDRESS_NOT_AVAILABLE,
          CONNECTION_REFUSED,
          CONNECTION_RESET,
          CONNECTION_ABORTED,
          UNREACHABLE,
          TIMED_OUT,
          NOT_SUPPORTED -> UNAVAILABLE;
      default -> SYSTEM;
    };
  }
}
