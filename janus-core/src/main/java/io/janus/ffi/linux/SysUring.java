package io.janus.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The three system calls of io_uring(7), for which the C library has no functions. The numbers are the same on all CPUs. */
public final class SysUring {
  private static final MethodHandle SETUP =
      Native.systemCall(
          "io_uring_setup", 425, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG));
  private static final MethodHandle ENTER =
      Native.systemCall(
          "io_uring_enter",
          426,
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle REGISTER =
      Native.systemCall(
          "io_uring_register",
          427,
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));

  private SysUring() {}

  /** io_uring_setup(2); {@code params} is one {@link UringParams}. */
  public static int setup(Errno errno, int entries, MemorySegment params) {
    try {
      return errno.orNegative(
          (long) SETUP.invokeExact(
              errno.state(), entries, Native.address(params, 0, UringParams.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("io_uring_setup", bug);
    }
  }

  /**
   * io_uring_enter(2).
   *
   * @param argument the range that {@link Uring#ENTER_EXT_ARG} asks for; unused with {@code argumentBytes} 0
   */
  public static int enter(
      Errno errno,
      int fd,
      int toSubmit,
      int minComplete,
      int flags,
      MemorySegment argument,
      long argumentBytes) {
    try {
      long address = argumentBytes == 0 ? 0 : Native.address(argument, 0, argumentBytes);
      return errno.orNegative(
          (long) ENTER.invokeExact(
              errno.state(), fd, toSubmit, minComplete, flags, address, argumentBytes));
    } catch (Throwable bug) {
      throw Native.bug("io_uring_enter", bug);
    }
  }

  /** io_uring_register(2); {@code argument} holds what the opcode asks for. */
  public static int register(
      Errno errno, int fd, int opcode, MemorySegment argument, int count) {
    try {
      return errno.orNegative(
          (long) REGISTER.invokeExact(errno.state(), fd, opcode, argument.address(), count));
    } catch (Throwable bug) {
      throw Native.bug("io_uring_register", bug);
    }
  }
}
