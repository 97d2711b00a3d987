package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import io.janus.cli.terminal.HostSystem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What {@code janus doctor} tells. */
class DoctorCommandTest {

  @Test
  void a_machine_may_read_it() {
    CommandRun run = CommandRun.of("doctor", "--json");
    assertThat(run.code()).isZero();
    assertThat(run.out()).hasSize(1);
    Map<String, Object> found = JsonText.object(run.out().getFirst());
    assertThat(found).containsKeys("kernel", "cores", "java", "auto", "limits", "remarks");
    assertThat((List<?>) found.get("engines")).isNotEmpty();
    assertThat(found.get("wine")).isEqualTo(HostSystem.wine());
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "Windows has no device that is always full")
  void a_report_that_cannot_be_written_is_no_success() throws Exception {
    for (String form : new String[] {"--json", "--help"}) {
      try (JanusProcess doctor =
          JanusProcess.start(
              List.of("/bin/sh", "-c", "exec \"$@\" >/dev/full", "sh"), "doctor", form)) {
        assertThat(doctor.exitCode()).isEqualTo(74);
        assertThat(doctor.err()).singleElement()
            .asString()
            .contains("standard output failed");
      }
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "Windows does not tell its limits to programs")
  void limits_of_linux_are_told_as_numbers() {
    Map<String, Object> found = JsonText.object(CommandRun.of("doctor", "--json").out().getFirst());
    Map<?, ?> limits = (Map<?, ?>) found.get("limits");
    assertThat((Double) limits.get("ports")).isGreaterThan(100.0);
    assertThat((Double) limits.get("somaxconn")).isGreaterThan(100.0);
    assertThat(String.join("\n", CommandRun.of("doctor").out()))
        .contains("engine epoll", "descriptors", "somaxconn", "local ports");
  }

  @Test
  @EnabledOnOs(value = OS.WINDOWS, disabledReason = "it is about Windows")
  void windows_tells_its_build_its_engines_and_whether_wine_plays_it() {
    CommandRun run = CommandRun.of("doctor");
    assertThat(run.code()).isZero();
    assertThat(String.join("\n", run.out()))
        .containsPattern("system +Windows 1[0-9]\\.0\\.[0-9]{5}")
        .containsPattern("engine iocp +available .*GetQueuedCompletionStatusEx")
        .containsPattern("engine afd +available .*Afd")
        .containsPattern("engine emulated +available")
        .containsPattern("engine auto +iocp ")
        .contains("handles", "netsh")
        .doesNotContain("epoll", "ulimit -n");
    assertThat(run.out().stream().anyMatch(line -> line.contains("Wine")))
        .isEqualTo(!HostSystem.wine().isEmpty());
  }

  @Test
  void every_engine_of_this_system_has_a_line() {
    List<String> out = CommandRun.of("doctor").out();
    assertThat(JanusProcess.engines())
        .isNotEmpty()
        .allSatisfy(id -> assertThat(out).anyMatch(line -> line.startsWith("engine " + id)));
  }

  @Test
  void a_ring_is_told_with_its_set_up_and_its_table() {
    assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
    assumeTrue(Engine.URING.directRefusal().isEmpty(), Engine.URING.directRefusal());
    assertThat(CommandRun.of("doctor").out())
        .filteredOn(line -> line.strip().startsWith("set-up"))
        .singleElement()
        .asString()
        .contains("ring with ", "queues of 256 submissions", "--descriptors direct a table of ");
    Map<String, Object> found = JsonText.object(CommandRun.of("doctor", "--json").out().getFirst());
    assertThat((List<?>) found.get("engines"))
        .anySatisfy(
            engine -> assertThat((Double) ((Map<?, ?>) engine).get("directDescriptors"))
                .isPositive());
  }
}
