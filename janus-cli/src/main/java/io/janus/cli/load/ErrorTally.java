package io.janus.cli.load;

import io.janus.cli.terminal.CommandWords;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What went wrong, by kind, with the sentence of the first of each kind. */
final class ErrorTally {
  private final Map<ErrorKind, Long> counts = new EnumMap<>(ErrorKind.class);
  private final Map<ErrorKind, String> sentences = new EnumMap<>(ErrorKind.class);
  private @Nullable OsError first;

  void add(OsError error) {
    if (first == null) {
      first = error;
    }
    add(error.kind(), 1, CommandWords.of(error.toString()));
  }

  void add(ErrorKind kind, long count, String sentence) {
    counts.merge(kind, count, Long::sum);
    sentences.putIfAbsent(kind, sentence);
  }

  void addAll(ErrorTally other) {
    if (first == null) {
      first = other.first;
    }
    other.counts.forEach(
        (kind, count) -> add(kind, count, other.sentences.getOrDefault(kind, "")));
  }

  /** The first error of the system, or null if there was none. */
  @Nullable
  OsError first() {
    return first;
  }

  List<LoadReport.Failure> toList() {
    List<LoadReport.Failure> failures = new ArrayList<>();
    counts.forEach(
        (kind, count) -> failures.add(
            new LoadReport.Failure(kind, count, sentences.getOrDefault(kind, ""))));
    return failures;
  }
}
