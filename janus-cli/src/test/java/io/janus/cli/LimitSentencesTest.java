package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import io.janus.socket.SystemLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        .contains("-c is 0; it must be from 1 to ", "; ask for 1 or more")
        .doesNotContain("descriptors");
  }

  @ParameterizedTest
  @ValueSource(strings = {"load --connect 127.0.0.1:1 -c", "load --connect 127.0.0.1:1 --idle",
    "echo --listen 127.0.0.1:0 --max-connections"})
  void direct_descriptors_are_the_remedy_where_io_uring_runs(String command) {
    assumeTrue(isBounded(), "no limit of descriptors that a count could reach");
    assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
    assumeTrue(Engine.URING.directRefusal().isEmpty(), Engine.URING.directRefusal());
    String count = " " + 2 * descriptors;
    for (String engine : new String[] {"auto", "uring"}) {
      assertThat(CommandRun.of((command + count + " --engine " + engine).split(" ")).err())
          .singleElement()
          .asString()
          .contains("--descriptors direct --loops ");
    }
    assertThat(CommandRun.of((command + count + " --engine epoll").split(" ")).err())
        .singleElement()
        .asString()
        .contains("ulimit -n")
        .doesNotContain("--descriptors direct");
    // More than any number of loops has room for: then it is no help either.
    assumeTrue(1024 * descriptors < Integer.MAX_VALUE, "no count is above all tables");
    assertThat(CommandRun.of((command + " 2000M").split(" ")).err()).singleElement()
        .asString()
        .doesNotContain("--descriptors direct");
  }

  /** The remedy that a sentence names is one: with it the load is tried, and fails for want of a server alone. */
  @Test
  void the_remedy_named_is_one() throws Exception {
    assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
    assumeTrue(Engine.URING.directRefusal().isEmpty(), Engine.URING.directRefusal());
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    List<String> few = List.of("/usr/bin/prlimit", "--nofile=256:256");
    String[] load = {"load", "--connect", "127.0.0.1:1", "--engine", "uring", "--idle", "1000"};
    try (JanusProcess refused = JanusProcess.start(few, load)) {
      assertThat(refused.exitCode()).isEqualTo(64);
      assertThat(refused.err()).singleElement()
          .asString()
          .contains("-c and --idle together is 1,001", "use --descriptors direct --loops 4 -c 4");
    }
    List<String> remedied = new ArrayList<>(List.of(load));
    remedied.addAll(List.of("--descriptors", "direct", "--loops", "4"));
    try (JanusProcess tooFewLoops = JanusProcess.start(few, remedied.toArray(String[]::new))) {
      assertThat(tooFewLoops.exitCode()).as("a loop without an active connection").isEqualTo(64);
      assertThat(tooFewLoops.err()).singleElement().asString().contains("use --loops 4 -c 4");
    }
    remedied.addAll(List.of("-c", "4"));
    try (JanusProcess tried = JanusProcess.start(few, remedied.toArray(String[]::new))) {
      assertThat(tried.exitCode()).as("%s", tried.err()).isEqualTo(69);
      assertThat(tried.err()).singleElement().asString().contains("ECONNREFUSED");
    }
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
            start, "from ", " to " + grouped(descriptors - SPARE) + ";",
            grouped(descriptors) + " descriptors",
            "64 for its own use", "ulimit -n");
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
