package io.janus.cli.compare;

/**
 * By how much one row differs from another, measured round by round.
 *
 * @param percent mean difference over the rounds, of the other row's value
 * @param spread half the width of the interval in which the true one lies with 95 % certainty, by Student's t
 */
public record Difference(double percent, double spread) {
  /** Two-sided 95 % points of Student's t for 1, 2, 3 … degrees of freedom. */
  private static final double[] STUDENT = {
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13
  };

  private static final double STUDENT_MANY = 2.1;
  private static final double HUNDRED = 100;

  /** Of the first row from the second, whose rounds stand at the same places. */
  static Difference of(double[] row, double[] other) {
    int rounds = Math.min(row.length, other.length);
    double sum = 0;
    double[] percents = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      percents[i] = other[i] == 0 ? 0 : HUNDRED * (row[i] - other[i]) / other[i];
      sum += percents[i];
    }
    double mean = rounds == 0 ? 0 : sum / rounds;
    if (rounds < 2) {
      return new Difference(mean, Double.POSITIVE_INFINITY);
    }
    double squares = 0;
    for (double percent : percents) {
      squares += (percent - mean) * (percent - mean);
    }
    double student = rounds - 2 < STUDENT.length ? STUDENT[rounds - 2] : STUDENT_MANY;
    double spread = student * Math.sqrt(squares / (rounds - 1) / rounds);
    return new Difference(mean, spread);
  }

  /** True if the difference is larger than what the rounds differ among themselves. */
  public boolean isSure() {
    return Math.abs(percent) > spread;
  }
}
