package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.UUID;

/** GUID: 0 Data1, 4 Data2, 6 Data3, 8 Data4, 16 bytes; the first three in the machine's order, the last as written. */
public final class Guid {
  /** The name of AcceptEx. */
  public static final UUID ACCEPTEX = UUID.fromString("b5367df1-cbac-11cf-95ca-00805f48a192");

  /** The name of GetAcceptExSockaddrs. */
  public static final UUID GETACCEPTEXSOCKADDRS =
      UUID.fromString("b5367df2-cbac-11cf-95ca-00805f48a192");

  /** The name of ConnectEx. */
  public static final UUID CONNECTEX = UUID.fromString("25a207b9-ddf3-4660-8ee9-76e58c74063e");

  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("Data1"),
          JAVA_SHORT.withName("Data2"),
          JAVA_SHORT.withName("Data3"),
          MemoryLayout.sequenceLayout(8, JAVA_BYTE).withName("Data4"));

  /** Bytes of one. */
  public static final long BYTES = LAYOUT.byteSize();

  private Guid() {}

  /** Writes one. */
  public static void set(MemorySegment guid, long at, UUID value) {
    long high = value.getMostSignificantBits();
    guid.set(JAVA_INT, at, (int) (high >>> 32));
    guid.set(JAVA_SHORT, at + 4, (short) (high >>> 16));
    guid.set(JAVA_SHORT, at + 6, (short) high);
    for (int i = 0; i < 8; i++) {
      guid.set(JAVA_BYTE, at + 8 + i, (byte) (value.getLeastSignificantBits() >>> 56 - 8 * i));
    }
  }
}
