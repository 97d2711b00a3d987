package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.OsError;
import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** memoryapi.h, as far as memory of our own needs it. */
public final class Memoryapi {
  private static final MethodHandle VIRTUAL_ALLOC =
      Dll.KERNEL32.call(
          "VirtualAlloc",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
  private static final MethodHandle VIRTUAL_FREE =
      Dll.KERNEL32.call(
          "VirtualFree", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private Memoryapi() {}

  /** VirtualAlloc of zeroed memory for reading and writing, as a segment of the global scope. */
  public static MemorySegment allocate(long bytes) {
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      long address = errno.notNull((long) VIRTUAL_ALLOC.invokeExact(errno.state(), 0L, bytes,
          WindowsConstant.MEM_RESERVE | WindowsConstant.MEM_COMMIT,
          WindowsConstant.PAGE_READWRITE));
      if (address < 0) {
        throw new OutOfMemoryError(
            "VirtualAlloc of " + bytes + " bytes failed: " + OsError.of(address));
      }
      return MemorySegment.ofAddress(address).reinterpret(bytes);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable bug) {
      throw Native.bug("VirtualAlloc", bug);
    }
  }

  /** VirtualFree of all of it; the size is the system's own. */
  public static void free(MemorySegment segment) {
    try (Arena scratch = Arena.ofConfined()) {
      Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
      int result = errno.isTrue((int) VIRTUAL_FREE.invokeExact(
          errno.state(), segment.address(), 0L, WindowsConstant.MEM_RELEASE));
      if (result < 0) {
        throw new IllegalStateException("VirtualFree of " + segment + ": " + OsError.of(result));
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable bug) {
      throw Native.bug("VirtualFree", bug);
    }
  }
}
