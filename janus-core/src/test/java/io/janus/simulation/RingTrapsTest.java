package io.janus.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.ffi.call.SystemName;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is said of the seeds on a simulated ring is worth something only if they meet the traps, all of them. */
class RingTrapsTest {
  private static final int SEEDS = 40;

  @ParameterizedTest
  @EnumSource(names = {"RING", "RING_DIRECT"})
  void everyTrapIsMetWithinAFewSeeds(Backend backend) {
    assumeTrue(SystemName.LINUX, "the port above the ring is Linux's");
    Set<String> met = new TreeSet<>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      met.addAll(Simulation.run(backend, seed, PlantedBug.NONE, false).kinds());
    }

    assertThat(met)
        .contains(
            "ring", "ring with indexes", "enter fails", "submit cut short", "completion kept back",
            "repetition ends", "no provided buffer", "cancel comes late", "end told twice",
            "uncopied bytes let go", "rest of an uncopied send", "send behind pinned bytes",
            "worker thread", "wait given up", "buffer in a worker's hand", "worker called off");
  }
}
