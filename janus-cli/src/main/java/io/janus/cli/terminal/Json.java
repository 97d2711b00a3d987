package io.janus.cli.terminal;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes maps, lists, texts, numbers and truth values as JSON on one line, and reads a number back from such a line. */
public final class Json {
  private Json() {}

  /** The value as JSON. */
  public static String of(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    append(out, value);
    return out.toString();
  }

  /**
   * The whole number of a name in a line written by {@link #of}.
   *
   * @throws IllegalArgumentException if the line has none
   */
  public static long number(String line, String name) {
    String key = "\"" + name + "\":";
    int at = line.indexOf(key);
    int end = at + key.length();
    int from = end;
    while (at >= 0 && end < line.length() && "-0123456789".indexOf(line.charAt(end)) >= 0) {
      end++;
    }
    if (at < 0 || end == from) {
      throw new IllegalArgumentException("no number \"" + name + "\" in: " + line);
    }
    return Long.parseLong(line.substring(from, end));
  }

  private static void append(StringBuilder out, @Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> appendMap(out, map);
      case List<?> list -> appendList(out, list);
      case Double number when !Double.isFinite(number) -> out.append("null");
      case Double number -> out.append(rounded(number));
      case Number number -> out.append(number);
      case Boolean truth -> out.append(truth);
      default -> appendText(out, value.toString());
    }
  }

  /** Four digits behind the point are finer than anything measured here. */
  private static String rounded(double number) {
    String text = String.format(Locale.ROOT, "%.4f", number);
    return text.replaceFirst("\\.?0+$", "");
  }

  private static void appendMap(StringBuilder out, Map<?, ?> map) {
    out.append('{');
    String separator = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(separator);
      appendText(out, String.valueOf(entry.getKey()));
      out.append(':');
      append(out, entry.getValue());
      separator = ",";
    }
    out.append('}');
  }

  private static void appendList(StringBuilder out, List<?> list) {
    out.append('[');
    String separator = "";
    for (Object element : list) {
      out.append(separator);
      append(out, element);
      separator = ",";
    }
    out.append(']');
  }

  private static void appendText(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ') {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
