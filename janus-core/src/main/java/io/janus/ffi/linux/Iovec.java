package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** struct iovec: 0 iov_base, 8 iov_len, 16 bytes on 64-bit systems. */
public final class Iovec {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_LONG.withName("iov_base"), JAVA_LONG.withName("iov_len"));

  /** Bytes of one element of an array. */
  public static final long BYTES = LAYOUT.byteSize();

  private static final long LENGTH_AT = LAYOUT.byteOffset(PathElement.groupElement("iov_len"));

  private Iovec() {}

  /** Writes element i. */
  public static void set(MemorySegment array, int i, long address, long bytes) {
    array.set(JAVA_LONG, i * BYTES, address);
    array.set(JAVA_LONG, i * BYTES + LENGTH_AT, bytes);
  }
}
