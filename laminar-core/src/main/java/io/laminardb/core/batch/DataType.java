package io.laminardb.core.batch;

import io.laminardb.core.time.TimeUnits;

/**
 * The type of a column: SQL's view, and how wide it is in a batch.
 *
 * @param kind the SQL type
 * @param precision digits of a DECIMAL, fractional digits of a TIME or TIMESTAMP, greatest length of a
 *     VARCHAR (characters) or VARBINARY (bytes) that declares one, else 0
 * @param scale digits behind the point of a DECIMAL, else 0
 */
public record DataType(Kind kind, int precision, int scale) {
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
    TIMESTAMP_LTZ(8);

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
      default -> kind.name();
    };
  }
}
