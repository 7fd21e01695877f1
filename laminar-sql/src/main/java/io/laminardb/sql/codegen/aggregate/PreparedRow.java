package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.codegen.CodeBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A row that waits in memory, at {@code s}: {@code [hash][keys][row number, weight][time][flags]
 * [arguments]}. For all that a {@link LocalRow} cannot do.
 */
final class PreparedRow implements RowWords {
  /** Bits of the word that tells which arguments are there. */
  private static final int MAX_FLAGS = 64;

  private final boolean changelog;
  private final List<String> flagBits = new ArrayList<>(); // Java conditions in prepare
  private final List<Integer> argumentTexts = new ArrayList<>();
  private final List<Integer> sequences = new ArrayList<>();
  private int words;
  private int rowOffset;
  private int timeOffset;
  private int flagsOffset;

  PreparedRow(boolean changelog) {
    this.changelog = changelog;
  }

  /**
   * Stores hash, keys, row number, weight and time.
   *
   * @param time the Java of the event time, or null
   */
  void begin(CodeBuffer code, RowInput input, String time) {
    code.line("Memory.putLong(s, " + input.hash() + ");");
    List<String> keyWords = input.keyWords();
    for (int i = 0; i < keyWords.size(); i++) {
      code.line("Memory.putLong(s + " + (8 + 8 * i) + ", " + keyWords.get(i) + ");");
    }
    words = 1 + keyWords.size();
    rowOffset = 8 * words++;
    code.line(
        changelog
            ? "Memory.putLong(s + "
                + rowOffset
                + ", row | (weights == 0 ? 1L : (long) Memory.getByte(weights + row)) << 32);"
            : "Memory.putLong(s + " + rowOffset + ", row | 1L << 32);");
    timeOffset = 8 * words;
    if (time != null) {
      code.line("Memory.putLong(s + " + timeOffset + ", " + time + ");");
      words++;
    }
    flagsOffset = 8 * words++;
  }

  @Override
  public Slot take(DataType type, Slot.Form form, String hint) {
    Slot slot = Slot.inMemory(type, form, 8 * words);
    words +=
        switch (form) {
          case TIMED -> 5;
          case CANONICAL -> Slot.words(type); // those of a tuple lie one behind the other
          case PLAIN, ORDERED -> 2;
        };
    return slot;
  }

  @Override
  public void declare(CodeBuffer code, Slot slot) {}

  @Override
  public void store(CodeBuffer code, Slot slot, int word, String java) {
    boolean isTimed = slot.form() == Slot.Form.TIMED;
    int at = slot.offset() + 8 * word;
    if (slot.isText() && word == (isTimed ? 3 : 0)) {
      argumentTexts.add(at);
    }
    if (isTimed && word == 1) {
      sequences.add(at);
    }
    code.line("Memory.putLong(" + slot.address(word) + ", " + java + ");");
  }

  @Override
  public void storeDouble(CodeBuffer code, Slot slot, String java) {
    code.line("Memory.putDouble(" + slot.address(0) + ", " + java + ");");
  }

  @Override
  public String flag(CodeBuffer code, String condition) {
    if (flagBits.size() == MAX_FLAGS) {
      throw new LaminarException(
              ErrorCode.QUERY_TOO_COMPLEX,
              "more than " + MAX_FLAGS + " different arguments and filters in one aggregation.")
          .mend("Split the query into two streams and join them, or drop some of the calls.");
    }
    flagBits.add(condition);
    return "(flags & " + (1L << (flagBits.size() - 1)) + "L) != 0";
  }

  @Override
  public String lasts(String address, String length) {
    return length + " > Keys.INLINE_BYTES ? keep(" + address + ", " + length + ") : " + address;
  }

  /** Stores which arguments are there. */
  void end(CodeBuffer code) {
    StringBuilder bits = new StringBuilder("0L");
    for (int i = 0; i < flagBits.size(); i++) {
      bits.append(" | (").append(flagBits.get(i)).append(" ? ").append(1L << i).append("L : 0L)");
    }
    if (!flagBits.isEmpty()) {
      code.line("Memory.putLong(s + " + flagsOffset + ", " + bits + ");");
    }
  }

  /** Loads what tells which arguments are there, and the row's weight. */
  void load(CodeBuffer code) {
    if (!flagBits.isEmpty()) {
      code.line("long flags = Memory.getLong(s + " + flagsOffset + ");");
    }
    if (changelog) {
      code.line("int w = Memory.getInt(s + " + (rowOffset + 4) + ");");
    }
  }

  /** Offsets of the views of texts among the arguments, in order. */
  List<Integer> argumentTexts() {
    return argumentTexts;
  }

  /** Offsets of the words that say when the row came. */
  List<Integer> sequences() {
    return sequences;
  }

  /** Where the flags are, and behind them the arguments. */
  int flagsOffset() {
    return flagsOffset;
  }

  int rowOffset() {
    return rowOffset;
  }

  int timeOffset() {
    return timeOffset;
  }

  int bytes() {
    return 8 * words;
  }
}
