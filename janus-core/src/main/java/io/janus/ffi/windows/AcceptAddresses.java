package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * The four results of GetAcceptExSockaddrs side by side, 32 bytes. The two addresses point into the buffer that AcceptEx filled,
 * whose own layout is nobody's business.
 *
 * <pre>
 *   0 local  8 localLength (+4)  16 remote  24 remoteLength (+4)
 * </pre>
 */
public final class AcceptAddresses {
  /** Bytes that AcceptEx wants beyond the longest address of the family, for each of the two. */
  public static final int EXTRA_BYTES = 16;

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("local"),
          JAVA_INT.withName("localLength"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("remote"),
          JAVA_INT.withName("remoteLength"),
          MemoryLayout.paddingLayout(4));

  /** Bytes of the cells. */
  public static final long BYTES = LAYOUT.byteSize();

  static final long LOCAL_AT = LAYOUT.byteOffset(PathElement.groupElement("local"));
  static final long LOCAL_LENGTH_AT = LAYOUT.byteOffset(PathElement.groupElement("localLength"));
  static final long REMOTE_AT = LAYOUT.byteOffset(PathElement.groupElement("remote"));
  static final long REMOTE_LENGTH_AT = LAYOUT.byteOffset(PathElement.groupElement("remoteLength"));

  private AcceptAddresses() {}

  /** The accepted socket's own address, as a part of the segment that AcceptEx filled. */
  public static MemorySegment local(MemorySegment slab, long at) {
    return part(slab, slab.get(JAVA_LONG, at + LOCAL_AT), slab.get(JAVA_INT, at + LOCAL_LENGTH_AT));
  }

  /** The peer's address, as a part of the segment that AcceptEx filled. */
  public static MemorySegment remote(MemorySegment slab, long at) {
    return part(
        slab, slab.get(JAVA_LONG, at + REMOTE_AT), slab.get(JAVA_INT, at + REMOTE_LENGTH_AT));
  }

  private static MemorySegment part(MemorySegment slab, long address, int bytes) {
    return slab.asSlice(address - slab.address(), bytes);
  }
}
