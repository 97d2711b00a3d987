package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * struct msghdr on 64-bit systems, 56 bytes.
 *
 * <pre>
 *   0 msg_name  8 msg_namelen (+4)  16 msg_iov  24 msg_iovlen  32 msg_control  40 msg_controllen  48 msg_flags (+4)
 * </pre>
 */
public final class Msghdr {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("msg_name"),
          JAVA_INT.withName("msg_namelen"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("msg_iov"),
          JAVA_LONG.withName("msg_iovlen"),
          JAVA_LONG.withName("msg_control"),
          JAVA_LONG.withName("msg_controllen"),
          JAVA_INT.withName("msg_flags"),
          MemoryLayout.paddingLayout(4));

  /** Bytes of the struct. */
  public static final long BYTES = LAYOUT.byteSize();

  private static final long IOV_AT = LAYOUT.byteOffset(PathElement.groupElement("msg_iov"));
  private static final long IOVLEN_AT = LAYOUT.byteOffset(PathElement.groupElement("msg_iovlen"));

  private Msghdr() {}

  /** Points a zeroed msghdr at its gather list. */
  public static void setVectors(MemorySegment message, MemorySegment iovecs, int count) {
    message.set(JAVA_LONG, IOV_AT, iovecs.address());
    message.set(JAVA_LONG, IOVLEN_AT, count);
  }
}
