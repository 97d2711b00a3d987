package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import io.janus.cli.compare.ComparePlan;
import io.janus.cli.compare.Rows;
import io.janus.cli.compare.Variant;
import io.janus.cli.terminal.HostSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** A very short comparison: its figures mean nothing, its form does. */
@Timeout(90)
class CompareCommandTest {

  @Test
  void measures_every_engine_and_says_what_differed(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("result.json");
    // In a process of its own, since it moves itself to other cores.
    try (JanusProcess compare = JanusProcess.start(
        "compare", "--quick", "--rounds", "2", "--window", "400ms", "--connections", "1,10",
        "--idle", "100", "--out", file.toString())) {
      assertThat(compare.exitCode()).as("%s", compare.err()).isZero();
      String text = String.join("\n", compare.out());
      assertThat(text)
          .contains("| emulated ", "| emulated (waits first) ")
          .containsPattern(
              "10 connections: .*(took the least CPU time|cannot be told apart)")
          .contains("the spread is ", "(Bonferroni)")
          .contains("An idle connection costs emulated")
          .contains("No errors.");
      for (Engine engine : Engine.values()) {
        assertThat(text.contains("| " + engine.id() + " ")).as(engine.refusal())
            .isEqualTo(engine.refusal().isEmpty());
      }
      boolean ring = Engine.URING.refusal().isEmpty();
      assertThat(text.contains("| uring (direct) ")).isEqualTo(ring);
      assertThat(text.contains("| iocp (every packet) "))
          .isEqualTo(Engine.IOCP.refusal().isEmpty());
      assertThat(text.contains("no time, rate or CPU time here is one of Windows"))
          .isEqualTo(!HostSystem.wine().isEmpty());
      int variants = ring || HostSystem.WINDOWS ? 5 : 3;
      Map<String, Object> result = JsonText.object(Files.readString(file));
      assertThat((List<?>) result.get("samples")).hasSize(2 * 2 * variants);
      assertThat((List<?>) result.get("idle")).hasSize(variants);
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM,143", "INT,130"})
  void a_signal_ends_its_servers_as_well(String signal, int code) throws Exception {
    try (JanusProcess compare = JanusProcess.start(
        "compare", "--quick", "--rounds", "2", "--window", "10m", "--connections", "1", "--idle",
        "0")) {
      List<ProcessHandle> servers = List.of();
      while (servers.size() < Variant.available(Rows.both).size()) {
        assertThat(compare.isAlive()).as("%s", compare.err()).isTrue();
        TimeUnit.MILLISECONDS.sleep(20);
        servers =
            ProcessHandle.of(compare.pid())
                .stream()
                .flatMap(ProcessHandle::children)
                .filter(CompareCommandTest::isEcho)
                .toList();
      }
      compare.signal(signal);
      assertThat(compare.exitCode()).isEqualTo(code);
      assertThat(compare.err()).singleElement()
          .asString()
          .contains("ended by " + JanusProcess.nameOf(signal) + " before a round was whole");
      assertThat(compare.out()).isEmpty();
      for (ProcessHandle server : servers) {
        server.onExit().get(30, TimeUnit.SECONDS);
        assertThat(server.isAlive()).isFalse();
      }
    }
  }

  /** Only a terminal is told of the rounds while they run. */
  @ParameterizedTest
  @EnabledOnOs(OS.LINUX)
  @CsvSource({"TERM,143", "INT,130"})
  void a_signal_leaves_the_rounds_that_are_whole(String signal, int code, @TempDir Path folder)
      throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no script(1) here");
    Path file = folder.resolve("part.json");
    try (JanusProcess compare = JanusProcess.onTerminal("", "compare", "--quick", "--rounds",
        "1000", "--window", "20ms", "--connections", "1", "--idle", "0", "--descriptors", "process",
        "--out", file.toString())) {
      compare.awaitOut("round 3 of 1000");
      compare.signalOnTerminal(signal);
      assertThat(compare.exitCode()).as("%s", compare.out()).isEqualTo(code);
      assertThat(String.join("\n", compare.out()))
          .containsPattern("\\*\\*Ended by SIG" + signal + " after \\d+ of 1000 rounds")
          .contains("| emulated ", "(Bonferroni)");
      Map<String, Object> result = JsonText.object(Files.readString(file));
      int rounds = ((Number) result.get("rounds")).intValue();
      assertThat(rounds).isBetween(2, 999);
      assertThat(result).containsEntry("endedBy", "SIG" + signal);
      List<?> engines = (List<?>) result.get("engines");
      assertThat((List<?>) result.get("samples")).as("whole rounds only")
          .hasSize(rounds * engines.size());
    }
  }

  @Test
  void rows_of_io_uring_may_be_chosen() {
    assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
    assertThat(Variant.available(Rows.process)).extracting(Variant::name)
        .contains("uring")
        .doesNotContain("uring (direct)");
    assertThat(Variant.available(Rows.direct)).extracting(Variant::name)
        .contains("uring (direct)", "epoll")
        .doesNotContain("uring");
    assertThat(Variant.available(Rows.both)).extracting(Variant::name)
        .contains("uring", "uring (direct)");
  }

  @Test
  void help_tells_the_time_of_the_plan() {
    String help = String.join(" ", CommandRun.of("compare", "--help").out());
    List<Integer> minutes =
        Pattern.compile("about (\\d+)")
            .matcher(help)
            .results()
            .map((MatchResult result) -> Integer.valueOf(result.group(1)))
            .toList();
    assertThat(minutes).hasSize(2);
    for (int i = 0; i < 2; i++) {
      CompareCommand command = new CompareCommand();
      new CommandLine(command).parseArgs(i == 1 ? new String[] {"--quick"} : new String[0]);
      ComparePlan plan = command.plan();
      long seconds = plan.measuring(5).toSeconds();
      // Connecting, heating and idle connections come on top, and are less than the measuring.
      assertThat(60L * minutes.get(i)).isBetween(seconds, 2 * seconds);
    }
  }

  private static boolean isEcho(ProcessHandle process) {
    // Windows does not tell the arguments of another process, and nothing else is started there.
    return HostSystem.WINDOWS
        || process.info().arguments().map(List::of).orElse(List.of()).contains("--control");
  }
}
