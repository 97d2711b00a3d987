package io.janus.contract;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** A seccomp(2) filter on the whole process, as containers have one: the three calls of io_uring answer an error. */
public final class SeccompFilter {
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  private static final int SET_NO_NEW_PRIVS = 38;
  private static final int SET_MODE_FILTER = 1;

  /** The filter is put on all threads of the process. */
  private static final int FLAG_TSYNC = 1;

  private static final int LOAD_WORD = 0x20;
  private static final int JUMP_AT_LEAST = 0x35;
  private static final int JUMP_ABOVE = 0x25;
  private static final int RETURN = 0x06;
  private static final int ANSWER_ERRNO = 0x0005_0000;
  private static final int ALLOW = 0x7fff_0000;
  private static final int FIRST_CALL = 425;
  private static final int ENTER_CALL = 426;
  private static final int LAST_CALL = 427;

  private SeccompFilter() {}

  /** From now on io_uring_setup, io_uring_enter and io_uring_register answer this. */
  public static void denyUring(int errno) throws Throwable {
    deny(errno, FIRST_CALL, LAST_CALL);
  }

  /** The same for io_uring_enter alone, which lets rings be made that nobody can use. */
  public static void denyUringEnter(int errno) throws Throwable {
    deny(errno, ENTER_CALL, ENTER_CALL);
  }

  private static void deny(int errno, int first, int last) throws Throwable {
    MethodHandle prctl = Native.systemCall("prctl", ARM ? 167 : 157, FunctionDescriptor.of(
        JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    MethodHandle seccomp = Native.systemCall("seccomp", ARM ? 277 : 317,
        FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
    try (Arena arena = Arena.ofConfined()) {
      Errno state = new Errno(arena.allocate(Errno.BYTES, 8));
      MemorySegment program = arena.allocate(5 * 8, 8);
      set(program, 0, LOAD_WORD, 0, 0, 0);
      set(program, 1, JUMP_AT_LEAST, 0, 2, first);
      set(program, 2, JUMP_ABOVE, 1, 0, last);
      set(program, 3, RETURN, 0, 0, ANSWER_ERRNO | errno);
      set(program, 4, RETURN, 0, 0, ALLOW);
      MemorySegment header = arena.allocate(16, 8);
      header.set(JAVA_SHORT, 0, (short) 5);
      header.set(JAVA_LONG, 8, program.address());
      long privileges =
          (long) prctl.invokeExact(state.state(), (long) SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
      long filter = (long) seccomp.invokeExact(
          state.state(), (long) SET_MODE_FILTER, (long) FLAG_TSYNC, header.address());
      if (privileges != 0 || filter != 0) {
        throw new IllegalStateException("no filter could be set: " + privileges + ", " + filter);
      }
    }
  }

  private static void set(MemorySegment program, int index, int code, int yes, int no, int value) {
    program.set(JAVA_SHORT, index * 8L, (short) code);
    program.set(JAVA_BYTE, index * 8L + 2, (byte) yes);
    program.set(JAVA_BYTE, index * 8L + 3, (byte) no);
    program.set(JAVA_INT, index * 8L + 4, value);
  }
}
