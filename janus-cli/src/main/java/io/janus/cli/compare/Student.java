package io.janus.cli.compare;

/** Student's t distribution for whole degrees of freedom, by its finite series. */
final class Student {
  private static final int HALVINGS = 200;
  private static final double MOST = 1e12;

  private Student() {}

  /**
   * The bound that the absolute value of t exceeds with this probability.
   *
   * @param probability of both sides together, above 0 and below 1
   * @param freedom degrees of freedom, 1 or more
   */
  static double bound(double probability, int freedom) {
    double low = 0;
    double high = MOST;
    for (int i = 0; i < HALVINGS && high - low > 1e-9 * high; i++) {
      double middle = (low + high) / 2;
      if (beyond(middle, freedom) > probability) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  /** The probability that the absolute value of t exceeds the given one, which is 0 or more. */
  static double beyond(double t, int freedom) {
    double angle = Math.atan2(t, Math.sqrt(freedom));
    double cosine = Math.cos(angle);
    boolean odd = freedom % 2 == 1;
    double term = odd ? cosine : 1;
    double sum = freedom == 1 ? 0 : term;
    // Each power of the cosine comes with the quotient of the next odd and even number, or the other way round.
    for (int k = odd ? 3 : 2; k <= freedom - 2; k += 2) {
      term *= cosine * cosine * (k - 1) / k;
      sum += term;
    }
    double within =
        odd ? 2 / Math.PI * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
    return Math.clamp(1 - within, 0, 1);
  }
}
