package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** sys/mman.h, as far as anonymous memory and the rings of io_uring need it. */
public final class SysMman {
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int MAP_SHARED_POPULATE = 0x8001;

  private static final MethodHandle MMAP =
      Native.call(
          "mmap",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      Native.call("munmap", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

  private SysMman() {}

  /** mmap(2) of private zeroed memory, as a segment of the global scope. */
  public static MemorySegment mapAnonymous(long bytes) {
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      long address = mmap(errno, bytes, MAP_PRIVATE_ANONYMOUS, -1, 0);
      if (address == -1) {
        throw new OutOfMemoryError(
            "mmap of " + bytes + " bytes failed: " + LinuxErrors.of(-errno.orNegative(-1)));
      }
      return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
  }

  /**
   * mmap(2) of memory that is shared with the kernel behind a descriptor, populated at once.
   *
   * @return the segment, of the global scope
   * @throws OsException if the system refuses
   */
  public static MemorySegment mapShared(Errno errno, int fd, long offset, long bytes)
      throws OsException {
    long address = mmap(errno, bytes, MAP_SHARED_POPULATE, fd, offset);
    if (address == -1) {
      OsException.check("map " + bytes + " bytes of a ring", errno.orNegative(-1));
    }
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  private static long mmap(Errno errno, long bytes, int flags, int fd, long offset) {
    try {
      return (long) MMAP.invokeExact(
          errno.state(), 0L, bytes, PROT_READ_WRITE, flags, fd, offset);
    } catch (Throwable bug) {
      throw Native.bug("mmap", bug);
    }
  }

  /** munmap(2). */
  public static void unmap(MemorySegment segment) {
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      int result =
          errno.orNegative(
              (int) MUNMAP.invokeExact(errno.state(), segment.address(), segment.byteSize()));
      if (result < 0) {
        throw new IllegalStateException("munmap of " + segment + ": " + LinuxErrors.of(-result));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable bug) {
      throw Native.bug("munmap", bug);
    }
  }
}
