package io.laminardb.internal;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.Suggestions;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** Compares the names users write with the names of columns, and says what is not there. */
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
    return String.join(", ", List.copyOf(names).subList(0, 12))
        + ", and "
        + (names.size() - 12)
        + " more";
  }

  /** Whether two names are the same but for case and underscores: windowStart is window_start. */
  public static boolean alike(String left, String right) {
    return plain(left).equals(plain(right));
  }

  /**
   * COLUMN_NOT_FOUND for {@code name}, with the nearest name or else all of them.
   *
   * @param owner what has the columns, such as {@code source "trades"} or {@code the row}
   */
  public static LaminarException notFound(String owner, String name, Schema schema) {
    String nearest = Suggestions.closest(name, of(schema)).orElse(null);
    return new LaminarException(
            ErrorCode.COLUMN_NOT_FOUND, owner + " has no column \"" + name + "\".")
        .mend(
            nearest == null
                ? "It has: " + list(of(schema)) + "."
                : "Did you mean \"" + nearest + "\"?");
  }

  /** COLUMN_NOT_FOUND for an index. */
  public static LaminarException notFound(String owner, int index, Schema schema) {
    return new LaminarException(ErrorCode.COLUMN_NOT_FOUND, owner + " has no column " + index + ".")
        .mend("It has columns 0 to " + (schema.size() - 1) + ": " + list(of(schema)) + ".");
  }

  private static String plain(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }
}
