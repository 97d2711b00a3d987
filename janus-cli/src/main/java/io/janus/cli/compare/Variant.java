package io.janus.cli.compare;

import io.janus.Engine;
import java.util.ArrayList;
import java.util.List;

/**
 * One row of the comparison.
 *
 * @param name in tables
 * @param engine its id
 * @param options what echo is given besides
 */
public record Variant(String name, String engine, List<String> options) {

  /**
   * Every engine that can run here, and once more with what can be switched: the order of trying and waiting, direct descriptors.
   *
   * @param uring the rows of io_uring, where it can run
   */
  public static List<Variant> available(Rows uring) {
    List<Variant> variants = new ArrayList<>();
    for (Engine engine : Engine.values()) {
      if (engine.refusal().isEmpty()) {
        if (engine != Engine.URING || uring != Rows.direct) {
          variants.add(new Variant(engine.id(), engine.id(), List.of()));
        }
        if (engine == Engine.EMULATED) {
          variants.add(
              new Variant(engine.id() + " (waits first)", engine.id(), List.of("--wait-first")));
        }
        if (engine == Engine.IOCP) {
          variants.add(
              new Variant(
                  engine.id() + " (every packet)", engine.id(), List.of("--every-packet")));
        }
        if (engine == Engine.URING && uring != Rows.process && engine.directRefusal().isEmpty()) {
          variants.add(
              new Variant(
                  engine.id() + " (direct)", engine.id(), List.of("--descriptors", "direct")));
        }
      }
    }
    return variants;
  }
}
