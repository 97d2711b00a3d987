package io.janus.contract;

import io.janus.Engine;
import java.util.Arrays;
import java.util.List;

/** The engines that tests of the whole house run on. */
public final class EngineNames {
  private EngineNames() {}

  /** Those of this system, whether they can run here or not. */
  public static List<String> ofThisSystem() {
    return Arrays.stream(Engine.values())
        .filter(Engine::isOfThisSystem)
        .map(Engine::id)
        .toList();
  }
}
