package io.janus.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.simulation.Simulation.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A seed is a simulation: run again, the same things happen at the same times in the same order. */
class SeedReplayTest {
  private static final long SEED = Long.getLong("janus.seed", 7);
  private static final int SEEDS_IN_A_ROW = 5;

  @ParameterizedTest
  @MethodSource("io.janus.simulation.Backend#here")
  void theSameSeedGivesTheSameTrace(Backend backend) {
    for (long seed = SEED; seed < SEED + SEEDS_IN_A_ROW; seed++) {
      Outcome once = Simulation.run(backend, seed, PlantedBug.NONE, false);
      Outcome again = Simulation.run(backend, seed, PlantedBug.NONE, true);

      assertThat(again.hash()).as("trace of seed %d", seed).isEqualTo(once.hash());
      assertThat(again.happenings()).isEqualTo(once.happenings()).isPositive();
      assertThat(again.turns()).isEqualTo(once.turns());
    }
  }

  @Test
  void differentSeedsGiveDifferentTraces() {
    assertThat(Simulation.run(Backend.EPOLL, 1, PlantedBug.NONE, false).hash())
        .isNotEqualTo(Simulation.run(Backend.EPOLL, 2, PlantedBug.NONE, false).hash());
  }

  @Test
  void theSeedAskedForKeepsEveryPromise() {
    Backend backend = Backend.valueOf(System.getProperty("janus.backend", Backend.EPOLL.name()));

    Replay.requireKept(backend, SEED, PlantedBug.NONE);
  }
}
