package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/** struct io_uring_cqe, 16 bytes: 0 user_data u64, 8 res s32, 12 flags u32. */
public final class UringCqe {
  /** Bytes of one entry. */
  public static final long BYTES = 16;

  private UringCqe() {}

  public static long userData(MemorySegment ring, long at) {
    return ring.get(JAVA_LONG, at);
  }

  /** Renames an entry that was dealt with out of turn. */
  public static void setUserData(MemorySegment ring, long at, long userData) {
    ring.set(JAVA_LONG, at, userData);
  }

  public static int result(MemorySegment ring, long at) {
    return ring.get(JAVA_INT, at + 8);
  }

  public static int flags(MemorySegment ring, long at) {
    return ring.get(JAVA_INT, at + 12);
  }
}
