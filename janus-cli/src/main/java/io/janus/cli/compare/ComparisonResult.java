package io.janus.cli.compare;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What a comparison found.
 *
 * @param plan how it was made
 * @param variants the rows, the first one being the best choice by default
 * @param cores who ran where
 * @param samples all measurements
 * @param idleCosts of each row; empty if not measured
 */
public record ComparisonResult(
    ComparePlan plan,
    List<Variant> variants,
    String cores,
    List<Sample> samples,
    Map<Variant, IdleCost> idleCosts) {

  /** Copies. */
  public ComparisonResult {
    variants = List.copyOf(variants);
    samples = List.copyOf(samples);
    idleCosts = new LinkedHashMap<>(idleCosts);
  }

  /** One figure of a row, round by round. */
  double[] rounds(Variant variant, int connections, ToDoubleFunction<Sample> figure) {
    return samples.stream()
        .filter(s -> s.variant().equals(variant) && s.connections() == connections)
        .mapToDouble(figure)
        .toArray();
  }

  /** One figure of a row, its mean over the rounds. */
  double mean(Variant variant, int connections, ToDoubleFunction<Sample> figure) {
    double sum = 0;
    double[] rounds = rounds(variant, connections, figure);
    for (double value : rounds) {
      sum += value;
    }
    return rounds.length == 0 ? 0 : sum / rounds.length;
  }

  /** Of a row from another. */
  Difference difference(
      Variant variant, Variant other, int connections, ToDoubleFunction<Sample> figure) {
    return Difference.of(rounds(variant, connections, figure), rounds(other, connections, figure));
  }
}
