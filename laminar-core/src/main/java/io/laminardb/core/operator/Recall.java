package io.laminardb.core.operator;

/**
 * How a reader of a changelog that comes late is told the rows that hold by then and may still be
 * taken back: else it would get retractions of rows it never saw.
 */
public enum Recall {
  /** The operator knows them by its state: {@link Operator#recall}. */
  FROM_STATE,
  /** It keeps nothing: a fresh operator makes them of those of its inputs. */
  FROM_INPUTS,
  /** They are kept beside the operator, whose own state has no other bound either. */
  KEPT,
  /** Not at all: as time passes the operator forgets what it has emitted, and so must everybody. */
  NEVER
}
