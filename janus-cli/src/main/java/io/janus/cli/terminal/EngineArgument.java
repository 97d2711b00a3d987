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
  private static final List<String> NAMES = new ArrayList<>(List.of("auto"));

  static {
    Arrays.stream(Engine.values()).map(Engine::id).forEach(NAMES::add);
  }

  @Override
  public String convert(String text) {
    if (!NAMES.contains(text)) {
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
