package io.laminardb.core.operator;

/** How far an operator came with what it was given. */
public enum Progress {
  /** All of it is done; the loan is over. */
  NEEDS_INPUT,

  /** The output refused; the operator wants the same call again, and continues where it stopped. */
  BLOCKED
}
