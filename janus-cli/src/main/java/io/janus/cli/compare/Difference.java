package io.janus.cli.compare;

/**
 * By how much one row differs from another, measured round by round.
 *
 * @param percent mean difference over the rounds, of the other row's value; not-a-number if a round was not measured
 * @param spread half the width of the interval in which the true one lies, so wide that this holds for all differences of a run
 *     together, by Student's t
 */
public record Difference(double percent, double spread) {
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
    double[] percents = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      percents[i] = other[i] == 0 ? Double.NaN : HUNDRED * (row[i] - other[i]) / other[i];
      sum += percents[i];
    }
    double mean = rounds == 0 ? Double.NaN : sum / rounds;
    if (rounds < 2) {
      return new Difference(mean, Double.POSITIVE_INFINITY);
    }
    double squares = 0;
    for (double percent : percents) {
      squares += (percent - mean) * (percent - mean);
    }
    double spread =
        Student.bound(doubt, rounds - 1) * Math.sqrt(squares / (rounds - 1) / rounds);
    return new Difference(mean, spread);
  }

  /** True if the difference is larger than what the rounds differ among themselves. */
  public boolean isSure() {
    return Math.abs(percent) > spread;
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
