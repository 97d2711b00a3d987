package io.janus.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine keeps its promises whatever the network does: as many seeds as -Djanus.seeds says, over all backends together. */
class SeedTest {
  private static final int SEEDS = Integer.getInteger("janus.seeds", 2_000);

  @ParameterizedTest
  @MethodSource("io.janus.simulation.Backend#here")
  void everySeedKeepsEveryPromise(Backend backend) {
    int share = Math.ceilDiv(SEEDS, Backend.here().size());
    for (long seed = 1; seed <= share; seed++) {
      Replay.requireKept(backend, seed, PlantedBug.NONE);
    }
  }

  @Test
  void aFailureTellsHowToReplayIt() {
    String words = Replay.howTo(Backend.PORT, 42);

    assertThat(words)
        .contains("-Djanus.seed=42", "-Djanus.backend=PORT", "SeedReplayTest");
  }
}
