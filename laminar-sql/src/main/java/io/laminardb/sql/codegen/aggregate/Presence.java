package io.laminardb.sql.codegen.aggregate;

/**
 * Which rows an accumulator takes, and the counter of those it has taken: the group's own one where
 * it takes all.
 *
 * @param condition a Java condition, {@code "true"} for all rows
 * @param weight a Java int: how often the row counts, -1 to take it back; {@code "1"} for always once
 * @param countOffset where a group's row holds the counter
 * @param isOwnCounter whether the counter belongs to this presence, and not to the group
 */
record Presence(String condition, String weight, int countOffset, boolean isOwnCounter) {
  boolean isAlways() {
    return condition.equals("true");
  }

  /** Whether only values count that are new to the group, or gone from it. */
  boolean isDistinct() {
    return condition.equals(weight + " != 0");
  }

  /** Whether rows are never taken back. */
  boolean isAppendOnly() {
    return weight.equals("1");
  }

  /** The Java of the counter, of the group at {@code t}. */
  String count() {
    return "Memory.getLong(t + " + countOffset + ")";
  }
}
