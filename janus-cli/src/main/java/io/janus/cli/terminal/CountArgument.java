package io.janus.cli.terminal;

import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A whole number such as {@code 100} or {@code 10k}; k and M stand for a thousand and a million. */
public final class CountArgument implements ITypeConverter<Integer> {
  private static final int MOST = 10_000_000;
  private static final Map<String, Long> UNITS = Map.of("", 1L, "k", 1_000L, "M", 1_000_000L);

  @Override
  public Integer convert(String text) {
    long count = UnitNumber.parse("count", text, UNITS, "a whole number as 100 or 10k (k = 1,000)");
    if (count > MOST) {
      throw new TypeConversionException(
          "count \"" + text + "\" is above the limit of 10,000,000");
    }
    return (int) count;
  }
}
