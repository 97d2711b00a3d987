package io.janus.completion.uring;

import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import java.lang.foreign.MemorySegment;

/**
 * The calls that make a ring and move it. The rings are plain memory, so whoever answers these calls can be the kernel: the system's, or
 * in tests a simulated one under the whole port. Results of zero or more are results, below zero they are −errno.
 */
interface UringCalls {
  /** io_uring_setup(2); {@code params} is one {@link io.janus.ffi.linux.UringParams}. */
  int setup(Errno errno, int entries, MemorySegment params);

  /**
   * mmap(2) of what the ring shares with the program.
   *
   * @param offset {@link io.janus.ffi.linux.Uring#OFF_RINGS} or {@link io.janus.ffi.linux.Uring#OFF_SQES}
   */
  MemorySegment map(Errno errno, int fd, long offset, long bytes) throws OsException;

  /** munmap(2). */
  void unmap(MemorySegment memory);

  /** io_uring_enter(2). */
  int enter(
      Errno errno,
      int fd,
      int toSubmit,
      int minComplete,
      int flags,
      MemorySegment argument,
      long argumentBytes);

  /** io_uring_register(2). */
  int register(Errno errno, int fd, int opcode, MemorySegment argument, int count);

  /**
   * Bounds what one operation may wait for a socket inside the kernel, which is nothing to calls that do not wait: SO_RCVTIMEO and
   * SO_SNDTIMEO. A simulated kernel waits nowhere.
   *
   * @param time room for a struct timeval
   */
  default int boundWaits(Errno errno, int socket, MemorySegment time) {
    return 0;
  }

  /** close(2). */
  void close(Errno errno, int fd);
}
