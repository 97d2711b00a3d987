package io.janus;

import io.janus.limit.Limits;
import io.janus.socket.SystemLimits;

/** How many connections an engine may hold: what was asked for, and no more than this machine gives. */
final class ConnectionLimit {
  /** Descriptors that the process needs beside its connections. */
  private static final int SPARE_DESCRIPTORS = 64;

  /** What the kernel allows at most in one table, whatever the limits of the process. */
  private static final int MOST_DIRECT_DESCRIPTORS = 1 << 20;

  private ConnectionLimit() {}

  /**
   * The limit of all loops together.
   *
   * @throws IllegalArgumentException if more was asked for than the machine gives, with the remedy
   */
  static int of(EngineOptions options, int loops) {
    return options.directDescriptors() ? direct(options, loops) : ofTheProcess(options.limits());
  }

  /** The kernel allows each table as many sockets as the process may have descriptors. */
  static int tableSize() {
    return (int) Math.clamp(SystemLimits.read().descriptors(), 1, MOST_DIRECT_DESCRIPTORS);
  }

  private static int direct(EngineOptions options, int loops) {
    long possible = (long) tableSize() * loops;
    if (options.limits().connections() > possible) {
      throw new IllegalArgumentException(
          "a limit of "
              + options.limits().connections()
              + " connections is above the "
              + possible
              + " direct descriptors of "
              + loops
              + " loops with "
              + tableSize()
              + " each; ask for more loops, or raise `ulimit -n`");
    }
    return options.limits().connections() > 0
        ? options.limits().connections()
        : (int) Math.min(Integer.MAX_VALUE, possible);
  }

  private static int ofTheProcess(Limits limits) {
    long descriptors = SystemLimits.read().descriptors();
    long possible =
        descriptors < 0 ? Integer.MAX_VALUE : Math.max(1, descriptors - SPARE_DESCRIPTORS);
    if (limits.connections() > possible) {
      throw new IllegalArgumentException(
          "a limit of "
              + limits.connections()
              + " connections is above the "
              + descriptors
              + " descriptors of this process; raise them with `ulimit -n` (LimitNOFILE= under systemd) or ask for at most "
              + possible);
    }
    return limits.connections() > 0
        ? limits.connections()
        : (int) Math.min(Integer.MAX_VALUE, possible);
  }
}
