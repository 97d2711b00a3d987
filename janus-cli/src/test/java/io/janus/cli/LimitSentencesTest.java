package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import io.janus.socket.SystemLimits;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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

  /** Warming up needs no more than what is measured with. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "Windows bounds no descriptors of a process")
  void compare_of_few_connections_takes_few_descriptors() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    try (JanusProcess compare =
        JanusProcess.start(
            List.of("/usr/bin/prlimit", "--nofile=120:120"), "compare", "--connections", "1",
            "--rounds", "2", "--window", "20ms", "--idle", "0")) {
      assertThat(compare.exitCode()).as("%s", compare.err()).isZero();
    }
  }

  /** As many as the engine holds then, and not as many as there are descriptors. */
  @ParameterizedTest
  @CsvSource({"70,6 connections", "65,1 connection", "1024,960 connections"})
  @EnabledOnOs(value = OS.LINUX, disabledReason = "Windows bounds no descriptors of a process")
  void doctor_tells_how_many_connections_the_descriptors_allow(int descriptors, String allowed)
      throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    try (JanusProcess doctor =
        JanusProcess.start(
            List.of("/usr/bin/prlimit", "--nofile=" + descriptors + ":" + descriptors),
            "doctor")) {
      assertThat(doctor.exitCode()).as("%s", doctor.err()).isZero();
      assertThat(doctor.out()).filteredOn(line -> line.contains(" descriptors allow "))
          .singleElement()
          .asString()
          .contains(grouped(descriptors) + " descriptors allow " + allowed + ", since 64 are kept");
    }
  }

  /** A limit that nobody asked for is not raised by asking for more, which would be refused. */
  @ParameterizedTest
  @MethodSource("io.janus.cli.JanusProcess#engines")
  @EnabledOnOs(value = OS.LINUX, disabledReason = "Windows bounds no descriptors of a process")
  void limit_that_follows_from_descriptors_is_told_as_that(String engine) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is missing");
    if (engine.equals(Engine.URING.id())) {
      assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
    }
    List<Socket> clients = new ArrayList<>();
    try (JanusProcess echo =
        JanusProcess.start(
            List.of("/usr/bin/prlimit", "--nofile=70:70"), "echo", "--listen", "127.0.0.1:0",
            "--loops", "1", "--engine", engine)) {
      echo.awaitOut("listening on");
      for (int i = 0; i < 8; i++) {
        clients.add(new Socket("127.0.0.1", echo.address().getPort()));
      }
      echo.awaitErr("accepting pauses: the limit of 6 connections is reached, no more fit into the"
          + " 70 descriptors of this process beside 64 for its own use; raise them with `ulimit -n`");
      assertThat(echo.err()).noneMatch(line -> line.contains("--max-connections"))
          .allMatch(line -> line.contains("--descriptors direct") == engine.equals("uring"));
    } finally {
      for (Socket client : clients) {
        client.close();
      }
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
