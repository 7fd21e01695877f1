package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;

/**
 * What an expression compiled to: Java that may be repeated, because it is a variable, a constant or
 * cheap and without effect.
 *
 * <p>In Java a BOOLEAN is a {@code boolean}; TINYINT, SMALLINT, INTEGER and DATE an {@code int};
 * BIGINT, TIME and TIMESTAMP a {@code long}; REAL a {@code float}, DOUBLE a {@code double}; DECIMAL a
 * {@code BigDecimal}; VARCHAR and VARBINARY a {@code Utf8} that is valid until the next row. An
 * INTERVAL is a {@code long} of milliseconds or months and has the type BIGINT.
 *
 * @param type the type of the result
 * @param java the value; means nothing while {@code isNull} holds, except that a BOOLEAN is false
 * @param isNull a Java condition; {@code "false"} for what is never NULL
 */
public record Value(DataType type, String java, String isNull) {
  /** A value that is never NULL. */
  public static Value of(DataType type, String java) {
    return new Value(type, java, "false");
  }

  /** NULL of a type. */
  public static Value nullOf(DataType type) {
    return new Value(type, defaultOf(type), "true");
  }

  /** Whether it can be NULL. */
  public boolean isNullable() {
    return !isNull.equals("false");
  }

  /** Whether it is nothing but NULL. */
  public boolean isNullLiteral() {
    return isNull.equals("true");
  }

  /** The Java type of {@link #java}. */
  public String javaType() {
    return javaType(type);
  }

  /** The Java type that holds a value of {@code type}. */
  public static String javaType(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> "boolean";
      case TINYINT, SMALLINT, INTEGER, DATE -> "int";
      case BIGINT, TIME, TIMESTAMP, TIMESTAMP_LTZ -> "long";
      case REAL -> "float";
      case DOUBLE -> "double";
      case DECIMAL -> "BigDecimal";
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> "Utf8";
    };
  }

  /** A Java literal of the type, for a variable before it is assigned. */
  public static String defaultOf(DataType type) {
    return switch (javaType(type)) {
      case "boolean" -> "false";
      case "int" -> "0";
      case "long" -> "0L";
      case "float" -> "0f";
      case "double" -> "0d";
      default -> "null";
    };
  }
}
