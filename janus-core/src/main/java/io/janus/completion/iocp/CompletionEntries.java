package io.janus.completion.iocp;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.ffi.OsError;
import io.janus.ffi.call.Errno;
import io.janus.ffi.windows.Ioapiset;
import io.janus.ffi.windows.OverlappedEntry;
import io.janus.ffi.windows.WinError;
import io.janus.ffi.windows.WindowsConstant;
import java.lang.foreign.MemorySegment;

/** The packets of one dequeue. */
final class CompletionEntries {
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** The longest wait that is not without end, as the unsigned number of milliseconds. */
  private static final long LONGEST_MILLIS = 0xffff_fffeL;

  private final MemorySegment entries;
  private final MemorySegment count;
  private final int capacity;

  /**
   * @param memory {@link #bytes} of it
   */
  CompletionEntries(MemorySegment memory, int capacity) {
    this.entries = memory.asSlice(0, capacity * OverlappedEntry.BYTES);
    this.count = memory.asSlice(capacity * OverlappedEntry.BYTES, Long.BYTES);
    this.capacity = capacity;
    count.set(JAVA_INT, 0, 0);
  }

  static long bytes(int capacity) {
    return capacity * OverlappedEntry.BYTES + Long.BYTES;
  }

  /**
   * Dequeues packets.
   *
   * @param most at least 1; one packet is taken by the call that takes one
   * @param timeoutNanos 0 looks only, below zero waits without end
   * @return packets; 0 if none came in time
   */
  int take(Errno errno, long port, int most, long timeoutNanos) {
    int millis = millis(timeoutNanos);
    int result =
        most == 1
            ? Ioapiset.getQueuedCompletionStatus(errno, port, entries, 0, millis)
            : Ioapiset.getQueuedCompletionStatusEx(
                errno, port, entries, Math.min(most, capacity), count, millis);
    if (result >= 0) {
      return result;
    }
    if (result != -WinError.WAIT_TIMEOUT) {
      throw new IllegalStateException(
          "waiting on the completion port failed: " + OsError.of(result));
    }
    return 0;
  }

  /** The key of packet i: the handle, or that of a wake. */
  long key(int i) {
    return OverlappedEntry.key(entries, i);
  }

  /** The address that names the operation of packet i. */
  long overlapped(int i) {
    return OverlappedEntry.overlapped(entries, i);
  }

  /** Rounded up, so that no wait ends before its time. */
  static int millis(long nanos) {
    return nanos < 0
        ? WindowsConstant.INFINITE
        : (int) Math.min(
            nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1), LONGEST_MILLIS);
  }
}
