package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Engine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
    Map<?, ?> limits = (Map<?, ?>) found.get("limits");
    assertThat((Double) limits.get("ports")).isGreaterThan(100.0);
    assertThat((Double) limits.get("somaxconn")).isGreaterThan(100.0);
  }

  @Test
  void a_person_may_read_it() {
    assertThat(String.join("\n", CommandRun.of("doctor").out()))
        .contains("engine epoll")
        .contains("descriptors")
        .contains("somaxconn")
        .contains("local ports");
  }

  @Test
  void a_ring_is_told_with_its_set_up_and_its_table() {
    assumeTrue(Engine.URING.refusal().isEmpty(), Engine.URING.refusal());
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
