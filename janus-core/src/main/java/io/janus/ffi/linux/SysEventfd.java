package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** sys/eventfd.h. */
public final class SysEventfd {
  private static final MethodHandle EVENTFD =
      Native.call("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private SysEventfd() {}

  /** eventfd(2). */
  public static int eventfd(Errno errno, int initial, int flags) {
    try {
      return errno.orNegative((int) EVENTFD.invokeExact(errno.state(), initial, flags));
    } catch (Throwable bug) {
      throw Native.bug("eventfd", bug);
    }
  }
}
