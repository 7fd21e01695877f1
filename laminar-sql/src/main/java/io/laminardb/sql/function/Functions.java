package io.laminardb.sql.function;

import org.apache.calcite.sql.SqlOperator;

/** The scalar functions of the dialect. */
public final class Functions {
  private Functions() {}

  /** What runs a function called with {@code arguments} arguments, or null when nothing does. */
  public static Implementation implementation(SqlOperator operator, int arguments) {
    return null;
  }
}
