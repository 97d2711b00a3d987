package io.janus.cli.terminal;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Which known word a mistyped one was meant to be. */
final class Nearest {
  /** One letter in so many may be wrong, and one at least. */
  private static final int LETTERS_FOR_A_MISTAKE = 3;

  private Nearest() {}

  /** The known word that the fewest changes of a letter lead to, or null if none is near. */
  static @Nullable String to(String word, Collection<String> known) {
    String nearest = null;
    int fewest = Math.max(1, word.length() / LETTERS_FOR_A_MISTAKE) + 1;
    for (String candidate : known) {
      int changes = changes(word, candidate);
      if (changes < fewest) {
        fewest = changes;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** Letters to be put in, taken out or replaced: Levenshtein's distance, row by row. */
  private static int changes(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int i = 0; i < row.length; i++) {
      row[i] = i;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
