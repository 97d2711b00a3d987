package io.janus.cli.terminal;

import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A whole number such as {@code 100} or {@code 10k}; k and M stand for a thousand and a million. */
public final class CountArgument implements ITypeConverter<Integer> {
  private static final Map<String, Long> UNITS = Map.of("", 1L, "k", 1_000L, "M", 1_000_000L);

  @Override
  public Integer convert(String text) {
    long count = UnitNumber.parse("count", text, UNITS, "a whole number as 100 or 10k (k = 1,000)");
    if (count > Integer.MAX_VALUE) {
      // Smaller limits are the option's own, and whoever has the option tells them.
      throw new TypeConversionException(
          "count \"" + text + "\" is above the limit of 2,147,483,647; ask for less");
    }
    return (int) count;
  }
}
