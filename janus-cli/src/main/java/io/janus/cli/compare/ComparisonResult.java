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
 * @param rounds how many were measured whole; fewer than planned if a signal has ended the comparison
 * @param cores who ran where
 * @param samples all measurements of those rounds
 * @param idleCosts of each row; empty if not measured
 */
public record ComparisonResult(
    ComparePlan plan,
    List<Variant> variants,
    int rounds,
    String cores,
    List<Sample> samples,
    Map<Variant, IdleCost> idleCosts) {

  /** What is judged of every pair of rows with every number of connections: CPU time, throughput, p99. */
  private static final int JUDGED_FIGURES = 3;

  /** The probability with which any verdict of a run may be wrong. */
  static final double DOUBT = 0.05;

  /** Copies. */
  public ComparisonResult {
    variants = List.copyOf(variants);
    samples = List.copyOf(samples);
    idleCosts = new LinkedHashMap<>(idleCosts);
  }

  /** True if all that was planned was measured. */
  public boolean isWhole() {
    return rounds == plan.rounds();
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
    return rounds.length == 0 ? Double.NaN : sum / rounds.length;
  }

  /** CPU time of a row for a message in its two parts. */
  CpuSplit split(Variant variant, int connections) {
    return CpuSplit.of(
        samples.stream()
            .filter(s -> s.variant().equals(variant) && s.connections() == connections)
            .toList());
  }

  /** Of a row from another. */
  Difference difference(
      Variant variant, Variant other, int connections, ToDoubleFunction<Sample> figure) {
    return Difference.of(
        rounds(variant, connections, figure), rounds(other, connections, figure),
        DOUBT / verdicts());
  }

  /**
   * Differences among which a run can find one. Every pair of rows counts, also those that are not told: the row that the others are
   * told against is picked by what was measured.
   */
  int verdicts() {
    int rows = variants.size();
    return Math.max(1, rows * (rows - 1) / 2 * plan.connections().size() * JUDGED_FIGURES);
  }

  /** Errors of the loads. */
  long errors() {
    return samples.stream().mapToLong(Sample::errors).sum();
  }

  /** Measurements in which something has no figure. */
  long unmeasured() {
    return samples.stream().filter(sample -> !sample.isMeasured()).count();
  }
}
