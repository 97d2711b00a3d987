package io.janus.cli.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** CPU time as a server on Windows tells it of itself. */
@Timeout(60)
class OwnAccountTest {

  @Test
  void nanoseconds_become_ticks_of_the_clock_of_windows() {
    ServerUsage usage =
        OwnAccount.read(
            "{\"loopNanos\":625000000,\"loopUserNanos\":156250000,\"processNanos\":700000000}");
    assertThat(usage.loopNanos()).isEqualTo(625_000_000);
    assertThat(usage.userTicks()).isEqualTo(10, offset(1e-9));
    assertThat(usage.systemTicks()).isEqualTo(30, offset(1e-9));
    assertThat(usage.otherNanos()).isEqualTo(75_000_000);
    // 625 ms for 1,000 messages are 625 µs, of which a tick is worth 15.6.
    CpuSplit split =
        CpuSplit.of(
            List.of(new Sample(1, new Variant("a", "afd", List.of()), 1, 1, 1, 1, 1, 625,
                usage.userTicks(), usage.systemTicks(), 1, 1, 0, 0, 0)));
    assertThat(split.user().micros()).isEqualTo(156.25, offset(1e-9));
    assertThat(split.user().resolution()).isEqualTo(15.625, offset(1e-9));
  }

  @Test
  void what_the_system_does_not_tell_is_no_number() {
    ServerUsage usage =
        OwnAccount.read("{\"loopNanos\":-1,\"loopUserNanos\":0,\"processNanos\":-1}");
    assertThat(ServerUsage.between(usage.loopNanos(), 5)).isNaN();
    assertThat(ServerUsage.between(usage.otherNanos(), 5)).isNaN();
  }

  /** Two accounts of one system: what its loop has used, and what the whole process has. */
  @Test
  @EnabledOnOs(OS.WINDOWS)
  void a_loop_that_works_is_charged_and_never_more_than_its_process() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    Thread loop = new Thread(() -> work(enough), ServerUsage.LOOP_THREAD + "-test");
    loop.start();
    Map<String, Object> line = new LinkedHashMap<>();
    // A thread that has ended is charged no more, so it is looked at while it works.
    do {
      OwnAccount.addTo(line);
    } while ((long) line.get("loopNanos") < 100_000_000);
    enough.set(true);
    loop.join();
    long nanos = (long) line.get("loopNanos");
    assertThat(nanos).isBetween(100_000_000L, (long) line.get("processNanos") + 100_000_000);
    assertThat((long) line.get("loopUserNanos")).isBetween(0L, nanos);
  }

  private static void work(AtomicBoolean enough) {
    while (!enough.get()) {
      Thread.onSpinWait();
    }
  }
}
