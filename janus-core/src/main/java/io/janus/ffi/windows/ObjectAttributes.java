package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * OBJECT_ATTRIBUTES, 48 bytes.
 *
 * <pre>
 *   0 Length (+4)  8 RootDirectory  16 ObjectName  24 Attributes (+4)  32 SecurityDescriptor  40 SecurityQualityOfService
 * </pre>
 */
public final class ObjectAttributes {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("Length"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("RootDirectory"),
          JAVA_LONG.withName("ObjectName"),
          JAVA_INT.withName("Attributes"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("SecurityDescriptor"),
          JAVA_LONG.withName("SecurityQualityOfService"));

  private static final long NAME_AT = LAYOUT.byteOffset(PathElement.groupElement("ObjectName"));

  private ObjectAttributes() {}

  /** Names an object from the root of all names, with no further attribute: its handle is not inherited. */
  public static void set(MemorySegment attributes, MemorySegment name) {
    attributes.fill((byte) 0);
    attributes.set(JAVA_INT, 0, (int) LAYOUT.byteSize());
    attributes.set(JAVA_LONG, NAME_AT, name.address());
  }
}
