package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * PROCESS_MEMORY_COUNTERS, 72 bytes.
 *
 * <pre>
 *   0 cb  4 PageFaultCount  8 PeakWorkingSetSize  16 WorkingSetSize  24 four of paged and non-paged pools
 *   56 PagefileUsage  64 PeakPagefileUsage
 * </pre>
 */
public final class ProcessMemoryCounters {
  /** The struct with C's field names. */
  public static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_INT.withName("cb"),
          JAVA_INT.withName("PageFaultCount"),
          JAVA_LONG.withName("PeakWorkingSetSize"),
          JAVA_LONG.withName("WorkingSetSize"),
          JAVA_LONG.withName("QuotaPeakPagedPoolUsage"),
          JAVA_LONG.withName("QuotaPagedPoolUsage"),
          JAVA_LONG.withName("QuotaPeakNonPagedPoolUsage"),
          JAVA_LONG.withName("QuotaNonPagedPoolUsage"),
          JAVA_LONG.withName("PagefileUsage"),
          JAVA_LONG.withName("PeakPagefileUsage"));

  /** Bytes of the struct. */
  public static final int BYTES = (int) LAYOUT.byteSize();

  private ProcessMemoryCounters() {}

  /** Bytes of the process that are in memory now. */
  public static long workingSet(MemorySegment counters) {
    return counters.get(JAVA_LONG, 16);
  }
}
