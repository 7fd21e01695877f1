package io.laminardb.sql.function;

import io.laminardb.core.operator.aggregate.OrderedEntry;
import java.util.List;

/** A {@link Functions#ENTRY} as the author of the query wrote it: a value and its order. */
public final class EntryText {
  private EntryText() {}

  /**
   * The text of an entry.
   *
   * @param flags of the keys, a digit each
   * @param operands texts of the flags, the keys and the value
   */
  public static String of(String flags, List<String> operands) {
    StringBuilder text = new StringBuilder(operands.get(operands.size() - 1));
    for (int i = 0; i < flags.length(); i++) {
      int flag = flags.charAt(i) - '0';
      text.append(i == 0 ? " ORDER BY " : ", ").append(operands.get(i + 1));
      text.append((flag & OrderedEntry.DESCENDING) != 0 ? " DESC" : "");
      text.append((flag & OrderedEntry.NULLS_FIRST) != 0 ? " NULLS FIRST" : "");
    }
    return text.toString();
  }
}
