package io.janus.cli.terminal;

import io.janus.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The name of an engine, or {@code auto}. Whether it can run here is found out when it is opened. */
public final class EngineArgument implements ITypeConverter<String>, Iterable<String> {
  /** What there is to choose here. */
  private static final List<String> NAMES = new ArrayList<>(List.of("auto"));

  static {
    Arrays.stream(Engine.values())
        .filter(Engine::isOfThisSystem)
        .map(Engine::id)
        .forEach(NAMES::add);
  }

  @Override
  public String convert(String text) {
    // One of another system is known all the same: opening it tells what is wrong about it.
    if (!NAMES.contains(text)
        && Arrays.stream(Engine.values()).map(Engine::id).noneMatch(text::equals)) {
      throw new TypeConversionException(
          "unknown engine \"" + text + "\"; choose one of " + String.join(", ", NAMES));
    }
    return text;
  }

  @Override
  public Iterator<String> iterator() {
    return NAMES.iterator();
  }
}
