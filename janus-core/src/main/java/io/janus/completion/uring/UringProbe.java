package io.janus.completion.uring;

import io.janus.buffer.BufferPool;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Native;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;

/**
 * Can io_uring run here, and how well? Found by opening a port, because no version number tells; on a thread of the system, because a
 * virtual one may not.
 */
public final class UringProbe {
  private static final int NOT_PERMITTED = 1;
  private static final int NO_MEMORY = 12;
  private static final int UNKNOWN_ARGUMENT = 22;
  private static final int DENIED = 13;
  private static final int NO_SUCH_CALL = 38;
  private static final int BUFFER_BYTES = 64;
  private static final String CALLS = "io_uring_setup, io_uring_enter and io_uring_register";

  private UringProbe() {}

  /** Empty if io_uring works, else why not and what helps. */
  public static String refusal() {
    if (!SystemName.LINUX) {
      return "io_uring is a part of Linux and this is " + SystemName.NAME;
    }
    try {
      stepsDown();
      return "";
    } catch (OsException e) {
      return sentence(e, Limits.defaults());
    } catch (LinkageError | IllegalCallerException e) {
      return Native.deniedSentence(e);
    }
  }

  /** What this kernel's io_uring lacks, in words; empty if nothing. */
  public static String stepsDown() throws OsException {
    return ask(0, parts -> parts.abilities.stepsDown(parts.instance.stepsDown()));
  }

  /** How a ring is set up here, in words. */
  public static String setUp() throws OsException {
    return ask(0, UringParts::setUp);
  }

  /**
   * Empty if a ring can have a table of so many direct descriptors here, else why not and what helps. Found by registering one, since a
   * sandbox may let rings be made that can have none.
   *
   * @param table sockets in it, 1 or more
   */
  public static String directRefusal(int table) {
    try {
      return ask(table, parts -> "");
    } catch (OsException e) {
      return sentence(e, Limits.defaults());
    }
  }

  private static String ask(int table, Function<UringParts, String> question)
      throws OsException {
    if (!Thread.currentThread().isVirtual()) {
      return trial(table, question);
    }
    FutureTask<String> trial = new FutureTask<>(() -> trial(table, question));
    Thread.ofPlatform().name("uring-probe").start(trial);
    try {
      return trial.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case OsException refused -> throw refused;
        case RuntimeException refused -> throw refused;
        case Error refused -> throw refused;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while trying whether io_uring can run here", e);
    }
  }

  private static String trial(int table, Function<UringParts, String> question)
      throws OsException {
    try (BufferPool pool = new BufferPool(BUFFER_BYTES, 16 * BUFFER_BYTES)) {
      UringParts parts =
          new UringParts(new UringSystem(), pool, Limits.defaults(), new Counters(), table);
      try {
        // A sandbox may let rings be made that nobody can enter.
        UringErrors.check("enter a ring", Math.min(0, enter(parts.instance)));
        return question.apply(parts);
      } finally {
        parts.close();
      }
    }
  }

  private static int enter(UringInstance ring) {
    int result = ring.look(0, 0);
    for (int i = 1; i < UringErrors.TRIES && UringErrors.isForTheMoment(result); i++) {
      result = ring.look(0, 0);
    }
    return result;
  }

  /**
   * What to throw when a ring that was opened in earnest was refused, which happens although the probe's was not: it is larger, or not
   * the first.
   *
   * @param limits of the port that was to have it, which say how large it is
   * @return why and what helps, in one sentence
   * @throws OsException the same, if it says nothing of io_uring: descriptors that have run out stop every engine
   */
  public static UnsupportedOperationException refused(OsException why, Limits limits)
      throws OsException {
    if (why.error().kind() == ErrorKind.OUT_OF_DESCRIPTORS) {
      throw why;
    }
    return new UnsupportedOperationException(sentence(why, limits), why);
  }

  private static String sentence(OsException refused, Limits limits) {
    if (message(refused).startsWith(DirectDescriptors.ATTEMPT)) {
      return DirectDescriptors.refusal(refused);
    }
    return switch (refused.error().code()) {
      case NOT_PERMITTED -> forbidden(refused);
      case DENIED ->
          "io_uring is blocked by a sandbox or a security policy, such as a seccomp filter, SELinux or AppArmor (EACCES); let it allow "
              + CALLS + " to this program";
      case NO_SUCH_CALL ->
          "this kernel or sandbox has no io_uring; run on Linux 6.1 or later, or let the sandbox pass "
              + CALLS;
      // Mapping what the ring has already takes no memory that would count as locked.
      case NO_MEMORY -> message(refused).startsWith(UringInstance.MAPPING)
          ? message(refused)
          : UringMemory.sentence(UringParts.lockedBytes(limits));
      case UNKNOWN_ARGUMENT ->
          "this kernel's io_uring lacks what Janus needs of it ("
              + message(refused).split(":", 2)[0]
              + ": EINVAL); run on Linux 5.19 or later, better 6.1, or let the sandbox pass all arguments of "
              + CALLS;
      default -> message(refused);
    };
  }

  private static String message(OsException refused) {
    return String.valueOf(refused.getMessage());
  }

  private static String forbidden(OsException refused) {
    // The switch is about making rings; who may make one and not enter it has met a filter.
    boolean atSetup = message(refused).startsWith(UringSetup.ATTEMPT);
    return switch (atSetup ? switchedOff() : "") {
      case "2" ->
          "io_uring is switched off on this system; set kernel.io_uring_disabled to 0 with sysctl";
      case "1" ->
          "io_uring is for a group on this system; join the group of kernel.io_uring_group, or set kernel.io_uring_disabled to 0 with "
              + "sysctl";
      default ->
          "io_uring is blocked, as the default seccomp profiles of containers do; allow " + CALLS
              + " in the profile";
    };
  }

  private static String switchedOff() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/io_uring_disabled")).trim();
    } catch (IOException e) {
      // Kernels before 6.6 have no such switch.
      return "";
    }
  }
}
