package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * struct io_uring_sqe, 64 bytes, written as eight longs so that no field of an earlier entry survives in it.
 *
 * <pre>
 *   0 opcode u8, flags u8, ioprio u16, fd s32     8 off or addr2     16 addr     24 len u32, the operation's flags u32
 *   32 user_data   40 buf_group u16, personality u16, file_index s32   48 addr3 or optval   56 (zero)
 * </pre>
 */
public final class UringSqe {
  /** Bytes of one entry. */
  public static final long BYTES = 64;

  private UringSqe() {}

  /** The first word. */
  public static long head(int opcode, int flags, int ioprio, int fd) {
    return opcode | flags << 8 | (long) ioprio << 16 | (long) fd << 32;
  }

  /** The operation of a first word. */
  public static int opcode(long head) {
    return (int) head & 0xff;
  }

  /** Two unsigned ints in one word, the first at the lower address. */
  public static long pair(int first, int second) {
    return (first & 0xffff_ffffL) | (long) second << 32;
  }

  /** Writes the entry at an index of the array. */
  public static void set(
      MemorySegment entries,
      int index,
      long head,
      long off,
      long addr,
      long lenAndFlags,
      long userData,
      long bufferAndFile,
      long addr3) {
    long at = index * BYTES;
    entries.set(JAVA_LONG, at, head);
    entries.set(JAVA_LONG, at + 8, off);
    entries.set(JAVA_LONG, at + 16, addr);
    entries.set(JAVA_LONG, at + 24, lenAndFlags);
    entries.set(JAVA_LONG, at + 32, userData);
    entries.set(JAVA_LONG, at + 40, bufferAndFile);
    entries.set(JAVA_LONG, at + 48, addr3);
    entries.set(JAVA_LONG, at + 56, 0L);
  }
}
