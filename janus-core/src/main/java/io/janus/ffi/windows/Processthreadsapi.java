package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** processthreadsapi.h, as far as counting this process's handles needs it. */
public final class Processthreadsapi {
  /** What GetCurrentProcess always returns. */
  private static final long CURRENT_PROCESS = -1;

  private static final MethodHandle GET_PROCESS_HANDLE_COUNT =
      Dll.KERNEL32.call(
          "GetProcessHandleCount", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

  private Processthreadsapi() {}

  /** GetProcessHandleCount of this process: the handles open now, those of the JVM included, or the negative error. */
  public static int getProcessHandleCount(Errno errno, MemorySegment count) {
    try {
      int result = errno.isTrue((int) GET_PROCESS_HANDLE_COUNT.invokeExact(
          errno.state(), CURRENT_PROCESS, Native.address(count, 0, Integer.BYTES)));
      return result < 0 ? result : count.get(JAVA_INT, 0);
    } catch (Throwable bug) {
      throw Native.bug("GetProcessHandleCount", bug);
    }
  }
}
