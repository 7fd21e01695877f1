package io.laminardb.core.operator.join;

/** What a join answers. */
public enum JoinType {
  /** Pairs. */
  INNER,

  /** Pairs, and left rows without a match, with NULLs. */
  LEFT,

  /** Pairs, and right rows without a match, with NULLs. */
  RIGHT,

  /** Pairs, and rows of both sides without a match, with NULLs. */
  FULL,

  /** Left rows that have a match, each once. */
  SEMI,

  /** Left rows that have no match. */
  ANTI;

  /** The port of left rows. */
  public static final int LEFT_PORT = 0;

  /** The port of right rows. */
  public static final int RIGHT_PORT = 1;

  /** Whether it answers pairs of rows; else left rows alone. */
  public boolean hasPairs() {
    return this != SEMI && this != ANTI;
  }

  /** Whether rows of a port without a match are answered. */
  public boolean keepsUnmatched(int port) {
    return switch (this) {
      case FULL -> true;
      case LEFT, ANTI -> port == LEFT_PORT;
      case RIGHT -> port == RIGHT_PORT;
      case INNER, SEMI -> false;
    };
  }

  /** Whether rows of a port are answered alone when they have a match. */
  public boolean passesMatched(int port) {
    return this == SEMI && port == LEFT_PORT;
  }
}
