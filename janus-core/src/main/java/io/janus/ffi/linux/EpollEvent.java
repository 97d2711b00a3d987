package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout.OfInt;
import java.lang.foreign.ValueLayout.OfLong;

/**
 * struct epoll_event. The kernel packs it on x86-64 only, so that 32-bit programs see the same layout.
 *
 * <pre>
 *   x86-64:  0 events  4 data            12 bytes
 *   others:  0 events  4 (pad)  8 data   16 bytes
 * </pre>
 */
public final class EpollEvent {
  private static final boolean PACKED = System.getProperty("os.arch", "").equals("amd64");
  private static final OfInt EVENTS = PACKED ? JAVA_INT_UNALIGNED : JAVA_INT;
  private static final OfLong DATA = PACKED ? JAVA_LONG_UNALIGNED : JAVA_LONG;

  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      PACKED
          ? MemoryLayout.structLayout(EVENTS.withName("events"), DATA.withName("data"))
          : MemoryLayout.structLayout(
              EVENTS.withName("events"), MemoryLayout.paddingLayout(4), DATA.withName("data"));

  /** Bytes of one element of an array. */
  public static final long BYTES = LAYOUT.byteSize();

  private static final long DATA_AT = LAYOUT.byteOffset(PathElement.groupElement("data"));

  private EpollEvent() {}

  /** The event bits of element i. */
  public static int events(MemorySegment array, int i) {
    return array.get(EVENTS, i * BYTES);
  }

  /** The caller's 64 bits of element i. */
  public static long data(MemorySegment array, int i) {
    return array.get(DATA, i * BYTES + DATA_AT);
  }

  /** Writes element 0. */
  public static void set(MemorySegment event, int events, long data) {
    event.set(EVENTS, 0, events);
    event.set(DATA, DATA_AT, data);
  }
}
