package io.laminardb.sql.function;

import io.laminardb.core.batch.DataType;
import io.laminardb.sql.function.Implementation.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlReturnTypeInference;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeTransforms;

/** The words in which functions are defined. */
final class Define {
  static final SqlReturnTypeInference TEXT = nullable(SqlTypeName.VARCHAR);
  static final SqlReturnTypeInference TEXT_OR_NULL = ReturnTypes.VARCHAR_FORCE_NULLABLE;
  static final SqlReturnTypeInference BYTES = nullable(SqlTypeName.VARBINARY);
  static final SqlReturnTypeInference INTEGER = nullable(SqlTypeName.INTEGER);
  static final SqlReturnTypeInference BIGINT = nullable(SqlTypeName.BIGINT);
  static final SqlReturnTypeInference DOUBLE = nullable(SqlTypeName.DOUBLE);
  static final SqlReturnTypeInference BOOLEAN = nullable(SqlTypeName.BOOLEAN);
  static final SqlReturnTypeInference DATE = nullable(SqlTypeName.DATE);
  static final SqlReturnTypeInference TIMESTAMP = nullable(SqlTypeName.TIMESTAMP, 3);

  private final String state;
  private final String method;
  private final List<Parameter> parameters = new ArrayList<>();
  private final List<SqlTypeFamily> families = new ArrayList<>();
  private int optional;
  private boolean buffer;
  private boolean nullableResult;
  private boolean named;
  private DataType result;

  private Define(String state, String method) {
    this.state = state;
    this.method = method;
  }

  private static SqlReturnTypeInference nullable(SqlTypeName name) {
    return ReturnTypes.explicit(name).andThen(SqlTypeTransforms.TO_NULLABLE);
  }

  static SqlReturnTypeInference nullable(SqlTypeName name, int precision) {
    return ReturnTypes.explicit(name, precision).andThen(SqlTypeTransforms.TO_NULLABLE);
  }

  /** Run by a static method such as {@code Texts.upper}. */
  static Define by(String method) {
    return new Define(null, method);
  }

  /** Run by an object that remembers something, one a call. */
  static Define by(String state, String method) {
    return new Define(state, method);
  }

  /** The result goes to a buffer. */
  Define buffer() {
    buffer = true;
    return this;
  }

  /** Failures name the call. */
  Define named() {
    named = true;
    return this;
  }

  Define result(DataType type) {
    result = type;
    return this;
  }

  Define nullableResult() {
    nullableResult = true;
    return this;
  }

  Define text() {
    return argument(Parameter.TEXT, SqlTypeFamily.CHARACTER);
  }

  /** Any value, as it is. */
  Define same() {
    return argument(Parameter.SAME, SqlTypeFamily.ANY);
  }

  /** Bytes, or a text for the bytes of it. */
  Define bytes() {
    return argument(Parameter.SAME, null);
  }

  Define integer() {
    return argument(Parameter.INTEGER, SqlTypeFamily.INTEGER);
  }

  Define bigint() {
    return argument(Parameter.BIGINT, SqlTypeFamily.INTEGER);
  }

  Define number() {
    return argument(Parameter.SAME, SqlTypeFamily.NUMERIC);
  }

  Define whole() {
    return argument(Parameter.SAME, SqlTypeFamily.INTEGER);
  }

  Define doubles() {
    return argument(Parameter.DOUBLE, SqlTypeFamily.NUMERIC);
  }

  Define time() {
    return argument(Parameter.TIME_POINT, SqlTypeFamily.DATETIME);
  }

  Define bool() {
    return argument(Parameter.BOOLEAN, SqlTypeFamily.BOOLEAN);
  }

  private Define argument(Parameter parameter, SqlTypeFamily family) {
    parameters.add(parameter);
    families.add(family);
    return this;
  }

  /** The last {@code count} arguments may be left out. */
  Define optional(int count) {
    optional = count;
    return this;
  }

  /** A time, the length of a window and its offset, in the unit of the time. */
  Implementation bounds() {
    return argument(Parameter.SAME, SqlTypeFamily.ANY).bigint().bigint().implementation();
  }

  /** The end of a window. */
  Implementation end() {
    return argument(Parameter.SAME, SqlTypeFamily.ANY).implementation();
  }

  Implementation implementation() {
    return new Implementation(
        state, method, List.copyOf(parameters), buffer, nullableResult, named, result);
  }

  ScalarFunction as(String name, SqlReturnTypeInference returns) {
    int required = families.size() - optional;
    if (families.contains(null)) {
      return new ScalarFunction(
          name,
          returns,
          OperandTypes.family(families(SqlTypeFamily.CHARACTER), i -> i >= required)
              .or(OperandTypes.family(families(SqlTypeFamily.BINARY), i -> i >= required)),
          implementation());
    }
    return new ScalarFunction(
        name, returns, OperandTypes.family(families, i -> i >= required), implementation());
  }

  private List<SqlTypeFamily> families(SqlTypeFamily ofBytes) {
    return families.stream().map(family -> family == null ? ofBytes : family).toList();
  }
}
