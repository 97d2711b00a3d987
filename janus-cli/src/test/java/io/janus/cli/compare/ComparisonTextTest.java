package io.janus.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.janus.cli.load.LoadReport;
import io.janus.cli.terminal.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of given measurements. */
class ComparisonTextTest {
  private static final Variant A = new Variant("a", "epoll", List.of());
  private static final Variant B = new Variant("b", "emulated", List.of());
  private static final Variant C = new Variant("c", "uring", List.of());
  private static final double[] TEN = {10, 10.1, 9.9, 10};
  private static final double[] ABOUT_TEN = {10.1, 10, 10, 10.1};
  private static final double[] TWENTY = {20, 20.1, 19.9, 20};

  @Test
  void the_headline_names_whom_it_cannot_tell_from_the_least() {
    assertThat(text(TEN, ABOUT_TEN, TWENTY))
        .contains("1 connection: the least CPU time was measured of a")
        .contains("a and b cannot be told apart")
        .doesNotContain("took the least");
    assertThat(text(TEN, TWENTY, TWENTY))
        .contains("1 connection: a took the least CPU time, 10.00 µs for a message.");
  }

  @Test
  void the_level_counts_every_pair_of_rows() {
    // Three pairs, three figures, one number of connections.
    assertThat(text(TEN, TEN, TEN)).contains("all 9 differences", "5 %", "0.556 %", "Bonferroni");
  }

  @Test
  void what_was_not_measured_is_said_and_warned_of() {
    double[] missing = {10, Double.NaN, 10, 10};
    assertThat(text(TEN, missing, TWENTY))
        .contains("- b: CPU time not measured")
        .contains("1 of 12 measurements lack a figure: do not trust these figures.")
        .doesNotContain("No errors")
        .doesNotContain("NaN");
    assertThat(text(TEN, TEN, TEN)).contains("No errors.");
  }

  @Test
  void messages_without_an_answer_are_errors() {
    List<Sample> samples = samples(TEN, TEN, TEN);
    samples.set(0, Sample.of(1, A, 1, 64, report(3), usage(0), usage(6400)));
    assertThat(String.join("\n", new ComparisonText(result(samples)).lines()))
        .contains("3 errors: do not trust these figures.");
  }

  @Test
  void a_server_that_got_nothing_has_no_figure_for_a_message() {
    Sample sample = Sample.of(1, A, 1, 64, report(0), usage(640), usage(640));
    assertThat(sample.cpuMicros()).isNaN();
    assertThat(sample.systemCalls()).isNaN();
    assertThat(sample.isMeasured()).isFalse();
  }

