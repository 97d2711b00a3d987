package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** UNICODE_STRING: 0 Length (bytes), 2 MaximumLength (+4), 8 Buffer (UTF-16, no NUL needed), 16 bytes. */
public final class UnicodeString {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("Length"),
          JAVA_SHORT.withName("MaximumLength"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("Buffer"));

  private static final long MAXIMUM_AT =
      LAYOUT.byteOffset(PathElement.groupElement("MaximumLength"));
  private static final long BUFFER_AT = LAYOUT.byteOffset(PathElement.groupElement("Buffer"));

  private UnicodeString() {}

  /** Points one at characters, all of the segment. */
  public static void set(MemorySegment string, MemorySegment characters) {
    string.set(JAVA_SHORT, 0, (short) characters.byteSize());
    string.set(JAVA_SHORT, MAXIMUM_AT, (short) characters.byteSize());
    string.set(JAVA_LONG, BUFFER_AT, characters.address());
  }
}
