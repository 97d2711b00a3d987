package io.janus.cli.terminal;

import java.util.Locale;
import java.util.function.Supplier;

/** Checks a number of the command line where its limits are known only to the command. */
public final class Bounds {
  private Bounds() {}

  /**
   * Refuses what lies outside, with the option, the value, the limits and what to do.
   *
   * @param option its name, for the sentence
   */
  public static void check(String option, long value, long least, long most) {
    check(option, value, least, most, "", () -> ask(most) + " or less");
  }

  /**
   * The same where the least has a meaning of its own, or the most has a reason.
   *
   * @param leastMeans in words, or empty
   * @param remedy what to do about a value above the most; asked only then
   */
  public static void check(
      String option, long value, long least, long most, String leastMeans,
      Supplier<String> remedy) {
    if (value >= least && value <= most) {
      return;
    }
    throw new CommandFailure(
        ExitCode.USAGE,
        String.format(
            Locale.ROOT, "%s is %,d; it must be from %,d%s to %,d; %s", option, value, least,
            leastMeans.isEmpty() ? "" : " (" + leastMeans + ")", most,
            value < least ? ask(least) + " or more" : remedy.get()));
  }

  private static String ask(long number) {
    return String.format(Locale.ROOT, "ask for %,d", number);
  }
}
