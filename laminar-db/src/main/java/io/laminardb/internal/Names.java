package io.laminardb.internal;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Finds columns by the names users write, and suggests one where the name is nearly right. */
public final class Names {
  private Names() {}

  /** Names of columns in order, hidden ones included. */
  public static List<String> of(Schema schema) {
    return schema.fields().stream().map(Field::name).toList();
  }

  /** {@code a, b, c}, cut short behind the twelfth name. */
  public static String list(Collection<String> names) {
    if (names.size() <= 12) {
      return String.join(", ", names);
    }
    return String.join(", ", List.copyOf(names).subList(0, 12)) + ", and " + (names.size() - 12)
        + " more";
  }

  /** Whether two names are the same but for case and underscores: windowStart is window_start. */
  public static boolean alike(String left, String right) {
    return plain(left).equals(plain(right));
  }

  /** The name among {@code candidates} the user may have meant, or null. */
  public static String nearest(String name, Collection<String> candidates) {
    String wanted = plain(name);
    String best = null;
    int bestDistance = 1 + Math.max(1, wanted.length() / 3);
    for (String candidate : candidates) {
      int distance = distance(wanted, plain(candidate));
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best;
  }

  /**
   * COLUMN_NOT_FOUND for {@code name}, with the nearest name or else all of them.
   *
   * @param owner what has the columns, such as {@code source "trades"} or {@code the row}
   */
  public static LaminarException notFound(String owner, String name, Schema schema) {
    String nearest = nearest(name, of(schema));
    return new LaminarException(
            ErrorCode.COLUMN_NOT_FOUND, owner + " has no column \"" + name + "\".")
        .mend(
            nearest == null
                ? "It has: " + list(of(schema)) + "."
                : "Did you mean \"" + nearest + "\"?");
  }

  /** COLUMN_NOT_FOUND for an index. */
  public static LaminarException notFound(String owner, int index, Schema schema) {
    return new LaminarException(
            ErrorCode.COLUMN_NOT_FOUND, owner + " has no column " + index + ".")
        .mend("It has columns 0 to " + (schema.size() - 1) + ": " + list(of(schema)) + ".");
  }

  private static String plain(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }

  /** Edits that make {@code left} of {@code right}; a swap of neighbours counts as one. */
  private static int distance(String left, String right) {
    int[] before = new int[right.length() + 1];
    int[] previous = new int[right.length() + 1];
    int[] current = new int[right.length() + 1];
    for (int j = 0; j <= right.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int change = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
        int edits = Math.min(previous[j - 1] + change, Math.min(previous[j], current[j - 1]) + 1);
        if (i > 1
            && j > 1
            && left.charAt(i - 1) == right.charAt(j - 2)
            && left.charAt(i - 2) == right.charAt(j - 1)) {
          edits = Math.min(edits, before[j - 2] + 1);
        }
        current[j] = edits;
      }
      int[] reused = before;
      before = previous;
      previous = current;
      current = reused;
    }
    return previous[right.length()];
  }
}
