package io.janus.cli;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** The command line under a seccomp(2) filter on all of its threads, as containers have one: io_uring answers an error. */
final class DeniedJanus {
  private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");
  private static final long PRCTL = ARM ? 167 : 157;
  private static final long SECCOMP = ARM ? 277 : 317;
  private static final long SET_NO_NEW_PRIVS = 38;
  private static final long SET_MODE_FILTER = 1;
  private static final long FLAG_TSYNC = 1;

  /** What answers the error, to which its number is added. */
  private static final int ANSWER = 0x0005_0000;

  /** Load the number of the call; 425 to 427 answer the error, all others pass. */
  private static final int[][] ALL_CALLS = {
    {0x20, 0, 0, 0}, {0x35, 0, 2, 425}, {0x25, 1, 0, 427}, {0x06, 0, 0, ANSWER},
    {0x06, 0, 0, 0x7fff_0000}
  };

  private DeniedJanus() {}

  /** Load the number of the call, and of 427 the second argument: one registration answers the error, all others pass. */
  private static int[][] oneRegistration(int opcode) {
    return new int[][] {
      {0x20, 0, 0, 0}, {0x15, 0, 3, 427}, {0x20, 0, 0, 24}, {0x15, 0, 1, opcode},
      {0x06, 0, 0, ANSWER}, {0x06, 0, 0, 0x7fff_0000}
    };
  }

  /** Takes the errno, perhaps with the one opcode of io_uring_register that answers it as {@code 13@20}, then what the command line takes. */
  public static void main(String[] arguments) throws Throwable {
    String[] what = arguments[0].split("@");
    deny(
        Integer.parseInt(what[0]),
        what.length == 1 ? ALL_CALLS : oneRegistration(Integer.parseInt(what[1])));
    Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
  }

  private static void deny(int errno, int[][] rules) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle call = linker.downcallHandle(
        linker.defaultLookup().find("syscall").orElseThrow(),
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
        Linker.Option.firstVariadicArg(1));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate(rules.length * 8L, 8);
      for (int i = 0; i < rules.length; i++) {
        program.set(JAVA_SHORT, i * 8L, (short) rules[i][0]);
        program.set(JAVA_BYTE, i * 8L + 2, (byte) rules[i][1]);
        program.set(JAVA_BYTE, i * 8L + 3, (byte) rules[i][2]);
        program.set(JAVA_INT, i * 8L + 4, rules[i][3] | (rules[i][3] == ANSWER ? errno : 0));
      }
      MemorySegment header = arena.allocate(16, 8);
      header.set(JAVA_SHORT, 0, (short) rules.length);
      header.set(JAVA_LONG, 8, program.address());
      long privileges = (long) call.invokeExact(PRCTL, SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
      long filter = (long) call.invokeExact(
          SECCOMP, SET_MODE_FILTER, FLAG_TSYNC, header.address(), 0L, 0L);
      if (privileges != 0 || filter != 0) {
        throw new IllegalStateException("no filter could be set: " + privileges + ", " + filter);
      }
    }
  }
}
