package io.laminardb.sql.function;

import org.apache.calcite.sql.SqlOperator;

/** Functions of ARRAY, MAP and ROW. */
public final class NestedFunctions {
  /** A call of it in a select list makes a row of each element; only planning knows how. */
  public static final SqlOperator UNNEST = new ScalarFunction("UNNEST", null, null, null);

  private NestedFunctions() {}
}
