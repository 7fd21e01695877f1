package io.laminardb.core.operator.over;

/** How the rows of a partition are numbered, from 1. */
public enum RankKind {
  /** Each row has its own number; peers by arrival. */
  ROW_NUMBER,

  /** Peers share the number of the first of them. */
  RANK,

  /** Peers share a number; no number is left out. */
  DENSE_RANK,

  /** As ROW_NUMBER, but the peers of the row with the last number that is asked for share it. */
  WITH_TIES
}
