package io.janus.cli.terminal;

import java.util.Locale;

/** Checks a number of the command line where its limits are known only to the command. */
public final class Bounds {
  private Bounds() {}

  /**
   * Refuses what lies outside.
   *
   * @param option its name, for the sentence
   * @param limits the same limits in words, such as {@code from 1 to 1,024}
   */
  public static void check(String option, long value, long least, long most, String limits) {
    if (value < least || value > most) {
      throw new CommandFailure(
          ExitCode.USAGE,
          String.format(Locale.ROOT, "%s is %,d; it must be %s", option, value, limits));
    }
  }
}
