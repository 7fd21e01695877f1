package io.laminardb.internal.row;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.Names;

/** What can be wrong with a value on its way into a column. */
final class ValueErrors {
  private static final int SHOWN_CHARS = 60;

  private final String owner;
  private final Schema schema;

  ValueErrors(String owner, Schema schema) {
    this.owner = owner;
    this.schema = schema;
  }

  String owner() {
    return owner;
  }

  LaminarException arity(int values) {
    return new LaminarException(
            ErrorCode.SCHEMA_MISMATCH,
            owner
                + " has "
                + count(schema.size(), "column")
                + " ("
                + Names.list(Names.of(schema))
                + "), but the row has "
                + count(values, "value")
                + ".")
        .mend("Pass one value for each column, in this order.");
  }

  LaminarException wrongType(int column, Object value) {
    return mismatch(
        column,
        "the value is the " + value.getClass().getSimpleName() + " " + shown(value) + ".",
        "Pass " + javaTypes(schema.field(column).type()) + ".");
  }

  LaminarException wrongSetter(int column, String setter) {
    return mismatch(
        column, setter + " was called.", "Use " + setters(schema.field(column).type()) + ".");
  }

  LaminarException nullKey(int column) {
    return mismatch(column, "a key is NULL.", "Leave the entry out.");
  }

  LaminarException unknownField(int column, String name) {
    return mismatch(
        column,
        "the value has a field \"" + name + "\", which a ROW in it lacks.",
        "Name fields as they are declared.");
  }

  LaminarException unreadable(int column, Object value, Exception cause) {
    return new LaminarException(
            ErrorCode.SCHEMA_MISMATCH,
            named(column) + " cannot be set from " + value.getClass().getName() + ": " + cause,
            cause)
        .mend("Open its package to io.laminardb, or pass a List or Map of the fields.");
  }

  LaminarException outOfRange(int column, Object value) {
    return mismatch(
        column,
        "the value " + shown(value) + " is out of its range.",
        "Pass a value it can hold, or declare a wider column.");
  }

  LaminarException tooLong(int column, Object value) {
    return mismatch(
        column, "the value " + shown(value) + " is longer.", "Cut it, or declare a longer column.");
  }

  LaminarException nullNotAllowed(int column) {
    return new LaminarException(
            ErrorCode.NULL_NOT_ALLOWED, named(column) + " is NOT NULL, but the value is NULL.")
        .mend("Pass a value, or declare the column without NOT NULL.");
  }

  LaminarException notSet(int column) {
    return new LaminarException(
            ErrorCode.NULL_NOT_ALLOWED, named(column) + " is NOT NULL, but was not set.")
        .mend("Set it before endRow(), or declare the column without NOT NULL.");
  }

  LaminarException weight(int weight) {
    return weight == -1
        ? new LaminarException(
                ErrorCode.SCHEMA_MISMATCH, owner + " is append-only and takes no row back.")
            .mend("Declare it WITH (changelog = 'retract').")
        : new LaminarException(
                ErrorCode.SCHEMA_MISMATCH, "a row's weight is " + weight + ", must be +1 or -1.")
            .mend("Push a row several times to count it several times.");
  }

  LaminarException noRow(String call) {
    return new LaminarException(
            ErrorCode.SCHEMA_MISMATCH, call + " was called on a row writer without an open row.")
        .mend("Call begin() before each row.");
  }

  private LaminarException mismatch(int column, String problem, String mend) {
    return new LaminarException(
            ErrorCode.SCHEMA_MISMATCH,
            named(column) + " is " + schema.field(column).type() + ", but " + problem)
        .mend(mend);
  }

  private String named(int column) {
    Field field = schema.field(column);
    return "column \"" + field.name() + "\" of " + owner;
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }

  private static String shown(Object value) {
    if (value instanceof byte[] bytes) {
      return "of " + count(bytes.length, "byte");
    }
    String text = value.toString();
    if (text.length() > SHOWN_CHARS) {
      text = text.substring(0, SHOWN_CHARS) + "..";
    }
    return value instanceof CharSequence ? '"' + text + '"' : text;
  }

  private static String javaTypes(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> "a Boolean";
      case TINYINT, SMALLINT, INTEGER -> "a Long, Integer, Short or Byte";
      case BIGINT -> "a Long, Integer, Short or Byte, or an Instant for its epoch milliseconds";
      case REAL, DOUBLE -> "a Double, Float, Long or Integer";
      case DECIMAL -> "a BigDecimal, BigInteger, Long or Integer";
      case VARCHAR -> "a String, a Character or an enum constant";
      case VARBINARY -> "a byte[]";
      case DATE -> "a LocalDate";
      case TIME -> "a LocalTime";
      case TIMESTAMP, TIMESTAMP_LTZ ->
          "a LocalDateTime, Instant, OffsetDateTime or ZonedDateTime, or a Long of epoch"
              + " milliseconds";
      case ARRAY -> "a List or an array";
      case MAP -> "a Map";
      case ROW -> "a Row, a record or a Map with its fields by name, or a List of all fields";
    };
  }

  private static String setters(DataType type) {
    return switch (type.kind()) {
      case BOOLEAN -> "setBoolean";
      case TINYINT, SMALLINT, INTEGER -> "setInt or setLong";
      case BIGINT -> "setLong";
      case REAL, DOUBLE -> "setDouble";
      case DECIMAL -> "setBigDecimal";
      case VARCHAR -> "setString";
      case VARBINARY -> "setBytes";
      case DATE -> "setDate";
      case TIME -> "setTime";
      case TIMESTAMP, TIMESTAMP_LTZ -> "setTimestamp, setInstant or setEpochNanos";
      case ARRAY, MAP, ROW -> "setObject";
    };
  }
}
