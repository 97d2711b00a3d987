package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** WSABUF: 0 len (+4), 8 buf, 16 bytes. The array is read during the call only; what it points to must outlive the operation. */
public final class Wsabuf {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("len"), MemoryLayout.paddingLayout(4), JAVA_LONG.withName("buf"));

  /** Bytes of one element of an array. */
  public static final long BYTES = LAYOUT.byteSize();

  private static final long BUFFER_AT = LAYOUT.byteOffset(PathElement.groupElement("buf"));

  private Wsabuf() {}

  /** Writes element i of an array that begins at an offset of the segment. */
  public static void set(MemorySegment segment, long at, int i, long address, int bytes) {
    segment.set(JAVA_INT, at + i * BYTES, bytes);
    segment.set(JAVA_LONG, at + i * BYTES + BUFFER_AT, address);
  }
}
