package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** struct rlimit: 0 rlim_cur (soft), 8 rlim_max (hard); −1 is "no limit". */
public final class Rlimit {
  /** The descriptors of the process. */
  public static final int NOFILE = 7;

  /** Bytes the process may lock in memory. */
  public static final int MEMLOCK = 8;

  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(JAVA_LONG.withName("rlim_cur"), JAVA_LONG.withName("rlim_max"));

  /** Bytes of the struct. */
  public static final long BYTES = LAYOUT.byteSize();

  private Rlimit() {}

  /** The limit in force. */
  public static long soft(MemorySegment limit) {
    return limit.get(JAVA_LONG, 0);
  }

  /** How far the process may raise the limit in force. */
  public static long hard(MemorySegment limit) {
    return limit.get(JAVA_LONG, 8);
  }

  /** Writes both. */
  public static void set(MemorySegment limit, long soft, long hard) {
    limit.set(JAVA_LONG, 0, soft);
    limit.set(JAVA_LONG, 8, hard);
  }
}
