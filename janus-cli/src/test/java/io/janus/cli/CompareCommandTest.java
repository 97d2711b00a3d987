package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.cli.compare.Variant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A very short comparison: its figures mean nothing, its form does. */
@Timeout(60)
class CompareCommandTest {

  @Test
  void measures_every_engine_and_says_what_differed(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("result.json");
    // In a process of its own, since it moves itself to other cores.
    try (JanusProcess compare = JanusProcess.start(
        "compare", "--quick", "--rounds", "2", "--window", "100ms", "--connections", "1,10",
        "--idle", "100", "--out", file.toString())) {
      assertThat(compare.exitCode()).as("%s", compare.err()).isZero();
      String text = String.join("\n", compare.out());
      assertThat(text)
          .contains("| epoll ", "| emulated ", "| emulated (waits first) ")
          .containsPattern("10 connections: .* took the least CPU time")
          .contains("the spread is ±")
          .contains("An idle connection costs epoll")
          .contains("No errors.");
      // Those on io_uring only where it may run.
      int variants = Variant.available().size();
      assertThat(variants).isIn(3, 5);
      Map<String, Object> result = JsonText.object(Files.readString(file));
      assertThat((List<?>) result.get("samples")).hasSize(2 * 2 * variants);
      assertThat((List<?>) result.get("idle")).hasSize(variants);
    }
  }
}
