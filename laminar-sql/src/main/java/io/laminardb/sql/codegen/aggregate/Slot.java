package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;

/**
 * An argument in a prepared row.
 *
 * @param type of the argument
 * @param form how it is laid down
 * @param offset in bytes from the start of the prepared row
 */
record Slot(DataType type, Form form, int offset) {
  /** How an argument is laid down. */
  enum Form {
    /** As it is: an integer as a word, a DOUBLE's bits, a DECIMAL's two words, a text's view. */
    PLAIN,

    /** As {@link #PLAIN}, but a DOUBLE so that the signed order of words is its own. */
    ORDERED,

    /** As {@link #PLAIN}, but equal values as equal words. */
    CANONICAL,

    /** {@code [time][sequence][1 if NULL][value, two words]}. */
    TIMED
  }

  boolean isText() {
    return type.isVariableWidth();
  }

  boolean isDecimal() {
    return type.kind() == DataType.Kind.DECIMAL;
  }

  boolean isDouble() {
    return type.kind() == DataType.Kind.DOUBLE || type.kind() == DataType.Kind.REAL;
  }

  boolean isWide() {
    return isText() || isDecimal();
  }

  /** Words of the value alone. */
  static int words(DataType type) {
    return type.isVariableWidth() || type.kind() == DataType.Kind.DECIMAL ? 2 : 1;
  }

  /** The Java of where it lies. */
  String address() {
    return "s + " + offset;
  }

  /** The Java of its first word. */
  String word() {
    return "Memory.getLong(s + " + offset + ")";
  }

  /** The Java of its second word. */
  String secondWord() {
    return "Memory.getLong(s + " + (offset + 8) + ")";
  }

  /** The Java of its value as a double. */
  String asDouble() {
    if (isDecimal()) {
      return "(Sums.wideAsDouble(s + " + offset + ") / " + powerOfTen(type.scale()) + ")";
    }
    return isDouble() ? "Memory.getDouble(s + " + offset + ")" : "(double) " + word();
  }

  static String powerOfTen(int scale) {
    return "1e" + scale;
  }
}
