package io.janus.completion.uring;

import io.janus.socket.SystemLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why the kernel has no memory for another ring. It counts the rings of all processes of a user against the limit of the one that opens
 * the next, save for who has CAP_IPC_LOCK, for whom only the memory of the machine and of the process's group counts.
 */
final class UringMemory {
  private static final int CAP_IPC_LOCK = 14;
  private static final Pattern CAPABILITIES =
      Pattern.compile("^CapEff:\\s*([0-9a-fA-F]{1,16})$", Pattern.MULTILINE);
  private static final Pattern ALL_USERS = Pattern.compile("\\s*0\\s+0\\s+4294967295\\s*");
  private static final long KIB = 1024;

  private UringMemory() {}

  /**
   * The reasons and what helps, in one sentence. Nobody here knows how many loops are asked for, nor what the user's other processes have,
   * so it is told for each loop.
   *
   * @param ringBytes what one ring takes
   */
  static String sentence(long ringBytes) {
    return sentence(
        SystemLimits.read().lockedBytes(), isExempt(read("status"), read("uid_map")), ringBytes);
  }

  /**
   * @param limit of the memory that may be locked, below zero if there is none
   * @param exempt the limit does not count for this process
   */
  static String sentence(long limit, boolean exempt, long ringBytes) {
    if (limit >= 0 && !exempt) {
      return String.format(
          Locale.ROOT,
          "the memory that this user may lock is too small for another ring (%d KiB for all rings of the user together, and each loop"
              + " takes %d KiB); raise it with `ulimit -l` (LimitMEMLOCK= under systemd) to at least %2$d KiB for each loop and one more, ask"
              + " for fewer loops, or give CAP_IPC_LOCK; if it is large enough, the container or the machine is out of memory",
          limit / KIB, ringBytes / KIB);
    }
    return String.format(
        Locale.ROOT,
        "the kernel has no memory for another ring (ENOMEM; each loop takes %d KiB, and %s); free memory, raise the memory limit of the"
            + " container or group (memory.max), or ask for fewer loops",
        ringBytes / KIB,
        limit < 0 ? "locked memory is unlimited here"
            : "the limit of locked memory does not count for a process with CAP_IPC_LOCK");
  }

  /**
   * True if the process has the capability in the namespace of the system itself; the kernel counts the root of any other one as it counts
   * everybody.
   *
   * @param status /proc/self/status, or empty
   * @param users /proc/self/uid_map, or empty
   */
  static boolean isExempt(String status, String users) {
    Matcher found = CAPABILITIES.matcher(status);
    return found.find()
        && (Long.parseUnsignedLong(found.group(1), 16) >>> CAP_IPC_LOCK & 1) != 0
        && ALL_USERS.matcher(users).matches();
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of("/proc/self", file));
    } catch (IOException e) {
      // A sandbox may hide /proc; then the limit is taken to count, as it does for nearly everybody.
      return "";
    }
  }
}
