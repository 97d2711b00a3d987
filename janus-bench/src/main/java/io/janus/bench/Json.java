package io.janus.bench;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Writes maps, collections, numbers and texts as JSON; the figures need no more than that. */
final class Json {
  private Json() {}

  static String write(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Map<?, ?> map ->
          map.entrySet()
              .stream()
              .map(entry -> quote(entry.getKey().toString()) + ":" + write(entry.getValue()))
              .collect(Collectors.joining(",", "{", "}"));
      case Collection<?> items ->
          items.stream().map(Json::write).collect(Collectors.joining(",", "[", "]"));
      case Double number -> Double.isFinite(number) ? number.toString() : "null";
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      default -> quote(value.toString());
    };
  }

  private static String quote(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }
}
