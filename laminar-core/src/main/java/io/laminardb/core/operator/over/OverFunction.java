package io.laminardb.core.operator.over;

/** What can be computed over an ordered partition. */
public enum OverFunction {
  ROW_NUMBER,
  RANK,
  DENSE_RANK,
  /** (rank - 1) / (rows - 1), of one row 0. */
  PERCENT_RANK,
  /** Rows up to the last peer / rows. */
  CUME_DIST,
  /** Rows dealt into buckets, the first ones larger by one where it does not come out even. */
  NTILE,
  LAG,
  LEAD,
  FIRST_VALUE,
  LAST_VALUE,
  NTH_VALUE,
  /** A column of the kernel of its frame. */
  AGGREGATE
}
