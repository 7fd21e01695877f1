package io.laminardb.core.error;

import java.util.Collection;
import java.util.Locale;

/** Finds the name somebody most likely meant. */
public final class DidYouMean {
  private DidYouMean() {}

  /**
   * The known name closest to {@code written}, or null when none is close: at most one edit for
   * every three characters, a swap of neighbours counting as one.
   */
  public static String closest(String written, Collection<String> known) {
    String wanted = written.toLowerCase(Locale.ROOT);
    String best = null;
    int bestDistance = Math.max(1, wanted.length() / 3) + 1;
    for (String candidate : known) {
      int distance = distance(wanted, candidate.toLowerCase(Locale.ROOT));
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** {@code Did you mean "x"?}, or {@code otherwise} when no known name is close. */
  public static String sentence(String written, Collection<String> known, String otherwise) {
    String closest = closest(written, known);
    return closest == null ? otherwise : "Did you mean \"" + closest + "\"?";
  }

  /** Edits (insert, delete, replace, swap neighbours) from one text to the other. */
  private static int distance(String left, String right) {
    int[][] edits = new int[left.length() + 1][right.length() + 1];
    for (int i = 0; i <= left.length(); i++) {
      for (int j = 0; j <= right.length(); j++) {
        edits[i][j] = i == 0 ? j : j == 0 ? i : step(edits, left, right, i, j);
      }
    }
    return edits[left.length()][right.length()];
  }

  private static int step(int[][] edits, String left, String right, int i, int j) {
    int replace = edits[i - 1][j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
    int best = Math.min(replace, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
    boolean swapped =
        i > 1
            && j > 1
            && left.charAt(i - 1) == right.charAt(j - 2)
            && left.charAt(i - 2) == right.charAt(j - 1);
    return swapped ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
  }
}
