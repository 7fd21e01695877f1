package io.laminardb.internal.arrow;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.TimeUnits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Schemas in Arrow's terms and back. What Arrow cannot say is metadata: a field's {@code
 * laminar.precision} (fractional digits of a TIME or TIMESTAMP) and {@code laminar.hidden}, a
 * schema's {@code laminar.changelog}. A changelog has its weights as the last field, {@code
 * __weight}.
 */
public final class ArrowSchemas {
  /** The weight column of a changelog: BIGINT going out, any integer coming in. */
  public static final String WEIGHT = "__weight";

  static final String PRECISION = "laminar.precision";
  static final String HIDDEN = "laminar.hidden";
  static final String CHANGELOG = "laminar.changelog";

  private ArrowSchemas() {}

  /** The Arrow schema of a stream's rows. */
  public static org.apache.arrow.vector.types.pojo.Schema toArrow(Schema schema) {
    List<org.apache.arrow.vector.types.pojo.Field> fields = new ArrayList<>();
    for (Field field : schema.fields()) {
      fields.add(toArrow(field));
    }
    if (schema.isChangelog()) {
      fields.add(weightField());
    }
    return new org.apache.arrow.vector.types.pojo.Schema(
        fields, schema.isChangelog() ? Map.of(CHANGELOG, "true") : Map.of());
  }

  /**
   * The columns a stream needs to hold rows of an Arrow schema; dictionary-encoded fields count as
   * what they decode to, which is taken to be VARCHAR.
   *
   * @throws LaminarException NOT_SUPPORTED for a type without a counterpart
   */
  public static Schema fromArrow(org.apache.arrow.vector.types.pojo.Schema arrow) {
    List<Field> fields = new ArrayList<>();
    boolean changelog = false;
    for (org.apache.arrow.vector.types.pojo.Field field : arrow.getFields()) {
      if (isWeight(field)) {
        changelog = true;
      } else {
        fields.add(fromArrow(field));
      }
    }
    return new Schema(fields, changelog);
  }

  static org.apache.arrow.vector.types.pojo.Field toArrow(Field field) {
    Map<String, String> metadata = new LinkedHashMap<>();
    DataType type = field.type();
    if (type.isTimestamp() || type.kind() == DataType.Kind.TIME) {
      metadata.put(PRECISION, Integer.toString(type.precision()));
    }
    if (field.hidden()) {
      metadata.put(HIDDEN, "true");
    }
    return new org.apache.arrow.vector.types.pojo.Field(
        field.name(),
        new FieldType(field.nullable(), toArrow(type), null, metadata),
        children(type));
  }

  /** The fields of a nested type; a MAP has one, of its entries. */
  private static List<org.apache.arrow.vector.types.pojo.Field> children(DataType type) {
    List<org.apache.arrow.vector.types.pojo.Field> children =
        type.children().stream().map(ArrowSchemas::toArrow).toList();
    return type.kind() == DataType.Kind.MAP
        ? List.of(
            new org.apache.arrow.vector.types.pojo.Field(
                "entries", FieldType.notNullable(ArrowType.Struct.INSTANCE), children))
        : children;
  }

  static org.apache.arrow.vector.types.pojo.Field weightField() {
    return new org.apache.arrow.vector.types.pojo.Field(
        WEIGHT, FieldType.notNullable(new ArrowType.Int(64, true)), null);
  }

  static boolean isWeight(org.apache.arrow.vector.types.pojo.Field field) {
    return field.getName().equalsIgnoreCase(WEIGHT);
  }

