package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * OVERLAPPED_ENTRY, 32 bytes: one packet out of a completion port.
 *
 * <pre>
 *   0 lpCompletionKey  8 lpOverlapped  16 Internal  24 dwNumberOfBytesTransferred (+4)
 * </pre>
 *
 * Its own Internal is documented as reserved; the status of an operation is read from its {@link Overlapped}.
 */
public final class OverlappedEntry {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("lpCompletionKey"),
          JAVA_LONG.withName("lpOverlapped"),
          JAVA_LONG.withName("Internal"),
          JAVA_INT.withName("dwNumberOfBytesTransferred"),
          MemoryLayout.paddingLayout(4));

  /** Bytes of one element of an array. */
  public static final long BYTES = LAYOUT.byteSize();

  static final long KEY_AT = LAYOUT.byteOffset(PathElement.groupElement("lpCompletionKey"));
  static final long OVERLAPPED_AT = LAYOUT.byteOffset(PathElement.groupElement("lpOverlapped"));
  static final long COUNT_AT =
      LAYOUT.byteOffset(PathElement.groupElement("dwNumberOfBytesTransferred"));

  private OverlappedEntry() {}

  /** The key given when the handle was associated, or with the post. */
  public static long key(MemorySegment array, int i) {
    return array.get(JAVA_LONG, i * BYTES + KEY_AT);
  }

  /** The address of the operation's {@link Overlapped} (of an AFD poll: its context), or whatever was posted. */
  public static long overlapped(MemorySegment array, int i) {
    return array.get(JAVA_LONG, i * BYTES + OVERLAPPED_AT);
  }

  /** The bytes moved, or the number that was posted. */
  public static int count(MemorySegment array, int i) {
    return array.get(JAVA_INT, i * BYTES + COUNT_AT);
  }
}
