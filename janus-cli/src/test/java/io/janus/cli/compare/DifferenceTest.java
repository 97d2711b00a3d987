package io.janus.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** When a difference counts as sure. */
class DifferenceTest {

  @Test
  void a_difference_that_every_round_shows_is_sure() {
    Difference difference =
        Difference.of(new double[] {110, 111, 109}, new double[] {100, 100, 100});
    assertThat(difference.percent()).isEqualTo(10, Offset.offset(1e-9));
    // Student's 4.30 for three rounds, a deviation of 1 %, by the root of three.
    assertThat(difference.spread()).isEqualTo(4.30 / Math.sqrt(3), Offset.offset(1e-9));
    assertThat(difference.isSure()).isTrue();
  }

  @Test
  void a_difference_within_the_spread_is_not_sure() {
    assertThat(Difference.of(new double[] {110, 90, 105}, new double[] {100, 100, 100}).isSure())
        .isFalse();
  }

  @Test
  void drift_that_meets_both_alike_does_not_blur_it() {
    assertThat(
        Difference.of(new double[] {11, 22, 44, 88}, new double[] {10, 20, 40, 80}).isSure())
        .isTrue();
  }

  @Test
  void one_round_is_never_sure() {
    assertThat(Difference.of(new double[] {200}, new double[] {100}).isSure()).isFalse();
  }
}
