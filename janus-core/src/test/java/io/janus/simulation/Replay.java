package io.janus.simulation;

import io.janus.simulation.Simulation.Outcome;

/** Runs one seed and says, if it fails, with which words to run it again. */
final class Replay {
  private static final int SHOWN_LINES = 60;

  private Replay() {}

  static void requireKept(Backend backend, long seed, PlantedBug bug) {
    Outcome outcome = Simulation.run(backend, seed, bug, false);
    if (outcome.failure() != null) {
      Outcome again = Simulation.run(backend, seed, bug, true);
      int from = Math.max(0, again.lastLines().size() - SHOWN_LINES);
      throw new AssertionError(
          outcome.failure().getMessage()
              + "\nbackend "
              + backend
              + ", seed "
              + seed
              + "; "
              + howTo(backend, seed)
              + "\nwhat happened last:\n  "
              + String.join("\n  ", again.lastLines().subList(from, again.lastLines().size())),
          outcome.failure());
    }
  }

  static String howTo(Backend backend, long seed) {
    return "replay it with: mvn -pl janus-core test -Dtest=SeedReplayTest -Djanus.seed="
        + seed
        + " -Djanus.backend="
        + backend;
  }
}
