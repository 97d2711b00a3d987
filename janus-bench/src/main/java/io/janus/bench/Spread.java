package io.janus.bench;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The median of several runs, and how far they lie apart. */
record Spread(double median, double min, double max) {
  static <T> Spread of(Collection<T> runs, ToDoubleFunction<T> figure) {
    double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
    if (sorted.length == 0) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    int upper = sorted.length / 2;
    int lower = (sorted.length - 1) / 2;
    double median = (sorted[lower] + sorted[upper]) / 2;
    return new Spread(median, sorted[0], Arrays.stream(sorted).max().getAsDouble());
  }

  String format(int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", median);
  }

  String formatWithRange(int decimals) {
    String number = "%." + decimals + "f";
    return String.format(
        Locale.ROOT, number + " (" + number + ".." + number + ")", median, min, max);
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("median", median);
    json.put("min", min);
    json.put("max", max);
    return json;
  }
}
