package io.janus.simulation;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What happened in a simulation, as a hash always and as lines on demand: equal hashes mean that a seed was replayed exactly. */
final class Trace {
  private static final int KEPT_LINES = 4000;
  private final boolean keepsLines;
  private final ArrayDeque<String> lines = new ArrayDeque<>();

  /** Every kind of happening so far. */
  private final Set<String> kinds = new TreeSet<>();

  private long hash = 17;
  private long count;

  Trace(boolean keepsLines) {
    this.keepsLines = keepsLines;
  }

  void add(long now, String what, long a, long b) {
    count++;
    kinds.add(what);
    hash = (hash ^ what.hashCode()) * 0x100000001B3L;
    hash = (hash ^ a) * 0x100000001B3L;
    hash = (hash ^ b) * 0x100000001B3L;
    hash = (hash ^ now) * 0x100000001B3L;
    if (keepsLines) {
      if (lines.size() == KEPT_LINES) {
        lines.removeFirst();
      }
      lines.add(now / 1000 + " us  " + what + " " + a + " " + b);
    }
  }

  long hash() {
    return hash;
  }

  long count() {
    return count;
  }

  Set<String> kinds() {
    return Set.copyOf(kinds);
  }

  List<String> lastLines(int most) {
    return lines.stream().skip(Math.max(0, lines.size() - most)).toList();
  }
}
