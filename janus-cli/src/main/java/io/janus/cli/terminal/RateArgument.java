package io.janus.cli.terminal;

import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A rate per second such as {@code 1000/s}, {@code 1000} or {@code 50k/s}; k and M stand for a thousand and a million. */
public final class RateArgument implements ITypeConverter<Integer> {
  private static final int MOST = 10_000_000;
  private static final Map<String, Long> UNITS = Map.of("", 1L, "k", 1_000L, "M", 1_000_000L);

  @Override
  public Integer convert(String text) {
    String number = text.endsWith("/s") ? text.substring(0, text.length() - 2) : text;
    long rate =
        UnitNumber.parse(
            "rate", text, number, UNITS, "messages per second as 1000/s or 50k/s");
    if (rate < 1 || rate > MOST) {
      throw new TypeConversionException(
          "rate \"" + text + "\" is outside 1/s to 10,000,000/s; ask for "
              + (rate < 1 ? "1/s or more" : "10M/s or less"));
    }
    return (int) rate;
  }
}
