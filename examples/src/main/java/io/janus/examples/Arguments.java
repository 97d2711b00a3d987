package io.janus.examples;

/** Numbers on the command line. */
final class Arguments {
  private Arguments() {}

  static int number(String[] args, int index, int otherwise) {
    return index < args.length ? Integer.parseInt(args[index]) : otherwise;
  }
}
