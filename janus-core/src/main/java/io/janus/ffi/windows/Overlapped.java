package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * OVERLAPPED, 32 bytes, one for each operation in flight.
 *
 * <pre>
 *   0 Internal (status)  8 InternalHigh (bytes)  16 Offset  20 OffsetHigh  24 hEvent
 * </pre>
 *
 * The kernel writes to it until its packet has been dequeued; before that its status says nothing.
 */
public final class Overlapped {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("Internal"),
          JAVA_LONG.withName("InternalHigh"),
          JAVA_INT.withName("Offset"),
          JAVA_INT.withName("OffsetHigh"),
          JAVA_LONG.withName("hEvent"));

  /** Bytes of one. */
  public static final long BYTES = LAYOUT.byteSize();

  private static final long STATUS_AT = LAYOUT.byteOffset(PathElement.groupElement("Internal"));
  private static final long COUNT_AT = LAYOUT.byteOffset(PathElement.groupElement("InternalHigh"));
  private static final long OFFSET_AT = LAYOUT.byteOffset(PathElement.groupElement("Offset"));
  private static final long EVENT_AT = LAYOUT.byteOffset(PathElement.groupElement("hEvent"));

  private Overlapped() {}

  /** Makes one ready for the next operation: all zero. */
  public static void clear(MemorySegment slab, long at) {
    slab.set(JAVA_LONG, at + STATUS_AT, 0);
    slab.set(JAVA_LONG, at + COUNT_AT, 0);
    slab.set(JAVA_LONG, at + OFFSET_AT, 0);
    slab.set(JAVA_LONG, at + EVENT_AT, 0);
  }

  /** The NTSTATUS of an operation whose packet has been dequeued: the low half of the field, the high half may be anything. */
  public static int status(MemorySegment slab, long at) {
    return slab.get(JAVA_INT, at + STATUS_AT);
  }

  /** The bytes that an operation whose packet has been dequeued, or that succeeded at once, has moved. */
  public static int count(MemorySegment slab, long at) {
    return slab.get(JAVA_INT, at + COUNT_AT);
  }
}
