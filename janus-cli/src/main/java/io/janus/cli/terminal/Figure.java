package io.janus.cli.terminal;

import java.util.Locale;

/** A measured figure as text; one without a sample is no zero. */
public final class Figure {
  /** Stands where nothing was measured. */
  public static final String NONE = "-";

  private Figure() {}

  /** The figure in this format, or {@link #NONE} for not-a-number. */
  @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
  public static String of(String format, double value) {
    return Double.isNaN(value) ? NONE : String.format(Locale.ROOT, format, value);
  }

  /** A number with its noun: 1 connection, 2 connections. */
  public static String count(long number, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
  }
}
