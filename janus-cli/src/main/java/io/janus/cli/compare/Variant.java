package io.janus.cli.compare;

import io.janus.Engine;
import java.util.ArrayList;
import java.util.List;

/**
 * One row of the comparison.
 *
 * @param name in tables
 * @param engine its id
 * @param waitFirst the emulation waits for readiness before it tries
 */
public record Variant(String name, String engine, boolean waitFirst) {

  /** Every engine that can run here, and the emulation once more with the other order of trying and waiting. */
  public static List<Variant> available() {
    List<Variant> variants = new ArrayList<>();
    for (Engine engine : Engine.values()) {
      if (engine.refusal().isEmpty()) {
        variants.add(new Variant(engine.id(), engine.id(), false));
        if (engine == Engine.EMULATED) {
          variants.add(new Variant(engine.id() + " (waits first)", engine.id(), true));
        }
      }
    }
    return variants;
  }
}
