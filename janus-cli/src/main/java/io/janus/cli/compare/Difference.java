package io.janus.cli.compare;

/**
 * By how much one row differs from another, measured round by round.
 *
 * @param percent difference by the geometric mean of the ratios of the rounds; not-a-number if a round was not measured, or measured
 *     as nothing
 * @param spread the factor, in percent above one, by which the true ratio may be larger or smaller; so wide that this holds for all differences of a run
 *     together, by Student's t
 */
public record Difference(double percent, double spread) {
  /** A spread in percent beyond which its figures say nothing more. */
  static final double MOST_SPREAD = 1_000;

  private static final double HUNDRED = 100;

  /**
   * Of the first row from the second, whose rounds stand at the same places.
   *
   * @param doubt the probability with which the true difference may lie outside; for one of many differences a part of what all
   *     of them may have
   */
  static Difference of(double[] row, double[] other, double doubt) {
    int rounds = Math.min(row.length, other.length);
    double sum = 0;
    double[] logs = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      // Of ratios the geometric mean: of 2 and 1/2 it is 1, where the other would call both rows the larger one.
      logs[i] = row[i] > 0 && other[i] > 0 ? Math.log(row[i] / other[i]) : Double.NaN;
      sum += logs[i];
    }
    double mean = sum / rounds;
    if (rounds < 2) {
      return new Difference(percent(mean), Double.POSITIVE_INFINITY);
    }
    double squares = 0;
    for (double log : logs) {
      squares += (log - mean) * (log - mean);
    }
    double spread =
        Student.bound(doubt, rounds - 1) * Math.sqrt(squares / (rounds - 1) / rounds);
    return new Difference(percent(mean), percent(spread));
  }

  private static double percent(double log) {
    return HUNDRED * Math.expm1(log);
  }

  /** True if the difference is larger than what the rounds differ among themselves. */
  public boolean isSure() {
    return Math.abs(Math.log1p(percent / HUNDRED)) > Math.log1p(spread / HUNDRED);
  }

  /** True if it was measured and may be chance. */
  public boolean isOpen() {
    return isMeasured() && !isSure();
  }

  /** False if a round has no figure. */
  public boolean isMeasured() {
    return !Double.isNaN(percent);
  }
}
