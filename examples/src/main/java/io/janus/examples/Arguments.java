package io.janus.examples;

/** The command line of the examples that need no address: an engine first, if one is named, then numbers. */
final class Arguments {
  private Arguments() {}

  /** The engine below: {@code auto} for the best one here that has a completion port, {@code uring} or {@code iocp}, {@code emulated}. */
  static String engine(String[] args) {
    return namesEngine(args) ? args[0] : "auto";
  }

  /** The number at an index, the engine not counted. */
  static int number(String[] args, int index, int otherwise) {
    int at = namesEngine(args) ? index + 1 : index;
    return at < args.length ? Integer.parseInt(args[at]) : otherwise;
  }

  private static boolean namesEngine(String[] args) {
    return args.length > 0 && !Character.isDigit(args[0].charAt(0));
  }
}
