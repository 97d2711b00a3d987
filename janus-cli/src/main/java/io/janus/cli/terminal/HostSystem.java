package io.janus.cli.terminal;

import io.janus.ffi.SystemVersion;

/** What the words and the figures of commands depend on: which system this is, and whether Wine plays it. */
public final class HostSystem {
  private static final SystemVersion VERSION = SystemVersion.read();

  /** True on Windows, and where Wine plays it. */
  public static final boolean WINDOWS = VERSION.name().equals("Windows");

  private HostSystem() {}

  /** The version of Wine, or empty. */
  public static String wine() {
    return VERSION.wine();
  }

  /** What must stand beside every time measured here; empty where a time is simply a time. */
  public static String remarkOnTimes() {
    return wine().isEmpty()
        ? ""
        : "measured in Wine " + wine()
            + ", which plays Windows: no time, rate or CPU time here is one of Windows";
  }

  /** How a person starts Janus here. */
  public static String launcher() {
    return WINDOWS ? "janus.cmd" : "./janus";
  }
}
