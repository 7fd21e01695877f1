package io.laminardb.core.operator.match;

import static java.util.Objects.requireNonNull;

/**
 * What a condition or a measure asks of the rows of a match so far. NULL where there is no such row.
 *
 * @param kind which function
 * @param variables a bit for each variable whose rows count; {@link #ALL} for every row
 * @param column of the input whose value is meant, or -1
 * @param index of FIRST and LAST: how many rows of the variables from that end are passed over
 * @param offset of FIRST and LAST: how many rows of the partition further, or before if negative
 * @param isFinal whether the whole match is meant where there are results for each of its rows
 */
public record PathValue(
    Kind kind, long variables, int column, int index, int offset, boolean isFinal) {
  /** Every row of the match. */
  public static final long ALL = -1;

  /** Functions of the rows of a match. */
  public enum Kind {
    /** The value of the row the result is for; the first of the match where it is for all. */
    CURRENT,
    /** Of a row counted from the first of the variables. */
    FIRST,
    /** Of a row counted from the last of the variables. */
    LAST,
    /** Rows of the variables whose column is not NULL; all of them without one. */
    COUNT,
    /** The sum of the column. */
    SUM,
    /** The mean of the column. */
    AVG,
    /** The least value of the column. */
    MIN,
    /** The greatest value of the column. */
    MAX,
    /** The name of the variable of the last row. */
    CLASSIFIER,
    /** Which match of its partition it is, from 1. */
    MATCH_NUMBER
  }

  public PathValue {
    requireNonNull(kind, "kind");
    if (index < 0) {
      throw new IllegalArgumentException("index is " + index + ", must not be negative");
    }
  }

  boolean isNavigation() {
    return kind == Kind.FIRST || kind == Kind.LAST;
  }

  /** Whether it is, in a condition, the same whatever came before the row that is looked at. */
  boolean isOfRowAlone() {
    return kind == Kind.LAST && variables == ALL && index == 0;
  }
}
