package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Utf8;

/**
 * How many code points must be inserted, deleted or replaced to make one text the other (Levenshtein's
 * distance, by Wagner and Fischer's algorithm in one row of the table).
 */
public final class EditDistance {
  private int[] row = new int[64];

  /** LEVENSHTEIN. */
  public int levenshtein(Utf8 left, Utf8 right) {
    int[] a = left.toString().codePoints().toArray();
    int[] b = right.toString().codePoints().toArray();
    if (row.length <= b.length) {
      row = new int[b.length + 1];
    }
    for (int j = 0; j <= b.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length];
  }
}
