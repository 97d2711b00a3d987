package io.janus.cli.terminal;

import io.janus.Engine;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The name of an engine, or {@code auto}. Whether it can run here is found out when it is opened, so one of another system is no wrong
 * word; only those of this system are told.
 */
public final class EngineArgument implements ITypeConverter<String>, Iterable<String> {
  private static final String AUTO = "auto";
  private static final List<String> NAMES_HERE =
      Stream.concat(
          Stream.of(AUTO),
          Arrays.stream(Engine.values()).filter(Engine::isOfThisSystem).map(Engine::id))
          .toList();

  @Override
  public String convert(String text) {
    if (!text.equals(AUTO)
        && Arrays.stream(Engine.values()).noneMatch(engine -> engine.id().equals(text))) {
      throw new TypeConversionException(
          "unknown engine \"" + text + "\"; choose one of " + String.join(", ", NAMES_HERE));
    }
    return text;
  }

  @Override
  public Iterator<String> iterator() {
    return NAMES_HERE.iterator();
  }
}
