package io.janus.examples;

/** The command line of the examples that need no address: an engine first, if one is named, then numbers. */
final class Arguments {
  private static final int MOST = 1_000_000;

  private Arguments() {}

  /** The engine below: {@code auto} for the best one here that has a completion port, {@code uring} or {@code iocp}, {@code emulated}. */
  static String engine(String[] args) {
    return namesEngine(args) ? args[0] : "auto";
  }

  /** The number at an index, the engine not counted; from 1. */
  static int number(String[] args, int index, int otherwise) {
    int at = namesEngine(args) ? index + 1 : index;
    if (at >= args.length) {
      return otherwise;
    }
    boolean good = args[at].matches("[1-9]\\d{0,6}") && Integer.parseInt(args[at]) <= MOST;
    if (!good) {
      throw new IllegalArgumentException(
          "\"" + args[at] + "\" is no number from 1 to " + MOST);
    }
    return Integer.parseInt(args[at]);
  }

  private static boolean namesEngine(String[] args) {
    return args.length > 0 && args[0].matches("\\p{L}.*");
  }
}
