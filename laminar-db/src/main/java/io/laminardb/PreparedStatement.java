package io.laminardb;

/**
 * A statement to be executed many times, with other values for its question marks. Any thread, any
 * number at a time; it holds nothing that would have to be closed.
 */
public interface PreparedStatement {
  /**
   * Executes it.
   *
   * @param parameters values of its question marks, in order; null is NULL
   * @return its message or rows, which are the caller's to close
   * @throws io.laminardb.core.error.LaminarException PARAMETER_MISMATCH, and what the statement fails
   *     with
   */
  StatementResult execute(Object... parameters);

  /**
   * Executes it and answers its rows.
   *
   * @throws io.laminardb.core.error.LaminarException as {@link #execute}; SYNTAX_ERROR where it answers
   *     none
   */
  Rows query(Object... parameters);

  /** How many question marks it has. */
  int parameterCount();
}
