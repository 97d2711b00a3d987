package io.janus.cli.terminal;

import io.janus.Engine;
import io.janus.connection.CompletionConnectionManager;
import io.janus.limit.Limits;
import io.janus.socket.SystemLimits;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * How many connections one engine can hold in this process, and why.
 *
 * @param most connections at a time, 1 or more
 * @param why says where that comes from and how there can be more; asked with the number that was wanted
 */
public record ConnectionRoom(long most, LongFunction<String> why) {
  /** Descriptors that an engine does not give to connections: for its loops and listeners, the JVM and its files. */
  public static final int SPARE_DESCRIPTORS = 64;

  private static final int MOST_LOOPS = 1024;

  /** Each connection costs a descriptor of the process. */
  public static ConnectionRoom ofProcess() {
    long descriptors = SystemLimits.read().descriptors();
    if (descriptors < 0) {
      return new ConnectionRoom(
          Integer.MAX_VALUE, wanted -> say("ask for %,d or less", Integer.MAX_VALUE));
    }
    return new ConnectionRoom(
        Math.clamp(descriptors - SPARE_DESCRIPTORS, 1, Integer.MAX_VALUE),
        wanted -> say(
            "those are the %,d descriptors of this process without %d for its own use: raise them with `ulimit -n` (LimitNOFILE="
                + " under systemd)",
            descriptors, SPARE_DESCRIPTORS));
  }

  /**
   * The same, with the way around it where there is one: with direct descriptors each loop's ring has as many again.
   *
   * @param engine what was asked for
   * @param withLoops the options for a number of loops, in words
   */
  public ConnectionRoom orDirect(String engine, LongFunction<String> withLoops) {
    return new ConnectionRoom(
        most,
        wanted -> {
          long loops = -Math.floorDiv(-wanted, Math.max(1, Engine.URING.directDescriptors()));
          return why.apply(wanted)
              + (loops <= MOST_LOOPS && isRing(engine)
                  ? ", or use --descriptors direct " + withLoops.apply(loops)
                  : "");
        });
  }

  private static boolean isRing(String engine) {
    try {
      return Engine.choose(engine).engine() == Engine.URING
          && Engine.URING.directRefusal().isEmpty();
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }

  /**
   * Each connection takes a place in the table of a loop's ring.
   *
   * @param loops how many there are
   * @param withLoops the options for a number of loops, in words
   */
  public static ConnectionRoom ofRings(int loops, LongFunction<String> withLoops) {
    int each = Engine.URING.directDescriptors();
    return new ConnectionRoom(
        Math.clamp((long) each * loops, 1, Integer.MAX_VALUE),
        wanted -> {
          long needed = -Math.floorDiv(-wanted, each);
          String remedy =
              needed <= MOST_LOOPS ? "use " + withLoops.apply(needed) + ", or raise `ulimit -n`"
                  : "raise `ulimit -n` (LimitNOFILE= under systemd), and use more loops";
          return say(
              "those are the direct descriptors of %s, %,d for each: %s",
              Figure.count(loops, "loop"), each, remedy);
        });
  }

  /**
   * The same, and on an engine on completion no more than the operations of its loops have room for: an idle connection holds one. It
   * matters where the descriptors bound little.
   *
   * @param engine what was asked for
   * @param loops how many there are
   * @param withLoops the options for a number of loops, in words; empty where there are none
   */
  public ConnectionRoom withinOperations(
      String engine, int loops, LongFunction<String> withLoops) {
    long each = CompletionConnectionManager.mostConnections(Limits.defaults());
    if (each * loops >= most || !isOnCompletion(engine)) {
      return this;
    }
    return new ConnectionRoom(
        each * loops,
        wanted -> {
          long needed = -Math.floorDiv(-wanted, each);
          String more =
              needed <= MOST_LOOPS && wanted <= most ? withLoops.apply(needed) : "";
          return say(
              "those are what the operations of %s have room for, %,d for each: ask for fewer%s",
              Figure.count(loops, "loop"), each, more.isEmpty() ? "" : ", or use " + more);
        });
  }

  private static boolean isOnCompletion(String engine) {
    try {
      return Engine.choose(engine).engine().face().equals("completion");
    } catch (UnsupportedOperationException e) {
      // The engine's own refusal says more than a number could.
      return false;
    }
  }

  /** As much as that, and no more than one address has local ports for. */
  public ConnectionRoom toOneAddress() {
    SystemLimits limitsHere = SystemLimits.read();
    long ports = (long) limitsHere.lastPort() - limitsHere.firstPort() + 1;
    if (limitsHere.firstPort() < 0 || ports < 1 || ports >= most) {
      return this;
    }
    return new ConnectionRoom(
        ports,
        wanted -> "those are the local ports of this machine for one address: widen the sysctl net.ipv4.ip_local_port_range");
  }

  /** Room for fewer, since others stand beside. */
  public ConnectionRoom without(int others) {
    return new ConnectionRoom(Math.max(0, most - others), why);
  }

  /**
   * Refuses what lies outside.
   *
   * @param leastMeans in words, or empty
   */
  public void check(String option, long value, long least, String leastMeans) {
    Bounds.check(option, value, least, most, leastMeans, () -> why.apply(value));
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
  private static String say(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
