package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Utf8;
import java.util.Arrays;

/** How alike two texts are, by code points: Hamming, Jaccard, Jaro, Winkler, Damerau. One thread. */
public final class Similarity {
  private static final double WINKLER_WEIGHT = 0.1;
  private static final double WINKLER_LEAST = 0.7;
  private static final int WINKLER_PREFIX = 4;

  /** HAMMING: in how many places texts of one length differ. */
  public int hamming(Utf8 left, Utf8 right) {
    int[] a = points(left);
    int[] b = points(right);
    if (a.length != b.length) {
      throw Failures.argument("HAMMING takes texts of one length.");
    }
    int different = 0;
    for (int i = 0; i < a.length; i++) {
      different += a[i] == b[i] ? 0 : 1;
    }
    return different;
  }

  /** JACCARD: characters that both have among those that one has. */
  public double jaccard(Utf8 left, Utf8 right) {
    int[] a = Arrays.stream(points(left)).distinct().sorted().toArray();
    int[] b = Arrays.stream(points(right)).distinct().sorted().toArray();
    if (a.length == 0 || b.length == 0) {
      throw Failures.argument("JACCARD takes texts that are not empty.");
    }
    int both = 0;
    for (int point : a) {
      both += Arrays.binarySearch(b, point) >= 0 ? 1 : 0;
    }
    return (double) both / (a.length + b.length - both);
  }

  /** JARO_SIMILARITY, of Jaro (1989): 0 for nothing in common to 1 for equal texts. */
  public double jaro(Utf8 left, Utf8 right) {
    return jaro(points(left), points(right));
  }

  /** JARO_WINKLER_SIMILARITY: more for a common beginning where it is above 0.7. */
  public double jaroWinkler(Utf8 left, Utf8 right) {
    int[] a = points(left);
    int[] b = points(right);
    double jaro = jaro(a, b);
    int common = 0;
    while (common < Math.min(WINKLER_PREFIX, Math.min(a.length, b.length))
        && a[common] == b[common]) {
      common++;
    }
    return jaro > WINKLER_LEAST ? jaro + common * WINKLER_WEIGHT * (1 - jaro) : jaro;
  }

  private static double jaro(int[] a, int[] b) {
    if (a.length == 0 || b.length == 0) {
      return 0;
    }
    int reach = Math.max(0, Math.max(a.length, b.length) / 2 - 1);
    boolean[] ofA = new boolean[a.length];
    boolean[] ofB = new boolean[b.length];
    int matches = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = Math.max(0, i - reach); j < Math.min(b.length, i + reach + 1); j++) {
        if (!ofB[j] && a[i] == b[j]) {
          ofA[i] = true;
          ofB[j] = true;
          matches++;
          break;
        }
      }
    }
    if (matches == 0) {
      return 0;
    }
    int moved = 0;
    int j = 0;
    for (int i = 0; i < a.length; i++) {
      if (ofA[i]) {
        while (!ofB[j]) {
          j++;
        }
        moved += a[i] == b[j++] ? 0 : 1;
      }
    }
    double m = matches;
    return (m / a.length + m / b.length + (m - moved / 2) / m) / 3;
  }

  /** DAMERAU_LEVENSHTEIN: edits, among them two neighbours that change places (Lowrance and Wagner). */
  public int damerau(Utf8 left, Utf8 right) {
    int[] a = points(left);
    int[] b = points(right);
    int[] all = Arrays.stream(a).distinct().sorted().toArray();
    int[] lastRow = new int[all.length];
    int far = a.length + b.length;
    int[][] cost = new int[a.length + 2][b.length + 2];
    cost[0][0] = far;
    for (int i = 0; i <= a.length; i++) {
      cost[i + 1][0] = far;
      cost[i + 1][1] = i;
    }
    for (int j = 0; j <= b.length; j++) {
      cost[0][j + 1] = far;
      cost[1][j + 1] = j;
    }
    for (int i = 1; i <= a.length; i++) {
      int lastColumn = 0;
      for (int j = 1; j <= b.length; j++) {
        int known = Arrays.binarySearch(all, b[j - 1]);
        int row = known < 0 ? 0 : lastRow[known];
        int column = lastColumn;
        boolean same = a[i - 1] == b[j - 1];
        if (same) {
          lastColumn = j;
        }
        int replaced = cost[i][j] + (same ? 0 : 1);
        int edited = Math.min(replaced, 1 + Math.min(cost[i + 1][j], cost[i][j + 1]));
        int swapped = cost[row][column] + (i - row - 1) + 1 + (j - column - 1);
        cost[i + 1][j + 1] = Math.min(edited, swapped);
      }
      lastRow[Arrays.binarySearch(all, a[i - 1])] = i;
    }
    return cost[a.length + 1][b.length + 1];
  }

  private static int[] points(Utf8 text) {
    return text.toString().codePoints().toArray();
  }
}
