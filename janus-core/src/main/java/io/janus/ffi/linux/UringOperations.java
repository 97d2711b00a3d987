package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/**
 * struct io_uring_probe, which tells the operations that the kernel knows: 0 last_op u8, 1 ops_len u8, 2 resv u16, 4 resv2 u32[3], then
 * for each operation 8 bytes: 0 op u8, 1 resv u8, 2 flags u16, 4 resv2 u32.
 */
public final class UringOperations {
  /** Operations that are asked for. */
  public static final int MOST = 128;

  /** Bytes of the question. */
  public static final long BYTES = 16 + 8L * MOST;

  private static final int SUPPORTED = 1;

  private UringOperations() {}

  /** All zero, as the kernel demands. */
  public static void ask(MemorySegment probe) {
    probe.asSlice(0, BYTES).fill((byte) 0);
  }

  /** True if the kernel has answered that it knows the operation. */
  public static boolean knows(MemorySegment probe, int opcode) {
    return opcode < Byte.toUnsignedInt(probe.get(JAVA_BYTE, 1))
        && (probe.get(JAVA_SHORT, 16 + 8L * opcode + 2) & SUPPORTED) != 0;
  }
}
