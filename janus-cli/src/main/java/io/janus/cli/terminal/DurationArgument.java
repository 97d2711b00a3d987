package io.janus.cli.terminal;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A duration such as {@code 500ms}, {@code 2s}, {@code 1.5m} or {@code 1h}; the unit may be left out for 0 only. */
public final class DurationArgument implements ITypeConverter<Duration> {
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration MOST = Duration.ofDays(24);
  private static final Map<String, Long> UNITS =
      Map.of(
          "ms", TimeUnit.MILLISECONDS.toNanos(1),
          "s", TimeUnit.SECONDS.toNanos(1),
          "m", TimeUnit.MINUTES.toNanos(1),
          "h", TimeUnit.HOURS.toNanos(1));

  @Override
  public Duration convert(String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    String forms = "a number with its unit, as 500ms, 2s, 5m or 1h, up to " + MOST.toHours() + "h";
    Duration duration = Duration.ofNanos(UnitNumber.parse("duration", text, UNITS, forms));
    if (!duration.isZero() && duration.compareTo(LEAST) < 0) {
      // Nobody waits in finer steps, and a part of a millisecond cut off would be 0, which means never or at once.
      throw new TypeConversionException(
          "duration \"" + text + "\" is shorter than 1ms; write 0, or 1ms and more");
    }
    if (duration.compareTo(MOST) > 0) {
      throw new TypeConversionException(
          "duration \"" + text + "\" is above the limit of " + MOST.toHours()
              + "h; ask for that or less");
    }
    return duration;
  }

  /** The duration in whole seconds, or else in milliseconds. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
  }
}
