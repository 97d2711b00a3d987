package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_CHAR;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * RTL_OSVERSIONINFOW, 276 bytes.
 *
 * <pre>
 *   0 dwOSVersionInfoSize  4 dwMajorVersion  8 dwMinorVersion  12 dwBuildNumber  16 dwPlatformId  20 szCSDVersion
 * </pre>
 */
public final class OsVersionInfo {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("dwOSVersionInfoSize"),
          JAVA_INT.withName("dwMajorVersion"),
          JAVA_INT.withName("dwMinorVersion"),
          JAVA_INT.withName("dwBuildNumber"),
          JAVA_INT.withName("dwPlatformId"),
          MemoryLayout.sequenceLayout(128, JAVA_CHAR).withName("szCSDVersion"));

  /** Bytes of the struct. */
  public static final long BYTES = LAYOUT.byteSize();

  private OsVersionInfo() {}

  /** Writes the size, which the system wants to see before it fills the rest. */
  public static void prepare(MemorySegment info) {
    info.set(JAVA_INT, 0, (int) BYTES);
  }

  /** The major version: 10 for Windows 10 and 11 and for the servers since 2016. */
  public static int major(MemorySegment info) {
    return info.get(JAVA_INT, 4);
  }

  /** The minor version. */
  public static int minor(MemorySegment info) {
    return info.get(JAVA_INT, 8);
  }

  /** The build, which tells the editions of one major version apart. */
  public static int build(MemorySegment info) {
    return info.get(JAVA_INT, 12);
  }
}
