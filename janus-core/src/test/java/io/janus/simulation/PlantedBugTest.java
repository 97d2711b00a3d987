package io.janus.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The simulation would find the defects that matter most: each is planted in a backend and found within a few seeds. */
class PlantedBugTest {
  private static final int MOST_SEEDS = 100;

  /** So many seeds must tell; more would only take longer. */
  private static final int ENOUGH = 3;

  @ParameterizedTest
  @CsvSource({
    "GENERATION_CHECK_SKIPPED, PORT",
    "GENERATION_CHECK_SKIPPED, AFD",
    "GENERATION_CHECK_SKIPPED, AFD_EMULATED",
    "BUFFER_FREED_AT_CLOSE, PORT",
    "COMPLETION_DROPPED, PORT",
    "COMPLETION_DROPPED, AFD",
    "COMPLETION_DROPPED, AFD_EMULATED"
  })
  void aPlantedBugIsFoundAndNothingElse(PlantedBug bug, Backend backend) {
    int found = 0;
    for (long seed = 1; seed <= MOST_SEEDS && found < ENOUGH; seed++) {
      Replay.requireKept(backend, seed, PlantedBug.NONE);
      if (Simulation.run(backend, seed, bug, false).failure() != null) {
        found++;
      }
    }

    assertThat(found)
        .as("seeds of %d that find %s on %s", MOST_SEEDS, bug, backend)
        .isEqualTo(ENOUGH);
  }
}
