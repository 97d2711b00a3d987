package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** unistd.h, call for call. */
public final class Unistd {
  private static final MethodHandle CLOSE =
      Native.call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle WRITE =
      Native.call("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private Unistd() {}

  /** close(2). */
  public static int close(Errno errno, int fd) {
    try {
      return errno.orNegative((int) CLOSE.invokeExact(errno.state(), fd));
    } catch (Throwable bug) {
      throw Native.bug("close", bug);
    }
  }

  /** write(2) from the start of a segment. */
  public static int write(Errno errno, int fd, MemorySegment from, long bytes) {
    try {
      return errno.orNegative(
          (long) WRITE.invokeExact(errno.state(), fd, Native.address(from, 0, bytes), bytes));
    } catch (Throwable bug) {
      throw Native.bug("write", bug);
    }
  }
}
