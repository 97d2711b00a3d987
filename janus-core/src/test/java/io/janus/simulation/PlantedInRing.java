package io.janus.simulation;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.completion.OperationTable;
import io.janus.ffi.linux.Uring;
import io.janus.simulation.Simulation.Outcome;
import java.util.function.LongConsumer;

/**
 * Defects of the real port of io_uring: {@link PlantedRingBugTest} plants calls of these methods into its class files and runs this
 * program on them, which tries seeds until enough of them have found the defect.
 */
public final class PlantedInRing {
  private static int untilDrop;

  private PlantedInRing() {}

  /** {@link OperationTable#find} without a look at the generation. */
  public static int find(OperationTable table, long operation) {
    int slot = (int) operation;
    if (operation <= 0 || slot < 0) {
      return OperationTable.NONE;
    }
    try {
      table.id(slot);
      return slot;
    } catch (ArrayIndexOutOfBoundsException | NullPointerException neverUsed) {
      return OperationTable.NONE;
    }
  }

  /** What a careless close would do: the buffers of an operation that is asked to end go home before its last completion. */
  public static void free(OperationTable table, int slot) {
    for (int i = 0; i < table.gatherCount(slot); i++) {
      free(table.gather(slot)[i]);
    }
    Buffer single = table.buffer(slot);
    if (single != null && table.gatherCount(slot) == 0) {
      free(single);
    }
  }

  private static void free(Buffer buffer) {
    Custody.giveBack(buffer);
    buffer.release();
  }

  /** True for the one last completion that gets lost. */
  public static boolean drops(int flags) {
    return (flags & Uring.CQE_MORE) == 0 && --untilDrop == 0;
  }

  /** Takes the backend, how many seeds to try at most, and how many must find something. */
  public static void main(String[] arguments) {
    trySeeds(arguments, seed -> untilDrop = new Dice(seed).between(1, 60));
  }

  /**
   * Tries seeds and tells how many have found something.
   *
   * @param arguments the backend, how many seeds to try at most, how many must find something, and perhaps a defect of the simulated kernel
   * @param before each seed
   */
  static void trySeeds(String[] arguments, LongConsumer before) {
    Backend backend = Backend.valueOf(arguments[0]);
    int most = Integer.parseInt(arguments[1]);
    int enough = Integer.parseInt(arguments[2]);
    PlantedBug below =
        arguments.length > 3 ? PlantedBug.valueOf(arguments[3]) : PlantedBug.NONE;
    int found = 0;
    for (long seed = 1; seed <= most && found < enough; seed++) {
      before.accept(seed);
      Outcome outcome = Simulation.run(backend, seed, below, false);
      if (outcome.failure() != null) {
        found++;
        String words = String.valueOf(outcome.failure().getMessage());
        System.out.println("seed " + seed + ": " + words.lines().findFirst().orElse(""));
      }
    }
    System.out.println("found by " + found);
  }
}
