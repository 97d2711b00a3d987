package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** handleapi.h, call for call: 0, or the negative error. */
public final class Handleapi {
  private static final MethodHandle CLOSE_HANDLE =
      Dll.KERNEL32.call("CloseHandle", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
  private static final MethodHandle SET_HANDLE_INFORMATION =
      Dll.KERNEL32.call(
          "SetHandleInformation", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));

  private Handleapi() {}

  /** CloseHandle; not for sockets. */
  public static int closeHandle(Errno errno, long handle) {
    try {
      return errno.isTrue((int) CLOSE_HANDLE.invokeExact(errno.state(), handle));
    } catch (Throwable bug) {
      throw Native.bug("CloseHandle", bug);
    }
  }

  /** SetHandleInformation. */
  public static int setHandleInformation(Errno errno, long handle, int mask, int flags) {
    try {
      return errno.isTrue(
          (int) SET_HANDLE_INFORMATION.invokeExact(errno.state(), handle, mask, flags));
    } catch (Throwable bug) {
      throw Native.bug("SetHandleInformation", bug);
    }
  }
}
