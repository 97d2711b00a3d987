package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.socket.SystemLimits;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The numbers in sentences about limits are those that count. */
@Timeout(60)
class LimitSentencesTest {
  private static final int SPARE = 64;

  private final long descriptors = SystemLimits.read().descriptors();

  @Test
  void load_of_as_many_connections_as_descriptors_is_told_how_many_are_possible() {
    assumeTrue(isBounded(), "no limit of descriptors that a count could reach");
    CommandRun run =
        CommandRun.of("load", "--connect", "127.0.0.1:1", "-c", Long.toString(descriptors));
    assertSaysWhatIsPossible(run, "-c is " + grouped(descriptors));
  }

  @Test
  void echo_of_as_many_connections_as_descriptors_is_told_how_many_are_possible() {
    assumeTrue(isBounded(), "no limit of descriptors that a count could reach");
    CommandRun run =
        CommandRun.of(
            "echo", "--listen", "127.0.0.1:0", "--max-connections", Long.toString(descriptors));
    assertSaysWhatIsPossible(run, "--max-connections is " + grouped(descriptors));
  }

  @Test
  void direct_descriptors_are_not_bounded_by_those_of_the_process() {
    CommandRun run =
        CommandRun.of(
            "load", "--connect", "127.0.0.1:1", "-c", "0", "--descriptors", "direct", "--engine",
            "uring");
    assertThat(run.code()).isEqualTo(64);
    assertThat(run.err()).singleElement()
        .asString()
        .contains("-c is 0; it must be 1 or more")
        .doesNotContain("descriptors of this process");
  }

  @Test
  void compare_finds_out_before_it_measures() {
    assumeTrue(isBounded(), "no limit of descriptors that a count could reach");
    for (String option : new String[] {"--connections", "--idle"}) {
      CommandRun run = CommandRun.of("compare", option, Long.toString(descriptors));
      assertThat(run.code()).as("%s", run.err()).isEqualTo(64);
      // Whichever is the smaller one here.
      assertThat(run.err()).singleElement()
          .asString()
          .contains(option + " is " + grouped(descriptors))
          .containsAnyOf("ulimit -n", "ip_local_port_range");
    }
  }

  private boolean isBounded() {
    return descriptors > 2 * SPARE && descriptors < Integer.MAX_VALUE;
  }

  private void assertSaysWhatIsPossible(CommandRun run, String start) {
    assertThat(run.code()).as("%s", run.err()).isEqualTo(64);
    assertThat(run.err()).singleElement()
        .asString()
        .contains(
            start, "within " + grouped(descriptors - SPARE), grouped(descriptors) + " descriptors",
            "64 for its own use", "ulimit -n");
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
