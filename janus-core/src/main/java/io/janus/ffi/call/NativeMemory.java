package io.janus.ffi.call;

import io.janus.ffi.OsException;
import io.janus.ffi.linux.SysMman;
import io.janus.ffi.windows.Memoryapi;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Native memory mapped by us, as segments of the global scope. A shared arena costs 60 to 70 ns per call under two
 * threads and a confined one throws on the other thread; so life and death are explicit here: whoever maps, unmaps, after
 * the last operation that may touch the memory.
 */
public final class NativeMemory {
  private static final AtomicLong MAPPED_BYTES = new AtomicLong();

  private NativeMemory() {}

  /**
   * Maps zeroed, page-aligned memory: mmap on Linux, VirtualAlloc on Windows.
   *
   * @param bytes at least 1; rounded up to whole pages by the system
   * @throws OutOfMemoryError if the system refuses
   */
  public static MemorySegment map(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("cannot map " + bytes + " bytes; map at least 1");
    }
    MemorySegment segment =
        SystemName.WINDOWS ? Memoryapi.allocate(bytes) : SysMman.mapAnonymous(bytes);
    MAPPED_BYTES.addAndGet(bytes);
    return segment;
  }

  /**
   * Maps what the kernel shares with the program behind a descriptor of Linux, such as the queues of a ring.
   *
   * @throws OsException if the system refuses
   */
  public static MemorySegment mapShared(Errno errno, int fd, long offset, long bytes)
      throws OsException {
    MemorySegment segment = SysMman.mapShared(errno, fd, offset, bytes);
    MAPPED_BYTES.addAndGet(bytes);
    return segment;
  }

  /** Gives memory back to the system. Any later access through any view of it ends the JVM, so be last. */
  public static void unmap(MemorySegment segment) {
    if (SystemName.WINDOWS) {
      Memoryapi.free(segment);
    } else {
      SysMman.unmap(segment);
    }
    MAPPED_BYTES.addAndGet(-segment.byteSize());
  }

  /** Bytes mapped now by the whole process through this class; tests hold it against a base line. */
  public static long mappedBytes() {
    return MAPPED_BYTES.get();
  }
}
