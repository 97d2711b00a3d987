package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** IO_STATUS_BLOCK: 0 Status (+4, a union with a pointer), 8 Information, 16 bytes. An {@link Overlapped} begins with one. */
public final class IoStatusBlock {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("Status"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("Information"));

  /** Bytes of one. */
  public static final long BYTES = LAYOUT.byteSize();

  private static final long INFORMATION_AT =
      LAYOUT.byteOffset(PathElement.groupElement("Information"));

  private IoStatusBlock() {}

  /** Makes one ready for the next request: nothing known yet. */
  public static void setPending(MemorySegment block, long at) {
    block.set(JAVA_INT, at, NtStatus.PENDING);
    block.set(JAVA_LONG, at + INFORMATION_AT, 0);
  }

  /** The NTSTATUS of a request; {@link NtStatus#PENDING} as long as it goes on. */
  public static int status(MemorySegment block, long at) {
    return block.get(JAVA_INT, at);
  }
}
