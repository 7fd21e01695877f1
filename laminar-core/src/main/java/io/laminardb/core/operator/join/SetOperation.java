package io.laminardb.core.operator.join;

/** How often a row is in the result, by how often it is in each input. */
public enum SetOperation {
  /** Once, where all inputs have it. */
  INTERSECT,

  /** As often as the input that has it least. */
  INTERSECT_ALL,

  /** Once, where the first input has it and no other does. */
  EXCEPT,

  /** As often as the first input has it more often than the others together. */
  EXCEPT_ALL;

  /** Whether a row more in any input never takes one from the result. */
  public boolean onlyGrows() {
    return this == INTERSECT || this == INTERSECT_ALL;
  }

  /** The rows in the result; a negative count is none. */
  long of(long[] counts) {
    return switch (this) {
      case INTERSECT -> Math.min(1, least(counts));
      case INTERSECT_ALL -> least(counts);
      case EXCEPT -> counts[0] > 0 && others(counts) == 0 ? 1 : 0;
      case EXCEPT_ALL -> Math.max(0, counts[0] - others(counts));
    };
  }

  private static long least(long[] counts) {
    long least = Long.MAX_VALUE;
    for (long count : counts) {
      least = Math.min(least, count);
    }
    return Math.max(0, least);
  }

  private static long others(long[] counts) {
    long sum = 0;
    for (int i = 1; i < counts.length; i++) {
      sum += Math.max(0, counts[i]);
    }
    return sum;
  }
}
