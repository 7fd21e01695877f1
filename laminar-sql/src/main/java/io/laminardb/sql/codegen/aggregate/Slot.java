package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * An argument that waits to be added: in Java variables or, with an address, in memory at {@code s}.
 *
 * @param type of the argument
 * @param form how it is laid down
 * @param words the Java of its words, each a long, but a PLAIN DOUBLE, which is a double
 * @param offset in bytes from {@code s}, or -1 in variables
 */
record Slot(DataType type, Form form, List<String> words, int offset) {
  /** How an argument is laid down. */
  enum Form {
    /** As it is: an integer as a word, a DOUBLE, a DECIMAL's two words, a text's view. */
    PLAIN,

    /** As {@link #PLAIN}, but a DOUBLE so that the signed order of words is its own. */
    ORDERED,

    /** As {@link #PLAIN}, but equal values as equal words. */
    CANONICAL,

    /** {@code [time][sequence][1 if NULL][value, two words]}. */
    TIMED
  }

  Slot {
    words = List.copyOf(words);
  }

  static Slot inVariables(DataType type, Form form, List<String> variables) {
    return new Slot(type, form, variables, -1);
  }

  static Slot inMemory(DataType type, Form form, int offset) {
    int count = form == Form.TIMED ? 5 : words(type);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean isDouble = form == Form.PLAIN && isDouble(type);
      words.add(
          (isDouble ? "Memory.getDouble(s + " : "Memory.getLong(s + ") + (offset + 8 * i) + ")");
    }
    return new Slot(type, form, words, offset);
  }

  boolean isText() {
    return type.isVariableWidth();
  }

  boolean isDecimal() {
    return type.kind() == DataType.Kind.DECIMAL;
  }

  boolean isDouble() {
    return isDouble(type);
  }

  private static boolean isDouble(DataType type) {
    return type.kind() == DataType.Kind.DOUBLE || type.kind() == DataType.Kind.REAL;
  }

  /** Whether its only word is a Java double. */
  boolean isPlainDouble() {
    return form == Form.PLAIN && isDouble();
  }

  /** Words of the value alone. */
  static int words(DataType type) {
    return type.isVariableWidth() || type.kind() == DataType.Kind.DECIMAL ? 2 : 1;
  }

  /** The Java of where it lies, of a slot in memory. */
  String address() {
    return address(0);
  }

  /** The Java of where a word of it lies, of a slot in memory. */
  String address(int word) {
    if (offset < 0) {
      throw new IllegalStateException("an argument in variables has no address");
    }
    return "s + " + (offset + 8 * word);
  }

  /** The Java of its first word. */
  String word() {
    return words.get(0);
  }

  /** The Java of its second word. */
  String secondWord() {
    return words.get(1);
  }

  /** The Java of its value as a double. */
  String asDouble() {
    if (isDecimal()) {
      return "(Sums.wideAsDouble("
          + word()
          + ", "
          + secondWord()
          + ") / "
          + powerOfTen(type.scale())
          + ")";
    }
    return isPlainDouble()
        ? word()
        : isDouble() ? "Double.longBitsToDouble(" + word() + ")" : "(double) " + word();
  }

  static String powerOfTen(int scale) {
    return "1e" + scale;
  }
}
