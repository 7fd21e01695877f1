package io.laminardb.sql.function;

import static io.laminardb.sql.function.Define.BIGINT;
import static io.laminardb.sql.function.Define.BOOLEAN;
import static io.laminardb.sql.function.Define.DOUBLE;
import static io.laminardb.sql.function.Define.INTEGER;
import static io.laminardb.sql.function.Define.by;

import io.laminardb.core.batch.DataType;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlReturnTypeInference;
import org.apache.calcite.sql.type.SqlTypeName;

/** Functions of numbers. */
final class NumberFunctions {
  private static final SqlReturnTypeInference SAME = ReturnTypes.ARG0_NULLABLE;

  private NumberFunctions() {}

  static List<SqlOperator> define() {
    List<SqlOperator> all = new ArrayList<>();
    all.add(by("Numbers.abs").number().named().as("ABS", SAME));
    all.add(by("Numbers.sign").number().result(DataType.INTEGER).as("SIGN", INTEGER));
    all.add(by("Numbers.ceil").number().as("CEILING", NumberFunctions::rounded));
    all.add(
        by("Numbers.round").number().integer().optional(1).as("ROUND", NumberFunctions::rounded));
    for (String name : List.of("TRUNC", "TRUNCATE")) {
      all.add(
          by("Numbers.truncate").number().integer().optional(1).as(name, NumberFunctions::rounded));
    }
    for (String name : List.of("POWER", "POW")) {
      all.add(by("Math.pow").doubles().doubles().as(name, DOUBLE));
    }
    String[][] functions = {
      {"SQRT", "Numbers.sqrt"},
      {"CBRT", "Math.cbrt"},
      {"EXP", "Math.exp"},
      {"LN", "Numbers.ln"},
      {"LOG10", "Numbers.log10"},
      {"LOG2", "Numbers.log2"},
      {"SIN", "Math.sin"},
      {"COS", "Math.cos"},
      {"TAN", "Math.tan"},
      {"ASIN", "Numbers.asin"},
      {"ACOS", "Numbers.acos"},
      {"ATAN", "Math.atan"},
      {"SINH", "Math.sinh"},
      {"COSH", "Math.cosh"},
      {"TANH", "Math.tanh"},
      {"COT", "Numbers.cot"},
      {"ASINH", "MoreNumbers.asinh"},
      {"ACOSH", "MoreNumbers.acosh"},
      {"ATANH", "MoreNumbers.atanh"},
      {"EVEN", "MoreNumbers.even"},
      {"DEGREES", "Math.toDegrees"},
      {"RADIANS", "Math.toRadians"}
    };
    for (String[] function : functions) {
      all.add(by(function[1]).doubles().as(function[0], DOUBLE));
    }
    all.add(by("Math.atan2").doubles().doubles().as("ATAN2", DOUBLE));
    all.add(by("Numbers.log").doubles().doubles().as("LOG", DOUBLE));
    all.add(by("Numbers.log10").doubles().as("LOG", DOUBLE));
    all.add(by("Numbers.pi").as("PI", ReturnTypes.DOUBLE));
    all.add(by("Numbers.isNan").doubles().as("ISNAN", BOOLEAN));
    all.add(by("Numbers.bitAnd").whole().whole().as("BITAND", ReturnTypes.LEAST_RESTRICTIVE));
    all.add(by("Numbers.bitOr").whole().whole().as("BITOR", ReturnTypes.LEAST_RESTRICTIVE));
    all.add(by("Numbers.bitXor").whole().whole().as("BITXOR", ReturnTypes.LEAST_RESTRICTIVE));
    all.add(by("Numbers.bitNot").whole().as("BITNOT", SAME));
    all.add(by("Numbers.bitCount").bigint().as("BIT_COUNT", INTEGER));
    all.add(by("MoreNumbers.e").as("E", ReturnTypes.DOUBLE));
    all.add(by("MoreNumbers.isInfinite").doubles().as("ISINF", BOOLEAN));
    all.add(by("MoreNumbers.isFinite").doubles().as("ISFINITE", BOOLEAN));
    all.add(by("MoreNumbers.signBit").doubles().as("SIGNBIT", BOOLEAN));
    all.add(by("Math.nextAfter").doubles().doubles().as("NEXTAFTER", DOUBLE));
    all.add(by("MoreNumbers.gcd").bigint().bigint().named().as("GCD", BIGINT));
    all.add(by("MoreNumbers.lcm").bigint().bigint().named().as("LCM", BIGINT));
    all.add(by("MoreNumbers.factorial").integer().named().as("FACTORIAL", BIGINT));
    all.add(by("Numbers.bitXor").whole().whole().as("XOR", ReturnTypes.LEAST_RESTRICTIVE));
    all.add(by("MoreNumbers.shiftRight").bigint().integer().as("SHIFTRIGHT", BIGINT));
    all.add(by("Numbers.shiftLeft").bigint().integer().named().as("SHIFTLEFT", BIGINT));
    all.add(
        by("MoreNumbers.widthBucket")
            .doubles()
            .doubles()
            .doubles()
            .integer()
            .as("WIDTH_BUCKET", INTEGER));
    return all;
  }

  /** A DECIMAL loses the digits that are rounded away, where their number is known. */
  private static RelDataType rounded(SqlOperatorBinding call) {
    RelDataType own = call.getOperandType(0);
    RelDataTypeFactory factory = call.getTypeFactory();
    boolean known = call.getOperandCount() == 1 || call.isOperandLiteral(1, false);
    if (own.getSqlTypeName() == SqlTypeName.DECIMAL && known) {
      Integer digits =
          call.getOperandCount() == 1
              ? Integer.valueOf(0)
              : call.getOperandLiteralValue(1, Integer.class);
      int scale = Math.max(0, Math.min(digits == null ? own.getScale() : digits, own.getScale()));
      int whole = Math.min(38 - scale, own.getPrecision() - own.getScale() + 1);
      own = factory.createSqlType(SqlTypeName.DECIMAL, whole + scale, scale);
    }
    boolean nullable = false;
    for (RelDataType type : call.collectOperandTypes()) {
      nullable |= type.isNullable();
    }
    return factory.createTypeWithNullability(own, nullable);
  }
}
