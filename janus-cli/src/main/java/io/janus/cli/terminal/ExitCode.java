package io.janus.cli.terminal;

import io.janus.ffi.ErrorKind;

/** Exit codes in the manner of sysexits(3), so that a script can tell a bad value from a busy address. */
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
  /** Reading, writing or the load failed. */
  public static final int IO = 74;
  /** The system forbids it to this user. */
  public static final int PERMISSION = 77;
  /** Ended by a signal: this plus the signal's number. */
  public static final int SIGNAL = 128;

  private ExitCode() {}

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
