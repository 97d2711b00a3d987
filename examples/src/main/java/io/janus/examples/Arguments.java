package io.janus.examples;

import io.janus.socket.SystemLimits;
import java.util.Locale;

/** The command line of the examples that need no address: an engine first, if one is named, then numbers. */
final class Arguments {
  private static final int MOST = 1_000_000;

  /** Each is a thread of the system, so as many as the command line takes loops. */
  private static final int MOST_WORKERS = 1024;

  /** For loops and listeners, the JVM and its files; as many as an engine keeps. */
  private static final int SPARE_DESCRIPTORS = 64;

  /** Ports from 1,024 on, one for each connection to one address. */
  private static final int MOST_PORTS = 64_512;

  private Arguments() {}

  /** The engine below: {@code auto} for the best one here that has a completion port, {@code uring} or {@code iocp}, {@code emulated}. */
  static String engine(String[] args) {
    return namesEngine(args) ? args[0] : "auto";
  }

  /** The number at an index, the engine not counted; from 1. */
  static int number(String[] args, int index, int otherwise) {
    return number(args, index, otherwise, "number", MOST, "");
  }

  static int workers(String[] args, int index, int otherwise) {
    return number(args, index, otherwise, "number of workers", MOST_WORKERS, "");
  }

  /** As many as the server and its client, each a process with its own limit, can hold at once. */
  static int connections(String[] args, int index, int otherwise) {
    SystemLimits here = SystemLimits.read();
    long ports =
        here.firstPort() < 0 ? MOST_PORTS : Math.max(1, here.lastPort() - here.firstPort() + 1);
    long descriptors =
        here.descriptors() < 0
            ? Long.MAX_VALUE
            : Math.max(1, here.descriptors() - SPARE_DESCRIPTORS);
    String why =
        descriptors < ports
            ? String.format(
                Locale.ROOT,
                ", as many as the %,d descriptors of a process allow without %d for its own use (raise them with `ulimit -n`)",
                here.descriptors(), SPARE_DESCRIPTORS)
            : ", as many as one address has local ports for";
    return number(
        args, index, otherwise, "number of connections", (int) Math.min(descriptors, ports), why);
  }

  private static int number(
      String[] args, int index, int otherwise, String what, int most, String why) {
    int at = namesEngine(args) ? index + 1 : index;
    String word = at < args.length ? args[at] : Integer.toString(otherwise);
    boolean good = word.matches("[1-9]\\d{0,6}") && Integer.parseInt(word) <= most;
    if (!good) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%s is no %s from 1 to %,d%s",
              at < args.length ? "\"" + word + "\"" : "the default, " + word + ",", what, most,
              why));
    }
    return Integer.parseInt(word);
  }

  private static boolean namesEngine(String[] args) {
    return args.length > 0 && args[0].matches("\\p{L}.*");
  }
}
