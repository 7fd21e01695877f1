package io.laminardb.core.batch;

import io.laminardb.core.time.TimeUnits;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The type of a column: SQL's view, and how wide it is in a batch.
 *
 * @param kind the SQL type
 * @param precision digits of a DECIMAL, fractional digits of a TIME or TIMESTAMP, greatest length of a
 *     VARCHAR (characters) or VARBINARY (bytes) that declares one, else 0
 * @param scale digits behind the point of a DECIMAL, else 0
 * @param children the element of an ARRAY, key and value of a MAP, fields of a ROW; else empty
 */
public record DataType(Kind kind, int precision, int scale, List<Field> children) {
  /** A SQL type and its Arrow layout. */
  public enum Kind {
    /** Arrow Bool: one bit a row. */
    BOOLEAN(0),
    TINYINT(1),
    SMALLINT(2),
    INTEGER(4),
    BIGINT(8),
    REAL(4),
    DOUBLE(8),
    /** Arrow Decimal128: 16 bytes, little-endian two's complement. */
    DECIMAL(16),
    /** Arrow Utf8: 32-bit offsets and bytes. */
    VARCHAR(-1),
    /** Arrow Binary: 32-bit offsets and bytes. */
    VARBINARY(-1),
    /** Arrow Date(DAY): days since the epoch. */
    DATE(4),
    /** Arrow Time(MICROSECOND): microseconds since midnight. */
    TIME(8),
    /** Arrow Timestamp without zone: milli-, micro- or nanoseconds, by precision. */
    TIMESTAMP(8),
    /** Arrow Timestamp in UTC: milli-, micro- or nanoseconds, by precision. */
    TIMESTAMP_LTZ(8),
    /**
     * Values of one type, in order. In a batch, nested values are Arrow Binary: bytes whose order is that
     * of the values, see {@link io.laminardb.core.batch.nested.NestedWriter}.
     */
    ARRAY(-1),
    /** Values by key, no key twice. */
    MAP(-1),
    /** Named values. */
    ROW(-1);

    private final int width;

    Kind(int width) {
      this.width = width;
    }

    /** Bytes a row; 0 for the bits of BOOLEAN, -1 for variable width. */
    public int width() {
      return width;
    }
  }

  public static final DataType BOOLEAN = new DataType(Kind.BOOLEAN, 0, 0);
  public static final DataType TINYINT = new DataType(Kind.TINYINT, 0, 0);
  public static final DataType SMALLINT = new DataType(Kind.SMALLINT, 0, 0);
  public static final DataType INTEGER = new DataType(Kind.INTEGER, 0, 0);
  public static final DataType BIGINT = new DataType(Kind.BIGINT, 0, 0);
  public static final DataType REAL = new DataType(Kind.REAL, 0, 0);
  public static final DataType DOUBLE = new DataType(Kind.DOUBLE, 0, 0);
  public static final DataType VARCHAR = new DataType(Kind.VARCHAR, 0, 0);
  public static final DataType VARBINARY = new DataType(Kind.VARBINARY, 0, 0);
  public static final DataType DATE = new DataType(Kind.DATE, 0, 0);

  private static final String ELEMENT = "element";
  private static final String KEY = "key";
  private static final String VALUE = "value";

  public DataType {
    children = List.copyOf(children);
  }

  /** A type that is not nested. */
  public DataType(Kind kind, int precision, int scale) {
    this(kind, precision, scale, List.of());
  }

  /** Values of one type, any of which may be NULL. */
  public static DataType array(DataType element) {
    return new DataType(Kind.ARRAY, 0, 0, List.of(Field.of(ELEMENT, element.withoutLength())));
  }

  /** Values by key; a value may be NULL, a key is not. */
  public static DataType map(DataType key, DataType value) {
    return new DataType(
        Kind.MAP,
        0,
        0,
        List.of(Field.notNull(KEY, key.withoutLength()), Field.of(VALUE, value.withoutLength())));
  }

  /** Named values, any of which may be NULL. */
  public static DataType row(List<Field> fields) {
    return new DataType(
        Kind.ROW,
        0,
        0,
        fields.stream().map(f -> Field.of(f.name(), f.type().withoutLength())).toList());
  }

  /** Whether it is an ARRAY, a MAP or a ROW. */
  public boolean isNested() {
    return switch (kind) {
      case ARRAY, MAP, ROW -> true;
      default -> false;
    };
  }

  /** The type of an ARRAY's elements, or of a MAP's keys. */
  public DataType element() {
    return children.get(0).type();
  }

  /** The type of a MAP's values. */
  public DataType mapValue() {
    return children.get(1).type();
  }

  /** Text of at most {@code maxLength} characters; only declared columns have such a type. */
  public static DataType varchar(int maxLength) {
    return new DataType(Kind.VARCHAR, maxLength, 0);
  }

  /** At most {@code maxLength} bytes; only declared columns have such a type. */
  public static DataType varbinary(int maxLength) {
    return new DataType(Kind.VARBINARY, maxLength, 0);
  }

  public static DataType decimal(int precision, int scale) {
    return new DataType(Kind.DECIMAL, precision, scale);
  }

  public static DataType time(int precision) {
    return new DataType(Kind.TIME, precision, 0);
  }

  public static DataType timestamp(int precision) {
    return new DataType(Kind.TIMESTAMP, precision, 0);
  }

  public static DataType timestampLtz(int precision) {
    return new DataType(Kind.TIMESTAMP_LTZ, precision, 0);
  }

  public boolean isVariableWidth() {
    return kind.width < 0;
  }

  /** Characters of a VARCHAR, or bytes of a VARBINARY, that a value may have; 0 for any number. */
  public int maxLength() {
    return isVariableWidth() ? precision : 0;
  }

  /** The type of expressions over such a column: without a length. */
  public DataType withoutLength() {
    return maxLength() == 0 ? this : new DataType(kind, 0, 0);
  }

  public boolean isTimestamp() {
    return kind == Kind.TIMESTAMP || kind == Kind.TIMESTAMP_LTZ;
  }

  /**
   * Nanoseconds of one unit of a time attribute of this type: a TIMESTAMP holds milliseconds up to
   * precision 3, microseconds up to 6, nanoseconds up to 9; a BIGINT holds epoch milliseconds.
   */
  public long nanosPerUnit() {
    return switch (kind) {
      case BIGINT -> TimeUnits.NANOS_PER_MILLI;
      case TIMESTAMP, TIMESTAMP_LTZ ->
          precision <= 3
              ? TimeUnits.NANOS_PER_MILLI
              : precision <= 6 ? TimeUnits.NANOS_PER_MICRO : 1;
      default -> throw new IllegalStateException(this + " is not a time attribute");
    };
  }

  /** As SQL writes it. */
  @Override
  public String toString() {
    return switch (kind) {
      case DECIMAL -> "DECIMAL(" + precision + ", " + scale + ")";
      case TIME -> "TIME(" + precision + ")";
      case TIMESTAMP -> "TIMESTAMP(" + precision + ")";
      case TIMESTAMP_LTZ -> "TIMESTAMP(" + precision + ") WITH LOCAL TIME ZONE";
      case VARCHAR, VARBINARY -> kind.name() + (precision == 0 ? "" : "(" + precision + ")");
      case ARRAY -> "ARRAY<" + element() + ">";
      case MAP -> "MAP<" + element() + ", " + mapValue() + ">";
      case ROW ->
          children.stream()
              .map(field -> field.name() + " " + field.type())
              .collect(Collectors.joining(", ", "ROW<", ">"));
      default -> kind.name();
    };
  }
}
