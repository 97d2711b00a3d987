package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** sys/ioctl.h, call for call, and asm-generic/ioctls.h. */
public final class SysIoctl {
  /** The argument is an int: not 0 = non-blocking. One call where fcntl(2) needs two. */
  public static final int FIONBIO = 0x5421;

  private static final MethodHandle IOCTL =
      Native.variadicCall(
          "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), 2);

  private SysIoctl() {}

  /** ioctl(2) with a pointer to an int. */
  public static int ioctl(Errno errno, int fd, long request, MemorySegment value) {
    try {
      return errno.orNegative(
          (int) IOCTL.invokeExact(
              errno.state(), fd, request, Native.address(value, 0, Integer.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("ioctl", bug);
    }
  }
}
