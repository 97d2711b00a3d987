package io.janus.cli.terminal;

import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** A number with a unit behind it, such as {@code 4k} or {@code 1.5s}. */
final class UnitNumber {
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)\\s*([A-Za-z]*)");

  private UnitNumber() {}

  /**
   * @param what the noun for the error sentence
   * @param units what each unit stands for; the empty one if a bare number is allowed
   * @param forms what is allowed, for the error sentence
   */
  static long parse(String what, String text, Map<String, Long> units, String forms) {
    return parse(what, text, text, units, forms);
  }

  /**
   * The same of a text of which only a part is the number.
   *
   * @param text for the error sentence
   */
  static long parse(
      String what, String text, String number, Map<String, Long> units, String forms) {
    Matcher parts = FORM.matcher(number.strip());
    Long factor = parts.matches() ? units.get(parts.group(2)) : null;
    if (factor == null) {
      throw new TypeConversionException(
          "\"" + text + "\" is not a " + what + "; write " + forms);
    }
    try {
      return new BigDecimal(parts.group(1)).multiply(BigDecimal.valueOf(factor)).longValueExact();
    } catch (ArithmeticException e) {
      throw new TypeConversionException(
          "\"" + text + "\" is too large or too fine for a " + what + "; write " + forms);
    }
  }
}
