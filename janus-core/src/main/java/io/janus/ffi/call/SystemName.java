package io.janus.ffi.call;

import java.util.Locale;

/** Which operating system this process runs on; decided once, so that the JIT folds every branch on it. */
public final class SystemName {
  /** The name as the JVM tells it. */
  public static final String NAME = System.getProperty("os.name", "unknown");

  /** True on Linux. */
  public static final boolean LINUX = NAME.toLowerCase(Locale.ROOT).startsWith("linux");

  /** True on Windows. */
  public static final boolean WINDOWS = NAME.toLowerCase(Locale.ROOT).startsWith("windows");

  private SystemName() {}
}
