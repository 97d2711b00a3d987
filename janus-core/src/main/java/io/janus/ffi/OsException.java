package io.janus.ffi;

import java.io.IOException;
import java.util.Objects;

/**
 * An error of the operating system at the public edge. The message names what was tried, what happened and the remedy, in
 * one line.
 */
public final class OsException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient OsError error;

  /**
   * @param attempt what was tried, with its value, such as {@code listen on 127.0.0.1:80}
   * @param error what the system answered
   */
  public OsException(String attempt, OsError error) {
    super(
        Objects.requireNonNull(attempt, "attempt") + ": " + Objects.requireNonNull(error, "error"));
    this.error = error;
  }

  /** What the system answered. */
  public OsError error() {
    return error;
  }

  /** Returns the result, or throws what a result below zero means. */
  public static long check(String attempt, long result) throws OsException {
    if (result < 0) {
      throw new OsException(attempt, OsError.of(result));
    }
    return result;
  }
}
