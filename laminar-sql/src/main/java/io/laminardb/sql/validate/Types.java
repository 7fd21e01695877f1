package io.laminardb.sql.validate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rel.type.RelRecordType;
import org.apache.calcite.rel.type.StructKind;
import org.apache.calcite.sql.SqlBasicTypeNameSpec;
import org.apache.calcite.sql.SqlCollectionTypeNameSpec;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlMapTypeNameSpec;
import org.apache.calcite.sql.SqlRowTypeNameSpec;
import org.apache.calcite.sql.SqlTypeNameSpec;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeFactoryImpl;
import org.apache.calcite.sql.type.SqlTypeName;

/** Between declared types, types of columns and Calcite's types. */
public final class Types {
  private static final SqlParserPos POSITION = SqlParserPos.ZERO;

  private Types() {}

  /** A factory with our type system and UTF-8 text. */
  public static RelDataTypeFactory factory() {
    return new Utf8TypeFactory();
  }

  /** The type a column declares. */
  public static DataType ofSpec(SqlDataTypeSpec spec) {
    SqlTypeNameSpec type = spec.getTypeNameSpec();
    if (type instanceof SqlCollectionTypeNameSpec collection
        && collection.getTypeName().getSimple().equals("ARRAY")) {
      return DataType.array(inner(new SqlDataTypeSpec(collection.getElementTypeName(), POSITION)));
    }
    if (type instanceof SqlMapTypeNameSpec map) {
      return DataType.map(inner(map.getKeyType()), inner(map.getValType()));
    }
    if (type instanceof SqlRowTypeNameSpec row) {
      return row(row);
    }
    return ofScalar(spec);
  }

  /** Whether a type is written as an ARRAY, MAP or ROW. */
  static boolean isNested(SqlDataTypeSpec spec) {
    SqlTypeNameSpec type = spec.getTypeNameSpec();
    return type instanceof SqlCollectionTypeNameSpec
        || type instanceof SqlMapTypeNameSpec
        || type instanceof SqlRowTypeNameSpec;
  }

  private static DataType row(SqlRowTypeNameSpec row) {
    List<Field> fields = new ArrayList<>();
    Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (int i = 0; i < row.getFieldNames().size(); i++) {
      String name = row.getFieldNames().get(i).getSimple();
      if (!names.add(name)) {
        throw new LaminarException(
                ErrorCode.TYPE_MISMATCH, "a ROW has two fields \"" + name + "\".")
            .mend("Give each field a name of its own.");
      }
      fields.add(Field.of(name, inner(row.getFieldTypes().get(i))));
    }
    return DataType.row(fields);
  }

  /** The type of a part of a nested value. */
  private static DataType inner(SqlDataTypeSpec spec) {
    DataType type = ofSpec(spec);
    if (type.maxLength() > 0) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "a length inside of ARRAY, MAP and ROW is not supported.")
          .mend("Write " + type.withoutLength() + " without a length.");
    }
    return type;
  }

  private static DataType ofScalar(SqlDataTypeSpec spec) {
    String name = spec.getTypeName().getSimple().toUpperCase(Locale.ROOT).replace(' ', '_');
    int precision = -1;
    int scale = -1;
    if (spec.getTypeNameSpec() instanceof SqlBasicTypeNameSpec basic) {
      precision = basic.getPrecision();
      scale = basic.getScale();
    }
    return switch (name) {
      case "BOOLEAN", "BOOL" -> DataType.BOOLEAN;
      case "TINYINT", "INT1" -> DataType.TINYINT;
      case "SMALLINT", "INT2", "SHORT" -> DataType.SMALLINT;
      case "INTEGER", "INT", "INT4" -> DataType.INTEGER;
      case "BIGINT", "INT8", "LONG" -> DataType.BIGINT;
      case "REAL", "FLOAT4" -> DataType.REAL;
      case "FLOAT", "DOUBLE", "FLOAT8" -> DataType.DOUBLE;
      case "DECIMAL", "DEC", "NUMERIC" -> decimal(precision, scale);
      case "VARCHAR", "CHAR", "STRING", "TEXT" -> DataType.varchar(length(name, precision));
      case "VARBINARY", "BINARY", "BYTES", "BYTEA", "BLOB" ->
          DataType.varbinary(length(name, precision));
      case "DATE" -> DataType.DATE;
      case "TIME" -> DataType.time(timePrecision(name, precision));
      case "TIMESTAMP" -> DataType.timestamp(timePrecision(name, precision));
      case "TIMESTAMP_WITH_LOCAL_TIME_ZONE", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "TIMESTAMPTZ" ->
          DataType.timestampLtz(timePrecision("TIMESTAMP", precision));
      default ->
          throw new LaminarException(
                  ErrorCode.NOT_SUPPORTED, "a column cannot have type " + name + ".")
              .mend(
                  "Types are BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, REAL, DOUBLE, DECIMAL,"
                      + " VARCHAR, VARBINARY, DATE, TIME, TIMESTAMP, ARRAY, MAP and ROW.");
    };
  }

  /** The column type of an expression's type. */
  public static DataType of(RelDataType type) {
    DataType nested = nested(type, Types::of);
    if (nested != null) {
      return nested;
    }
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

  /**
   * The type of an ARRAY, MAP or ROW, with the types of its parts by {@code parts}; null for another
   * type.
   */
  public static DataType nested(RelDataType type, Function<RelDataType, DataType> parts) {
    return switch (type.getSqlTypeName()) {
      case ARRAY, MULTISET -> DataType.array(parts.apply(type.getComponentType()));
      case MAP -> DataType.map(parts.apply(type.getKeyType()), parts.apply(type.getValueType()));
      case ROW ->
          DataType.row(
              type.getFieldList().stream()
                  .map(field -> Field.of(field.getName(), parts.apply(field.getType())))
                  .toList());
      default -> null;
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
          case ARRAY -> factory.createArrayType(toRel(factory, type.element(), true), -1);
          case MAP ->
              factory.createMapType(
                  toRel(factory, type.element(), false), toRel(factory, type.mapValue(), true));
          case ROW ->
              factory.createStructType(
                  StructKind.PEEK_FIELDS_NO_EXPAND, // that r.field works without the table's name
                  type.children().stream().map(f -> toRel(factory, f.type(), true)).toList(),
                  type.children().stream().map(Field::name).toList());
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

    /** A ROW that is not NULL may have fields that are. */
    @Override
    public RelDataType createTypeWithNullability(RelDataType type, boolean nullable) {
      return type instanceof RelRecordType
              && type.getStructKind() == StructKind.PEEK_FIELDS_NO_EXPAND
              && type.isNullable() != nullable
          ? canonize(new RelRecordType(type.getStructKind(), type.getFieldList(), nullable))
          : super.createTypeWithNullability(type, nullable);
    }

    @Override
    public Charset getDefaultCharset() {
      return StandardCharsets.UTF_8;
    }
  }
}
