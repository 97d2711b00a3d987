package io.janus.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a difference counts as sure. */
class DifferenceTest {
  private static final double ALONE = 0.05;

  @Test
  void a_difference_that_every_round_shows_is_sure() {
    Difference difference =
        Difference.of(new double[] {110, 111, 109}, new double[] {100, 100, 100}, ALONE);
    assertThat(difference.percent()).isEqualTo(9.9970, Offset.offset(1e-4));
    // Student's 4.303 for three rounds, a deviation of the ratios' logarithms of 0.0091, by the root of three.
    assertThat(difference.spread()).isEqualTo(2.2841, Offset.offset(1e-3));
    assertThat(difference.isSure()).isTrue();
  }

  @Test
  void one_of_many_differences_needs_more_to_be_sure() {
    double[] row = {103, 104, 102, 103.5};
    double[] other = {100, 100, 100, 100};
    assertThat(Difference.of(row, other, ALONE).isSure()).isTrue();
    assertThat(Difference.of(row, other, ALONE / 120).isSure()).isFalse();
  }

  @Test
  void a_difference_within_the_spread_is_not_sure() {
    assertThat(
        Difference.of(new double[] {110, 90, 105}, new double[] {100, 100, 100}, ALONE).isSure())
        .isFalse();
  }

  @Test
  void drift_that_meets_both_alike_does_not_blur_it() {
    assertThat(
        Difference.of(new double[] {11, 22, 44, 88}, new double[] {10, 20, 40, 80}, ALONE)
            .isSure())
        .isTrue();
  }

  @Test
  void one_slow_round_of_the_other_row_does_not_turn_the_sign() {
    Difference difference =
        Difference.of(new double[] {80, 80, 80}, new double[] {100, 100, 40}, ALONE);
    assertThat(difference.percent()).isBetween(-15.0, 15.0);
    assertThat(
        Difference.of(new double[] {100, 50}, new double[] {50, 100}, ALONE).percent())
        .isEqualTo(0, Offset.offset(1e-9));
  }

  @Test
  void one_round_is_never_sure() {
    assertThat(Difference.of(new double[] {200}, new double[] {100}, ALONE).isSure()).isFalse();
  }

  @Test
  void a_round_without_a_figure_is_not_measured_and_not_sure() {
    for (Difference missing : new Difference[] {
      Difference.of(new double[] {1, Double.NaN}, new double[] {1, 1}, ALONE),
      Difference.of(new double[] {1, 1}, new double[] {1, 0}, ALONE),
      Difference.of(new double[0], new double[0], ALONE)}) {
      assertThat(missing.isMeasured()).isFalse();
      assertThat(missing.isSure()).isFalse();
    }
  }

  /** From printed tables of the distribution. */
  @ParameterizedTest
  @CsvSource({"0.05,1,12.706", "0.05,2,4.303", "0.05,3,3.182", "0.05,7,2.365", "0.05,30,2.042",
    "0.01,4,4.604", "0.01,5,4.032", "0.001,6,5.959", "0.001,3,12.924", "0.1,999,1.646"})
  void bounds_are_those_of_the_tables(double probability, int freedom, double bound) {
    assertThat(Student.bound(probability, freedom)).isEqualTo(bound, Offset.offset(1e-3));
  }
}
