package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandTypeChecker;
import org.apache.calcite.sql.type.SqlReturnTypeInference;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeTransforms;
import org.apache.calcite.util.Optionality;

/** Aggregate functions of the dialect that Calcite lacks or types otherwise, by their names. */
final class MoreAggregates {
  private static final SqlReturnTypeInference DOUBLE_OR_NULL =
      ReturnTypes.explicit(SqlTypeName.DOUBLE).andThen(SqlTypeTransforms.FORCE_NULLABLE);
  private static final SqlReturnTypeInference TEXT_OR_NULL =
      ReturnTypes.explicit(SqlTypeName.VARCHAR).andThen(SqlTypeTransforms.FORCE_NULLABLE);
  private static final SqlReturnTypeInference ARRAY_OR_NULL =
      ((SqlReturnTypeInference) MoreAggregates::array).andThen(SqlTypeTransforms.FORCE_NULLABLE);
  private static final SqlReturnTypeInference MAP_OR_NULL =
      ((SqlReturnTypeInference) MoreAggregates::map).andThen(SqlTypeTransforms.FORCE_NULLABLE);
  private static final Map<String, SqlAggFunction> BY_NAME = new HashMap<>();

  static {
    for (String name : List.of("BOOL_AND", "BOOL_OR", "LOGICAL_AND", "LOGICAL_OR", "EVERY")) {
      add(name, ReturnTypes.ARG0_NULLABLE_IF_EMPTY, OperandTypes.BOOLEAN);
    }
    for (String name : List.of("ARG_MIN", "ARG_MAX", "MIN_BY", "MAX_BY")) {
      add(name, ReturnTypes.ARG0.andThen(SqlTypeTransforms.FORCE_NULLABLE), OperandTypes.ANY_ANY);
    }
    for (String name :
        List.of(
            "COVAR_POP",
            "COVAR_SAMP",
            "CORR",
            "REGR_SLOPE",
            "REGR_INTERCEPT",
            "REGR_R2",
            "REGR_AVGX",
            "REGR_AVGY",
            "REGR_SXX",
            "REGR_SYY",
            "REGR_SXY")) {
      add(name, DOUBLE_OR_NULL, OperandTypes.NUMERIC_NUMERIC);
    }
  }

  static {
    for (String name : List.of("BIT_AND", "BIT_OR", "BIT_XOR")) {
      add(name, ReturnTypes.ARG0_NULLABLE_IF_EMPTY, OperandTypes.INTEGER);
    }
    SqlOperandTypeChecker fraction =
        OperandTypes.family(
            List.of(SqlTypeFamily.ANY, SqlTypeFamily.NUMERIC, SqlTypeFamily.BOOLEAN), i -> i == 2);
    add("QUANTILE_CONT", MoreAggregates::continuous, fraction);
    add(
        "APPROX_QUANTILE",
        DOUBLE_OR_NULL,
        OperandTypes.family(SqlTypeFamily.NUMERIC, SqlTypeFamily.NUMERIC));
    add("QUANTILE_DISC", ReturnTypes.ARG0_NULLABLE_IF_EMPTY, fraction);
    add(
        "MODE",
        ReturnTypes.ARG0_NULLABLE_IF_EMPTY,
        OperandTypes.family(List.of(SqlTypeFamily.ANY, SqlTypeFamily.BOOLEAN), i -> i == 1));
    add(
        "STRING_AGG",
        TEXT_OR_NULL,
        OperandTypes.family(List.of(SqlTypeFamily.ANY, SqlTypeFamily.CHARACTER), i -> i == 1));
    add(OrderedCalls.hidden("STRING_AGG"), TEXT_OR_NULL, OperandTypes.VARIADIC);
    add("ARRAY_AGG", ARRAY_OR_NULL, OperandTypes.ANY);
    add(OrderedCalls.hidden("ARRAY_AGG"), ARRAY_OR_NULL, OperandTypes.VARIADIC);
    add("MAP_AGG", MAP_OR_NULL, OperandTypes.ANY_ANY);
    add(OrderedCalls.hidden("MAP_AGG"), MAP_OR_NULL, OperandTypes.VARIADIC);
    for (String name : List.of("JSON_ARRAYAGG", "JSON_OBJECTAGG")) {
      add(OrderedCalls.hidden(name), TEXT_OR_NULL, OperandTypes.VARIADIC);
    }
    for (String name : List.of("FIRST", "LAST")) {
      add(OrderedCalls.hidden(name), ReturnTypes.ARG0_NULLABLE_IF_EMPTY, OperandTypes.VARIADIC);
    }
  }

  private MoreAggregates() {}

  /** A number between numbers is a DOUBLE, a time between times a time. */
  private static RelDataType continuous(SqlOperatorBinding call) {
    RelDataType value = call.getOperandType(0);
    if (SqlTypeFamily.NUMERIC.contains(value)) {
      return DOUBLE_OR_NULL.inferReturnType(call);
    }
    if (!SqlTypeFamily.TIMESTAMP.contains(value)) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH, "there is nothing between two values of type " + value + ".")
          .mend("Use QUANTILE_DISC or PERCENTILE_DISC, which take one of the values.");
    }
    return ReturnTypes.ARG0_NULLABLE_IF_EMPTY.inferReturnType(call);
  }

  private static RelDataType array(SqlOperatorBinding call) {
    return call.getTypeFactory().createArrayType(call.getOperandType(0), -1);
  }

  private static RelDataType map(SqlOperatorBinding call) {
    RelDataTypeFactory types = call.getTypeFactory();
    RelDataType key = types.createTypeWithNullability(call.getOperandType(0), false);
    return types.createMapType(key, call.getOperandType(1));
  }

  private static void add(
      String name, SqlReturnTypeInference returns, SqlOperandTypeChecker operands) {
    BY_NAME.put(
        name,
        new SqlAggFunction(
            name,
            null,
            SqlKind.OTHER_FUNCTION,
            returns,
            null,
            operands,
            SqlFunctionCategory.USER_DEFINED_FUNCTION,
            false,
            false,
            Optionality.FORBIDDEN) {});
  }

  /** The function of this name in any case, or null. */
  static SqlAggFunction named(String name) {
    return BY_NAME.get(name.toUpperCase(Locale.ROOT));
  }
}
