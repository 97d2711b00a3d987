package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** sys/resource.h. */
public final class SysResource {
  private static final MethodHandle GETRLIMIT =
      Native.call("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle SETRLIMIT =
      Native.call("setrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));

  private SysResource() {}

  /** getrlimit(2) into a {@link Rlimit}. */
  public static int getrlimit(Errno errno, int resource, MemorySegment limit) {
    try {
      return errno.orNegative((int) GETRLIMIT.invokeExact(errno.state(), resource,
          Native.address(limit, 0, Rlimit.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("getrlimit", bug);
    }
  }

  /** setrlimit(2) from a {@link Rlimit}. */
  public static int setrlimit(Errno errno, int resource, MemorySegment limit) {
    try {
      return errno.orNegative((int) SETRLIMIT.invokeExact(errno.state(), resource,
          Native.address(limit, 0, Rlimit.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("setrlimit", bug);
    }
  }
}
