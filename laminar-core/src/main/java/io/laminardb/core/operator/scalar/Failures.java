package io.laminardb.core.operator.scalar;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;

/** What stops a row. */
final class Failures {
  private static final int LONGEST = 60;

  private Failures() {}

  static LaminarException overflow(String type, String expression) {
    return new LaminarException(
        ErrorCode.EXPRESSION_FAILED, type + " overflow in " + expression + ".");
  }

  static LaminarException divisionByZero(String expression) {
    return new LaminarException(
            ErrorCode.EXPRESSION_FAILED, "division by zero in " + expression + ".")
        .mend("Divide by NULLIF(.., 0) to get NULL instead.");
  }

  static LaminarException cast(Object value, String type) {
    return new LaminarException(
            ErrorCode.EXPRESSION_FAILED, "cannot cast '" + shortened(value) + "' to " + type + ".")
        .mend("TRY_CAST makes it NULL.");
  }

  /** A value as text, cut where it is too long for a message. */
  static String shortened(Object value) {
    String text = String.valueOf(value);
    return text.length() > LONGEST ? text.substring(0, LONGEST) + ".." : text;
  }

  static LaminarException moreThanOneRow(long rows) {
    return new LaminarException(
            ErrorCode.EXPRESSION_FAILED,
            "a subquery that stands for a value has " + rows + " rows.")
        .mend("Aggregate in the subquery, for example SELECT MAX(..), or join it in FROM.");
  }

  static LaminarException argument(String problem) {
    return new LaminarException(ErrorCode.EXPRESSION_FAILED, problem);
  }
}
