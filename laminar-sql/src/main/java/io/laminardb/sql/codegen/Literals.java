package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.apache.calcite.avatica.util.ByteString;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.NlsString;
import org.apache.calcite.util.TimeString;
import org.apache.calcite.util.TimestampString;

/** Literals of a query as constants of the class. */
final class Literals {
  private static final long MILLIS_PER_DAY = 86_400_000L;

  private final KernelClass<?> kernel;

  Literals(KernelClass<?> kernel) {
    this.kernel = kernel;
  }

  Value compile(RexLiteral literal) {
    DataType type = RexTypes.of(literal.getType());
    return literal.isNull() ? Value.nullOf(type) : Value.of(type, constant(literal, type));
  }

  /** The literal as a constant of another type, where that loses nothing; else null. */
  Value compile(RexLiteral literal, DataType type) {
    DataType own = RexTypes.of(literal.getType());
    if (own.equals(type)) {
      return compile(literal);
    }
    if (!RexTypes.isNumeric(own) || RexTypes.isInterval(literal.getType())) {
      return null;
    }
    BigDecimal value = literal.getValueAs(BigDecimal.class);
    return switch (type.kind()) {
      case DOUBLE -> Value.of(type, kernel.constant(value.doubleValue()));
      case REAL ->
          Float.isInfinite(value.floatValue())
              ? null
              : Value.of(type, kernel.constant(value.floatValue()));
      case BIGINT ->
          RexTypes.isInteger(own) ? Value.of(type, kernel.constant(value.longValue())) : null;
      case DECIMAL ->
          value.stripTrailingZeros().scale() <= type.scale()
                  && value.precision() - value.scale() <= type.precision() - type.scale()
              ? Value.of(
                  type, kernel.constant(value.setScale(type.scale(), RoundingMode.UNNECESSARY)))
              : null;
      default -> null;
    };
  }

  private String constant(RexLiteral literal, DataType type) {
    if (RexTypes.isInterval(literal.getType())) {
      return kernel.constant(literal.getValueAs(BigDecimal.class).longValue());
    }
    return switch (type.kind()) {
      case BOOLEAN -> String.valueOf(literal.getValueAs(Boolean.class));
      case TINYINT, SMALLINT, INTEGER ->
          kernel.constant(literal.getValueAs(BigDecimal.class).intValue());
      case BIGINT -> kernel.constant(literal.getValueAs(BigDecimal.class).longValue());
      case REAL ->
          Float.isInfinite(number(literal).floatValue())
              ? "Conversions.toReal(" + kernel.constant(number(literal).doubleValue()) + ")"
              : kernel.constant(number(literal).floatValue());
      case DOUBLE -> kernel.constant(number(literal).doubleValue());
      case DECIMAL ->
          kernel.constant(
              literal.getValueAs(BigDecimal.class).setScale(type.scale(), RoundingMode.HALF_UP));
      case VARCHAR -> kernel.text(text(literal));
      case VARBINARY -> bytes(literal.getValueAs(ByteString.class).getBytes());
      case DATE -> kernel.constant(literal.getValueAs(DateString.class).getDaysSinceEpoch());
      case TIME -> kernel.constant(micros(literal.getValueAs(TimeString.class)));
      case TIMESTAMP, TIMESTAMP_LTZ ->
          kernel.constant(units(literal.getValueAs(TimestampString.class), type));
      case ARRAY, MAP, ROW -> throw new IllegalStateException("a literal of type " + type);
    };
  }

  /** An end of a range of SEARCH as a constant of {@code type}. */
  Value point(Comparable<?> point, DataType type) {
    if (point instanceof BigDecimal number) {
      return Value.of(type, number(number, type));
    }
    if (point instanceof Double number) {
      return Value.of(type, number(BigDecimal.valueOf(number), type));
    }
    if (point instanceof Boolean) {
      return Value.of(type, point.toString());
    }
    if (point instanceof NlsString text) {
      return Value.of(type, kernel.text(text.getValue()));
    }
    if (point instanceof ByteString binary) {
      return Value.of(type, bytes(binary.getBytes()));
    }
    if (point instanceof DateString date) {
      return Value.of(
          type,
          type.isTimestamp()
              ? kernel.constant(units(date, type))
              : kernel.constant(date.getDaysSinceEpoch()));
    }
    if (point instanceof TimeString time) {
      return Value.of(type, kernel.constant(micros(time)));
    }
    if (point instanceof TimestampString timestamp) {
      return Value.of(type, kernel.constant(units(timestamp, type)));
    }
    throw new IllegalStateException("a range ends at a " + point.getClass());
  }

  private String number(BigDecimal number, DataType type) {
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER -> kernel.constant(number.intValue());
      case REAL -> kernel.constant(number.floatValue());
      case DOUBLE -> kernel.constant(number.doubleValue());
      case DECIMAL -> kernel.constant(number);
      default -> kernel.constant(number.longValue());
    };
  }

  private static Number number(RexLiteral literal) {
    return literal.getValue() instanceof Double d ? d : literal.getValueAs(BigDecimal.class);
  }

  /** A text or the name of a symbol such as HOUR. */
  static String text(RexLiteral literal) {
    return literal.getValue() instanceof Enum<?> symbol
        ? symbol.name()
        : literal.getValueAs(String.class);
  }

  private String bytes(byte[] bytes) {
    String constant = kernel.constant(bytes);
    return kernel.openField("Utf8", "bytes", "buffer().setBytes(" + constant + ")");
  }

  static long micros(TimeString time) {
    String text = time.toString(6);
    return time.getMillisOfDay() / 1000 * 1_000_000L
        + Long.parseLong(text.substring(text.indexOf('.') + 1));
  }

  /** A point of time in the unit of {@code type}, cut down to it. */
  static long units(TimestampString time, DataType type) {
    long seconds = Math.floorDiv(time.getMillisSinceEpoch(), 1000L);
    String text = time.toString(9);
    long nanos = Long.parseLong(text.substring(text.indexOf('.') + 1));
    long unitsPerSecond = RexTypes.unitsPerSecond(type);
    return Math.addExact(
        Math.multiplyExact(seconds, unitsPerSecond), nanos / (1_000_000_000L / unitsPerSecond));
  }

  /** Midnight of a day in the unit of {@code type}. */
  static long units(DateString date, DataType type) {
    return Math.multiplyExact(
        date.getDaysSinceEpoch() * MILLIS_PER_DAY / 1000, RexTypes.unitsPerSecond(type));
  }
}
