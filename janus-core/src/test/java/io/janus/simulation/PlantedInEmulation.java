package io.janus.simulation;

import io.janus.completion.Handle;
import io.janus.limit.SlotArray;

/**
 * Defects of the real port over a poller, and of what stands above and below it: {@link PlantedEmulationBugTest} plants calls of these
 * methods into its class files and runs this program on them, as {@link PlantedInRing} does for the ring.
 */
public final class PlantedInEmulation {
  private static int untilDrop;

  private PlantedInEmulation() {}

  /** The name of whoever has the slot now, so that whatever is compared with it is the same. */
  public static long current(SlotArray<?> slots, long id) {
    int slot = (int) id;
    boolean known = id > 0 && slot >= 0 && slot < slots.length();
    return known && slots.get(slot) instanceof Handle handle ? handle.id() : id;
  }

  /** True for the one last completion that gets lost. */
  public static boolean drops(boolean goesOn) {
    return !goesOn && --untilDrop == 0;
  }

  /** Takes what {@link PlantedInRing#trySeeds} does. */
  public static void main(String[] arguments) {
    PlantedInRing.trySeeds(arguments, seed -> untilDrop = new Dice(seed).between(1, 60));
  }
}
