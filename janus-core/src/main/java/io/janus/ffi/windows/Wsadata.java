package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * WSADATA on 64-bit systems, 408 bytes, filled by WSAStartup.
 *
 * <pre>
 *   0 wVersion  2 wHighVersion  4 iMaxSockets  6 iMaxUdpDg  8 lpVendorInfo  16 szDescription  273 szSystemStatus (+6)
 * </pre>
 */
public final class Wsadata {
  /** The version that every Windows of today has: 2.2. */
  public static final short VERSION = 0x0202;

  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("wVersion"),
          JAVA_SHORT.withName("wHighVersion"),
          JAVA_SHORT.withName("iMaxSockets"),
          JAVA_SHORT.withName("iMaxUdpDg"),
          JAVA_LONG.withName("lpVendorInfo"),
          MemoryLayout.sequenceLayout(257, JAVA_BYTE).withName("szDescription"),
          MemoryLayout.sequenceLayout(129, JAVA_BYTE).withName("szSystemStatus"),
          MemoryLayout.paddingLayout(6));

  private Wsadata() {}

  /** The version that was agreed on. */
  public static short version(MemorySegment data) {
    return data.get(JAVA_SHORT, 0);
  }
}