  @Test
  void few_system_calls_are_compared_by_their_ratio() {
    assertThat(ComparisonText.calls(0.02, 0.05)).isEqualTo(
        "0.02 system calls for a message against 0.05");
    assertThat(ComparisonText.calls(2.02, 2.05)).isEqualTo("as many system calls (2.02)");
    assertThat(ComparisonText.calls(0, 0)).isEqualTo("as many system calls (0.00)");
    assertThat(ComparisonText.calls(Double.NaN, 1)).isEqualTo("system calls were not measured");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void a_steady_drift_cancels_over_every_two_rounds(int rows) {
    List<Integer> all = IntStream.range(0, rows).boxed().toList();
    for (int round = 1; round < 2 * rows; round += 2) {
      List<Integer> there = Comparison.turn(all, round);
      List<Integer> back = Comparison.turn(all, round + 1);
      for (int row : all) {
        assertThat(there.indexOf(row) + back.indexOf(row)).isEqualTo(rows - 1);
      }
    }
    assertThat(IntStream.range(0, rows).mapToObj(i -> Comparison.turn(all, 1 + 2 * i).getFirst()))
        .containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void idle_cost_is_the_median_with_its_range_and_keeps_what_is_below_zero() {
    IdleCost noisy = new IdleCost(100, new double[] {150, 148, 151}, new double[] {30, -20, 4});
    assertThat(noisy.nativeBytes()).isEqualTo(4);
    assertThat(ComparisonText.idleWords("a", noisy))
        .contains("costs a 151 bytes (heap; native 4 is within its noise of ±25 and not counted,")
        .contains("3 passes gave -20 to 30; by 100 of them");
    IdleCost clear = new IdleCost(100, new double[] {150}, new double[] {60, 50, 55});
    assertThat(clear.bytes()).isEqualTo(205, offset(1e-9));
    assertThat(ComparisonText.idleWords("a", clear))
        .contains("costs a 205 bytes (heap 150 and native 55; 3 passes gave 50 to 60")
        .doesNotContain("noise");
    // What was given back meanwhile makes no connection cheaper than its heap.
    IdleCost shrunk = new IdleCost(100, new double[] {150}, new double[] {-60, -50, -55});
    assertThat(shrunk.bytes()).isEqualTo(150, offset(1e-9));
  }

  @Test
  void a_part_of_the_cpu_time_that_no_tick_has_hit_is_not_said_to_be_nothing() {
    ComparisonResult coarse = result(samples(0, TEN, TEN, TEN));
    // 16 ticks in four rounds: each stands for a sixteenth of the 10 µs.
    assertThat(new ComparisonText(coarse).lines())
        .filteredOn(line -> line.startsWith("|           1 | a "))
        .singleElement()
        .asString()
        .contains("|   <0.63 |   10.00 |");
    assertThat(coarse.split(A, 1).user().resolution()).isEqualTo(0.625, offset(1e-9));
    CpuSplit none =
        CpuSplit.of(List.of(new Sample(1, A, 1, 1, 1, 1, 1, 10, 0, 0, 1, 1, 0, 0, 0)));
    assertThat(none.user().micros()).isNaN();
    assertThat(none.system().micros()).isNaN();
  }

  @Test
  void what_a_difference_and_its_spread_are_is_said_in_a_line() {
    assertThat(new ComparisonText(result(samples(TEN, TWENTY, TWENTY))).lines())
        .filteredOn(line -> line.contains("geometric mean of the rounds' ratios"))
        .singleElement()
        .asString()
        .contains("its spread is the factor");
  }

  @Test
  void a_spread_that_says_nothing_has_no_digits() {
    double[] wild = {1e-9, 1e9, 1e-9, 1e9};
    ComparisonResult result = result(samples(TEN, wild, TWENTY));
    assertThat(new ComparisonText(result).lines())
        .anyMatch(line -> line.contains("not sure: the spread is above ±1,000 %"));
    assertThat(Json.of(new ComparisonJson(result).toMap())).contains("\"spread\":null")
        .doesNotContainPattern("[0-9]{30}");
  }

  private static String text(double[] a, double[] b, double[] c) {
    return String.join("\n", new ComparisonText(result(samples(a, b, c))).lines());
  }

  @Test
  void partOfTheRoundsIsToldAsSuch() {
    List<String> lines = new ComparisonText(result(samples(TEN, TWENTY, TWENTY), 3)).lines();
    assertThat(lines.getFirst()).contains("; 3 of 4 rounds of ");
    assertThat(text(TEN, TWENTY, TWENTY)).contains("; 4 rounds of ");
  }

  private static ComparisonResult result(List<Sample> samples) {
    return result(samples, 4);
  }

  private static ComparisonResult result(List<Sample> samples, int rounds) {
    ComparePlan plan =
        new ComparePlan(
            List.of(1), Rows.both, 4, Duration.ZERO, Duration.ofSeconds(1), 64, 0);
    return new ComparisonResult(plan, List.of(A, B, C), rounds, "no cores", samples,
        new HashMap<>());
  }

  private static List<Sample> samples(double[] a, double[] b, double[] c) {
    return samples(12, a, b, c);
  }

  private static List<Sample> samples(int userTicks, double[] a, double[] b, double[] c) {
    Map<Variant, double[]> rows = new LinkedHashMap<>();
    rows.put(A, a);
    rows.put(B, b);
    rows.put(C, c);
    List<Sample> samples = new ArrayList<>();
    rows.forEach(
        (row, micros) -> {
          for (int i = 0; i < micros.length; i++) {
            samples.add(
                new Sample(i + 1, row, 1, 1e6 / micros[i], 10, 20, 30, micros[i], userTicks, 4, 2,
                    1, 0, 0, 0));
          }
        });
    return samples;
  }

  private static LoadReport report(long unanswered) {
    Histogram latencies = new Histogram(1_000_000, 3);
    latencies.recordValue(1_000);
    return new LoadReport(1, 0, 0, 1, 1, 100, 0, 0, latencies, latencies, unanswered, 0, 1, 0, 0,
        "", List.of());
  }

  private static ServerUsage usage(long bytes) {
    return new ServerUsage(
        "{\"BYTES_RECEIVED\":" + bytes + ",\"SYSTEM_CALLS\":" + bytes + ",\"EVENTS\":" + bytes
            + ",\"BATCHES\":" + bytes + ",\"WOULD_BLOCKS\":0}",
        bytes, bytes, bytes, 0);
  }
}
