package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** winbase.h, as far as completion modes need it. */
public final class Winbase {
  private static final MethodHandle SET_FILE_COMPLETION_NOTIFICATION_MODES =
      Dll.KERNEL32.call(
          "SetFileCompletionNotificationModes",
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_BYTE));

  private Winbase() {}

  /** SetFileCompletionNotificationModes: 0, or the negative error. What is set stays set for the handle's life. */
  public static int setFileCompletionNotificationModes(Errno errno, long handle, int modes) {
    try {
      return errno.isTrue((int) SET_FILE_COMPLETION_NOTIFICATION_MODES.invokeExact(
          errno.state(), handle, (byte) modes));
    } catch (Throwable bug) {
      throw Native.bug("SetFileCompletionNotificationModes", bug);
    }
  }
}
