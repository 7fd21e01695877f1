package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.validate.Types;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.sql.type.SqlTypeName;

/** Calcite's types as ours. */
public final class RexTypes {
  private RexTypes() {}

  /**
   * The type that holds values of {@code type}. An INTERVAL is a BIGINT of milliseconds or months, a
   * literal NULL a BOOLEAN.
   *
   * @throws LaminarException NOT_SUPPORTED for types without a column layout
   */
  public static DataType of(RelDataType type) {
    SqlTypeName name = type.getSqlTypeName();
    if (SqlTypeName.INTERVAL_TYPES.contains(name)) {
      return DataType.BIGINT;
    }
    DataType nested = Types.nested(type, RexTypes::of);
    if (nested != null) {
      return nested;
    }
    return switch (name) {
      case BOOLEAN, NULL -> DataType.BOOLEAN;
      case TINYINT -> DataType.TINYINT;
      case SMALLINT -> DataType.SMALLINT;
      case INTEGER -> DataType.INTEGER;
      case BIGINT -> DataType.BIGINT;
      case REAL -> DataType.REAL;
      case FLOAT, DOUBLE -> DataType.DOUBLE;
      case DECIMAL -> DataType.decimal(type.getPrecision(), Math.max(0, type.getScale()));
      case CHAR, VARCHAR, SYMBOL -> DataType.VARCHAR;
      case BINARY, VARBINARY -> DataType.VARBINARY;
      case DATE -> DataType.DATE;
      case TIME -> DataType.time(precision(type, 6));
      case TIMESTAMP -> DataType.timestamp(precision(type, 9));
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE, TIMESTAMP_TZ ->
          DataType.timestampLtz(precision(type, 9));
      default ->
          throw new LaminarException(
                  ErrorCode.NOT_SUPPORTED, "Values of type " + type + " cannot be computed with.")
              .mend("Cast the value to a scalar type.");
    };
  }

  private static int precision(RelDataType type, int max) {
    int precision = type.getPrecision();
    return precision < 0 ? 3 : Math.min(precision, max);
  }

  static boolean isInterval(RelDataType type) {
    return SqlTypeName.INTERVAL_TYPES.contains(type.getSqlTypeName());
  }

  static boolean isMonths(RelDataType type) {
    return SqlTypeName.YEAR_INTERVAL_TYPES.contains(type.getSqlTypeName());
  }

  static boolean isTimePoint(DataType type) {
    return type.isTimestamp() || type.kind() == DataType.Kind.DATE;
  }

  static boolean isNumeric(DataType type) {
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, DECIMAL -> true;
      default -> false;
    };
  }

  static boolean isInteger(DataType type) {
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT -> true;
      default -> false;
    };
  }

  static boolean isFloating(DataType type) {
    return type.kind() == DataType.Kind.REAL || type.kind() == DataType.Kind.DOUBLE;
  }

  static boolean isDecimal(DataType type) {
    return type.kind() == DataType.Kind.DECIMAL;
  }

  static boolean isText(DataType type) {
    return type.isVariableWidth();
  }

  /** How many units of a TIMESTAMP (or of a DATE made one) a second has. */
  public static long unitsPerSecond(DataType type) {
    return type.isTimestamp() ? 1_000_000_000L / type.nanosPerUnit() : 1_000L;
  }
}