  /** The Arrow type that a column's buffers are laid out as. */
  public static ArrowType toArrow(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> ArrowType.Bool.INSTANCE;
      case TINYINT, SMALLINT, INTEGER, BIGINT -> new ArrowType.Int(type.kind().width() * 8, true);
      case REAL -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      case DOUBLE -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
      case DECIMAL -> new ArrowType.Decimal(type.precision(), type.scale(), 128);
      case VARCHAR -> ArrowType.Utf8.INSTANCE;
      case VARBINARY -> ArrowType.Binary.INSTANCE;
      case DATE -> new ArrowType.Date(DateUnit.DAY);
      case TIME -> new ArrowType.Time(TimeUnit.MICROSECOND, 64);
      case TIMESTAMP -> new ArrowType.Timestamp(unit(type), null);
      case TIMESTAMP_LTZ -> new ArrowType.Timestamp(unit(type), "UTC");
      case ARRAY -> ArrowType.List.INSTANCE;
      case MAP -> new ArrowType.Map(true);
      case ROW -> ArrowType.Struct.INSTANCE;
    };
  }

  private static TimeUnit unit(DataType type) {
    long nanos = type.nanosPerUnit();
    return nanos == TimeUnits.NANOS_PER_MILLI
        ? TimeUnit.MILLISECOND
        : nanos == TimeUnits.NANOS_PER_MICRO ? TimeUnit.MICROSECOND : TimeUnit.NANOSECOND;
  }

  private static Field fromArrow(org.apache.arrow.vector.types.pojo.Field field) {
    DataType type =
        field.getDictionary() != null ? DataType.VARCHAR : fromArrow(field.getType(), field);
    return new Field(
        field.getName(), type, field.isNullable(), "true".equals(field.getMetadata().get(HIDDEN)));
  }

  private static DataType fromArrow(
      ArrowType type, org.apache.arrow.vector.types.pojo.Field field) {
    if (type instanceof ArrowType.Bool) {
      return DataType.BOOLEAN;
    }
    if (type instanceof ArrowType.Int integer && integer.getIsSigned()) {
      return switch (integer.getBitWidth()) {
        case 8 -> DataType.TINYINT;
        case 16 -> DataType.SMALLINT;
        case 32 -> DataType.INTEGER;
        default -> DataType.BIGINT;
      };
    }
    if (type instanceof ArrowType.FloatingPoint floating
        && floating.getPrecision() != FloatingPointPrecision.HALF) {
      return floating.getPrecision() == FloatingPointPrecision.SINGLE
          ? DataType.REAL
          : DataType.DOUBLE;
    }
    if (type instanceof ArrowType.Decimal decimal && decimal.getBitWidth() == 128) {
      return DataType.decimal(decimal.getPrecision(), decimal.getScale());
    }
    if (type instanceof ArrowType.Utf8) {
      return DataType.VARCHAR;
    }
    if (type instanceof ArrowType.Binary) {
      return DataType.VARBINARY;
    }
    if (type instanceof ArrowType.Date) {
      return DataType.DATE;
    }
    if (type instanceof ArrowType.Time time) {
      return DataType.time(precision(field, Math.min(6, digits(time.getUnit()))));
    }
    if (type instanceof ArrowType.Timestamp timestamp) {
      int precision = precision(field, digits(timestamp.getUnit()));
      return timestamp.getTimezone() == null
          ? DataType.timestamp(precision)
          : DataType.timestampLtz(precision);
    }
    if (type instanceof ArrowType.List) {
      return DataType.array(fromArrow(field.getChildren().get(0)).type());
    }
    if (type instanceof ArrowType.Map) {
      var entries = field.getChildren().get(0).getChildren();
      return DataType.map(fromArrow(entries.get(0)).type(), fromArrow(entries.get(1)).type());
    }
    if (type instanceof ArrowType.Struct) {
      return DataType.row(field.getChildren().stream().map(ArrowSchemas::fromArrow).toList());
    }
    throw new LaminarException(
            ErrorCode.NOT_SUPPORTED,
            "column \""
                + field.getName()
                + "\" has Arrow type "
                + type
                + ", for which there is no column type.")
        .mend("Convert it, or leave the column out.");
  }

  private static int precision(org.apache.arrow.vector.types.pojo.Field field, int fallback) {
    String text = field.getMetadata().get(PRECISION);
    return text != null && text.matches("[0-9]") ? Integer.parseInt(text) : fallback;
  }

  private static int digits(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> 0;
      case MILLISECOND -> 3;
      case MICROSECOND -> 6;
      case NANOSECOND -> 9;
    };
  }
}
