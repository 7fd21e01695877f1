package io.laminardb.core.error;

import java.util.Locale;
import java.util.Optional;

/** Finds the word a user most likely meant, for "Did you mean ...?" in error messages. */
public final class Suggestions {
  private static final int MAX_DISTANCE = 2;

  private Suggestions() {}

  /**
   * The candidate closest to {@code word}, ignoring case, when it is near enough to be a slip: at
   * most two inserted, dropped, changed or swapped letters, one for words of three or four letters,
   * none for shorter ones. Of equally close candidates the first wins.
   */
  public static Optional<String> closest(String word, Iterable<String> candidates) {
    String typed = word.toLowerCase(Locale.ROOT);
    int bestDistance = allowedDistance(typed.length()) + 1;
    String best = null;
    for (String candidate : candidates) {
      String known = candidate.toLowerCase(Locale.ROOT);
      if (Math.abs(known.length() - typed.length()) >= bestDistance) {
        continue;
      }
      int distance = distance(typed, known);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /** {@code Did you mean "symbol"?} for the closest candidate, or null when none is close. */
  public static String didYouMean(String word, Iterable<String> candidates) {
    return closest(word, candidates).map(best -> "Did you mean \"" + best + "\"?").orElse(null);
  }

  private static int allowedDistance(int length) {
    return length < 3 ? 0 : length < 5 ? 1 : MAX_DISTANCE;
  }

  /**
   * Edit distance with swaps of neighbours as one edit (optimal string alignment).
   *
   * @return the number of edits that turn {@code a} into {@code b}
   */
  static int distance(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int edits = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          edits = Math.min(edits, beforeLast[j - 2] + 1);
        }
        row[j] = edits;
      }
      int[] recycled = beforeLast;
      beforeLast = last;
      last = row;
      row = recycled;
    }
    return last[b.length()];
  }
}
