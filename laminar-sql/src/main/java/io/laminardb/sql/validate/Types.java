package io.laminardb.sql.validate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlBasicTypeNameSpec;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.type.SqlTypeFactoryImpl;
import org.apache.calcite.sql.type.SqlTypeName;

/** Between declared types, types of columns and Calcite's types. */
public final class Types {
  private Types() {}

  /** A factory with our type system and UTF-8 text. */
  public static RelDataTypeFactory factory() {
    return new Utf8TypeFactory();
  }

  /** The type a column declares. */
  public static DataType ofSpec(SqlDataTypeSpec spec) {
    String name = spec.getTypeName().getSimple().toUpperCase(Locale.ROOT).replace(' ', '_');
    int precision = -1;
    int scale = -1;
    if (spec.getTypeNameSpec() instanceof SqlBasicTypeNameSpec basic) {
      precision = basic.getPrecision();
      scale = basic.getScale();
    }
    return switch (name) {
      case "BOOLEAN", "BOOL" -> DataType.BOOLEAN;
      case "TINYINT" -> DataType.TINYINT;
      case "SMALLINT" -> DataType.SMALLINT;
      case "INTEGER", "INT" -> DataType.INTEGER;
      case "BIGINT" -> DataType.BIGINT;
      case "REAL" -> DataType.REAL;
      case "FLOAT", "DOUBLE" -> DataType.DOUBLE;
      case "DECIMAL", "DEC", "NUMERIC" -> decimal(precision, scale);
      case "VARCHAR", "CHAR", "STRING", "TEXT" -> DataType.varchar(length(name, precision));
      case "VARBINARY", "BINARY", "BYTES" -> DataType.varbinary(length(name, precision));
      case "DATE" -> DataType.DATE;
      case "TIME" -> DataType.time(timePrecision(name, precision));
      case "TIMESTAMP" -> DataType.timestamp(timePrecision(name, precision));
      case "TIMESTAMP_WITH_LOCAL_TIME_ZONE", "TIMESTAMP_LTZ" ->
          DataType.timestampLtz(timePrecision("TIMESTAMP", precision));
      default ->
          throw new LaminarException(
                  ErrorCode.NOT_SUPPORTED, "a column cannot have type " + name + ".")
              .mend(
                  "Types are BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, REAL, DOUBLE, DECIMAL,"
                      + " VARCHAR, VARBINARY, DATE, TIME and TIMESTAMP.");
    };
  }

  /** The column type of an expression's type. */
  public static DataType of(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case BOOLEAN -> DataType.BOOLEAN;
      case TINYINT -> DataType.TINYINT;
      case SMALLINT -> DataType.SMALLINT;
      case INTEGER -> DataType.INTEGER;
      case BIGINT -> DataType.BIGINT;
      case REAL -> DataType.REAL;
      case FLOAT, DOUBLE -> DataType.DOUBLE;
      case DECIMAL -> DataType.decimal(type.getPrecision(), type.getScale());
      case CHAR, VARCHAR -> DataType.VARCHAR;
      case BINARY, VARBINARY -> DataType.VARBINARY;
      case DATE -> DataType.DATE;
      case TIME -> DataType.time(type.getPrecision());
      case TIMESTAMP -> DataType.timestamp(type.getPrecision());
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> DataType.timestampLtz(type.getPrecision());
      case NULL ->
          throw new LaminarException(ErrorCode.TYPE_MISMATCH, "a column of NULLs has no type.")
              .mend("Give it one: CAST(NULL AS VARCHAR).");
      default ->
          throw new LaminarException(
                  ErrorCode.NOT_SUPPORTED, "a column cannot have type " + type + ".")
              .mend("Cast it, or take it apart into columns of plain types.");
    };
  }

  /** Calcite's type of a column. */
  public static RelDataType toRel(RelDataTypeFactory factory, DataType type, boolean nullable) {
    RelDataType rel =
        switch (type.kind()) {
          case BOOLEAN -> factory.createSqlType(SqlTypeName.BOOLEAN);
          case TINYINT -> factory.createSqlType(SqlTypeName.TINYINT);
          case SMALLINT -> factory.createSqlType(SqlTypeName.SMALLINT);
          case INTEGER -> factory.createSqlType(SqlTypeName.INTEGER);
          case BIGINT -> factory.createSqlType(SqlTypeName.BIGINT);
          case REAL -> factory.createSqlType(SqlTypeName.REAL);
          case DOUBLE -> factory.createSqlType(SqlTypeName.DOUBLE);
          case DECIMAL ->
              factory.createSqlType(SqlTypeName.DECIMAL, type.precision(), type.scale());
          case VARCHAR -> factory.createSqlType(SqlTypeName.VARCHAR);
          case VARBINARY -> factory.createSqlType(SqlTypeName.VARBINARY);
          case DATE -> factory.createSqlType(SqlTypeName.DATE);
          case TIME -> factory.createSqlType(SqlTypeName.TIME, type.precision());
          case TIMESTAMP -> factory.createSqlType(SqlTypeName.TIMESTAMP, type.precision());
          case TIMESTAMP_LTZ ->
              factory.createSqlType(SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE, type.precision());
        };
    return factory.createTypeWithNullability(rel, nullable);
  }

  /** Whether a column of this type can be event time: BIGINT milliseconds or a TIMESTAMP. */
  public static boolean canBeTime(DataType type) {
    return type.kind() == DataType.Kind.BIGINT || type.isTimestamp();
  }

  private static DataType decimal(int precision, int scale) {
    if (precision < 0) {
      return DataType.decimal(LaminarTypeSystem.MAX_DECIMAL, LaminarTypeSystem.DEFAULT_SCALE);
    }
    int digits = Math.max(scale, 0);
    if (precision < 1 || precision > LaminarTypeSystem.MAX_DECIMAL || digits > precision) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH,
              "DECIMAL(" + precision + ", " + digits + ") is out of range.")
          .mend("Use 1 to 38 digits, of which at most all stand behind the point.");
    }
    return DataType.decimal(precision, digits);
  }

  /** The greatest length of a value; 0 where none is declared. */
  private static int length(String type, int precision) {
    if (precision == 0) {
      throw new LaminarException(ErrorCode.TYPE_MISMATCH, type + "(0) holds no text.")
          .mend("Use a length of at least 1, or none.");
    }
    return Math.max(precision, 0);
  }

  private static int timePrecision(String type, int precision) {
    if (precision > 9) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH, type + "(" + precision + ") is out of range.")
          .mend("Use 0 to 9 digits of a second.");
    }
    return precision < 0 ? LaminarTypeSystem.DEFAULT_TIME_PRECISION : precision;
  }

  private static final class Utf8TypeFactory extends SqlTypeFactoryImpl {
    Utf8TypeFactory() {
      super(LaminarTypeSystem.INSTANCE);
    }

    @Override
    public Charset getDefaultCharset() {
      return StandardCharsets.UTF_8;
    }
  }
}
