package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** psapi.h, whose functions are in kernel32 under names of their own: what a process uses. */
public final class Psapi {
  /** What GetCurrentProcess answers, always. */
  private static final long CURRENT_PROCESS = -1;

  private static final MethodHandle GET_PROCESS_MEMORY_INFO =
      Dll.KERNEL32.call(
          "K32GetProcessMemoryInfo",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  private Psapi() {}

  /** GetProcessMemoryInfo of this process into {@link ProcessMemoryCounters}: 0, or the negative error. */
  public static int getProcessMemoryInfo(Errno errno, MemorySegment counters) {
    try {
      return errno.isTrue((int) GET_PROCESS_MEMORY_INFO.invokeExact(
          errno.state(), CURRENT_PROCESS,
          Native.address(counters, 0, ProcessMemoryCounters.BYTES),
          ProcessMemoryCounters.BYTES));
    } catch (Throwable bug) {
      throw Native.bug("GetProcessMemoryInfo", bug);
    }
  }
}
