package io.janus;

import io.janus.connection.CompletionConnectionManager;
import io.janus.limit.Limits;
import io.janus.socket.SystemLimits;
import java.util.Locale;

/** How many connections an engine may hold: what was asked for, and no more than this machine gives. */
final class ConnectionLimit {
  /** Descriptors that the process needs beside its connections: for loops and listeners, the JVM and its files. */
  private static final int SPARE_DESCRIPTORS = 64;

  /** What the kernel allows at most in one table, whatever the limits of the process. */
  private static final int MOST_DIRECT_DESCRIPTORS = 1 << 20;

  private ConnectionLimit() {}

  /**
   * The limit of all loops together.
   *
   * @param onPorts the engine is one on completion
   * @throws IllegalArgumentException if more was asked for than the machine gives, with the remedy
   */
  static int of(EngineOptions options, int loops, boolean onPorts) {
    int most =
        options.directDescriptors() ? direct(options, loops) : ofTheProcess(options.limits());
    return onPorts ? ofTheOperations(options.limits(), loops, most) : most;
  }

  /**
   * The end of the sentence that says that the limit is reached: where it comes from and what helps. Empty where it was asked for and a
   * greater one would be taken.
   */
  static String whenReached(EngineOptions options, int loops, Engine engine) {
    Limits limits = options.limits();
    int wanted = limits.connections();
    EngineOptions unasked = options.withLimits(limits.withConnections(0));
    int possible = of(unasked, loops, engine.hasPorts());
    String allLoops = loops == 1 ? "1 loop" : loops + " loops";
    if (wanted > 0 && wanted < possible) {
      return "";
    }
    if (possible < of(unasked, loops, false)) {
      return String.format(
          Locale.ROOT,
          ", no more fit into a limit of %,d operations (%,d connections for each of %s, for an idle one holds an operation, and a quarter"
              + " is kept for sends); raise the limit of operations (Limits.operations), use more loops, or wait",
          limits.operations(), CompletionConnectionManager.mostConnections(limits), allLoops);
    }
    long descriptors = SystemLimits.read().descriptors();
    if (options.directDescriptors()) {
      return String.format(
          Locale.ROOT,
          ", no more fit into the tables of direct descriptors (%,d for each of %s); use more loops%s, or wait",
          tableSize(descriptors), allLoops,
          tableSize(descriptors) < MOST_DIRECT_DESCRIPTORS
              ? ", raise `ulimit -n` (LimitNOFILE= under systemd)"
              : "");
    }
    return descriptors < 0 ? "; wait"
        : String.format(
            Locale.ROOT,
            ", no more fit into the %,d descriptors of this process beside %d for its own use; raise them with `ulimit -n` (LimitNOFILE="
                + " under systemd)%s, or wait",
            descriptors, SPARE_DESCRIPTORS,
            engine == Engine.URING
                ? ", use direct descriptors (EngineOptions.directDescriptors, echo --descriptors direct)"
                : "");
  }

  /** An idle connection on completion holds an operation of its loop's port. */
  private static int ofTheOperations(Limits limits, int loops, int most) {
    int each = CompletionConnectionManager.mostConnections(limits);
    long possible = (long) each * loops;
    if (limits.connections() > possible) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a limit of %,d connections is above the %,d for which a limit of %,d operations has room (%,d for each of %s, for an"
                  + " idle connection holds one, and a quarter is kept for sends); raise the limit of operations, use more loops, or"
                  + " lower the limit of connections",
              limits.connections(), possible, limits.operations(), each,
              loops == 1 ? "1 loop" : loops + " loops"));
    }
    return (int) Math.min(most, possible);
  }

  /** The kernel allows each table as many sockets as the process may have descriptors. */
  static int tableSize() {
    return tableSize(SystemLimits.read().descriptors());
  }

  /**
   * @param descriptors that the process may have; below zero if there is no limit
   */
  static int tableSize(long descriptors) {
    return descriptors < 0 ? MOST_DIRECT_DESCRIPTORS
        : (int) Math.clamp(descriptors, 1, MOST_DIRECT_DESCRIPTORS);
  }

  private static int direct(EngineOptions options, int loops) {
    int each = tableSize();
    long possible = (long) each * loops;
    int wanted = options.limits().connections();
    if (wanted > possible) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a limit of %,d connections is above the %,d direct descriptors of this engine (%,d for each of %s); %s, or lower"
                  + " the limit of connections",
              wanted, possible, each, loops == 1 ? "1 loop" : loops + " loops",
              each < MOST_DIRECT_DESCRIPTORS
                  ? "use more loops, or raise `ulimit -n` (LimitNOFILE= under systemd)"
                  : "use more loops"));
    }
    return wanted > 0 ? wanted : (int) Math.min(Integer.MAX_VALUE, possible);
  }

  private static int ofTheProcess(Limits limits) {
    long descriptors = SystemLimits.read().descriptors();
    long possible =
        descriptors < 0 ? Integer.MAX_VALUE : Math.max(1, descriptors - SPARE_DESCRIPTORS);
    int wanted = limits.connections();
    if (wanted > possible) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a limit of %,d connections is above the %,d that are possible here: the %,d descriptors of this process without %d for"
                  + " its own use; raise them with `ulimit -n` (LimitNOFILE= under systemd), use direct descriptors where io_uring"
                  + " runs, or lower the limit of connections",
              wanted, possible, descriptors, SPARE_DESCRIPTORS));
    }
    return wanted > 0 ? wanted : (int) Math.min(Integer.MAX_VALUE, possible);
  }
}
