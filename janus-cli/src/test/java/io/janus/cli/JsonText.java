package io.janus.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A strict reader of JSON, so that tests judge the output as a machine would. */
final class JsonText {
  private final String text;
  private int at;

  private JsonText(String text) {
    this.text = text;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(String text) {
    JsonText reader = new JsonText(text.strip());
    Object value = reader.value();
    if (reader.at != reader.text.length()) {
      throw reader.wrong("the end");
    }
    return (Map<String, Object>) value;
  }

  private @Nullable Object value() {
    return switch (text.charAt(at)) {
      case '{' -> map();
      case '[' -> list();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> map() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    expect('{');
    while (text.charAt(at) != '}') {
      String key = string();
      expect(':');
      if (map.containsKey(key)) {
        throw wrong("a new key and not " + key);
      }
      map.put(key, value());
      if (text.charAt(at) != '}') {
        expect(',');
      }
    }
    expect('}');
    return map;
  }

  private List<@Nullable Object> list() {
    List<@Nullable Object> list = new ArrayList<>();
    expect('[');
    while (text.charAt(at) != ']') {
      list.add(value());
      if (text.charAt(at) != ']') {
        expect(',');
      }
    }
    expect(']');
    return list;
  }

  private String string() {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (text.charAt(at) != '"') {
      char c = text.charAt(at++);
      if (c < ' ') {
        throw wrong("no control character");
      }
      string.append(c == '\\' ? text.charAt(at++) : c);
    }
    expect('"');
    return string.toString();
  }

  private Double number() {
    int from = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    if (!text.substring(from, at).matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?")) {
      throw wrong("a number");
    }
    return Double.valueOf(text.substring(from, at));
  }

  private @Nullable Object word(String word, @Nullable Object value) {
    if (!text.startsWith(word, at)) {
      throw wrong(word);
    }
    at += word.length();
    return value;
  }

  private void expect(char c) {
    if (text.charAt(at) != c) {
      throw wrong("'" + c + "'");
    }
    at++;
  }

  private AssertionError wrong(String expected) {
    return new AssertionError("expected " + expected + " at place " + at + " of " + text);
  }
}
