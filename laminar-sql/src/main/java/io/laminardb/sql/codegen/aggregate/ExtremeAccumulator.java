package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.sql.codegen.CodeBuffer;
import java.util.ArrayList;
import java.util.List;

/** MIN, MAX, FIRST and LAST: one value of the group, or all of them where rows are taken back. */
final class ExtremeAccumulator extends Accumulator {
  private final Slot slot;
  private final boolean isLeast; // MIN or FIRST
  private final boolean isTimed; // FIRST or LAST
  private final int offset;
  private final String multiset; // a Java constant, or null

  ExtremeAccumulator(Presence presence, Slot slot, boolean isLeast, RowBuilder row) {
    super(presence);
    this.slot = slot;
    this.isLeast = isLeast;
    this.isTimed = slot.form() == Slot.Form.TIMED;
    if (presence.isAppendOnly()) {
      multiset = null;
      if (isTimed) {
        offset = row.take(5);
        if (slot.isText()) {
          row.text(offset + 24);
        }
      } else {
        offset = slot.isText() ? row.takeText() : row.take(slot.isDecimal() ? 2 : 1);
      }
    } else {
      OrderedMultiset.Type type = typeOf(slot);
      multiset = "OrderedMultiset.Type." + type;
      offset = row.takeMultiset(type);
    }
  }

  private static OrderedMultiset.Type typeOf(Slot slot) {
    if (slot.form() == Slot.Form.TIMED) {
      return slot.isText() ? OrderedMultiset.Type.TIMED_TEXT : OrderedMultiset.Type.TIMED;
    }
    return slot.isText()
        ? OrderedMultiset.Type.TEXT
        : slot.isDecimal() ? OrderedMultiset.Type.WIDE : OrderedMultiset.Type.WORD;
  }

  @Override
  boolean isMergeable() {
    return multiset == null;
  }

  @Override
  void add(CodeBuffer code) {
    if (multiset == null) {
      replaceIfBetter(code, slot.words());
      return;
    }
    MultisetAccumulator.addAt(code, multiset, offset, slot, slot.address(), presence.weight());
  }

  @Override
  void merge(CodeBuffer code) {
    replaceIfBetter(code, stateWords("s"));
  }

  private List<String> stateWords(String row) {
    int count = isTimed ? 5 : Slot.words(slot.type());
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      words.add("Memory.getLong(" + row + " + " + (offset + 8 * i) + ")");
    }
    return words;
  }

  /** Takes a value, given as words, where it is the first or better than the present one. */
  private void replaceIfBetter(CodeBuffer code, List<String> value) {
    code.open("if (" + presence.count() + " == 0 || " + better(value, stateWords("t")) + ")");
    int first = isTimed ? 3 : 0;
    for (int i = 0; i < first; i++) {
      putWord(code, i, value);
    }
    if (slot.isText()) {
      code.line(
          "TextState.set(t + "
              + (offset + 8 * first)
              + ", "
              + value.get(first)
              + ", "
              + value.get(first + 1)
              + ", heap);");
    } else {
      putWord(code, first, value);
      if (slot.isDecimal()) {
        putWord(code, first + 1, value);
      }
    }
    code.close();
  }

  private void putWord(CodeBuffer code, int index, List<String> value) {
    code.line("Memory.putLong(t + " + (offset + 8 * index) + ", " + value.get(index) + ");");
  }

  private String better(List<String> candidate, List<String> present) {
    String sign = isLeast ? " < " : " > ";
    String both =
        "("
            + String.join(", ", candidate.subList(0, Math.min(2, candidate.size())))
            + ", "
            + String.join(", ", present.subList(0, Math.min(2, present.size())))
            + ")";
    if (isTimed) {
      return "Multisets.isBefore" + both + " == " + isLeast;
    } else if (slot.isText()) {
      return "Keys.compareTexts" + both + sign + "0";
    } else if (slot.isDecimal()) {
      return "Multisets.compareWide" + both + sign + "0";
    }
    return candidate.get(0) + sign + present.get(0);
  }

  /** Writes the least or the greatest value; where rows are taken back, the accumulator knows both. */
  void emit(CodeBuffer code, ResultWriter result, boolean least) {
    if (multiset == null) {
      emitAt(code, result, "t + " + offset);
      return;
    }
    String entry = (least ? "first" : "last") + offset;
    code.line(
        "final long "
            + entry
            + " = "
            + multiset
            + "."
            + (least ? "first" : "last")
            + "(Memory.getLong(t + "
            + offset
            + ")) + OrderedMultiset.KEY;");
    emitAt(code, result, entry);
  }

  private void emitAt(CodeBuffer code, ResultWriter result, String address) {
    if (isTimed) {
      if (result.field().nullable()) {
        code.open("if (Memory.getLong(" + address + " + 16) != 0)");
        result.setNull(code);
        code.next("else");
        result.putWords(code, address + " + 24");
        code.close();
      } else {
        result.putWords(code, address + " + 24");
      }
    } else if (slot.isDouble()) {
      result.putDouble(code, "Keys.doubleOfOrder(Memory.getLong(" + address + "))");
    } else {
      result.putWords(code, address);
    }
  }
}
