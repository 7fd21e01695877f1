package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.sql.codegen.CodeBuffer;

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

  static OrderedMultiset.Type typeOf(Slot slot) {
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
      replaceIfBetter(code, slot.offset());
      return;
    }
    String root = "Memory.getLong(t + " + offset + ")";
    if (isTimed) {
      code.line(
          "Memory.putLong(t + "
              + offset
              + ", Multisets.addTimed("
              + multiset
              + ", heap, "
              + root
              + ", s + "
              + slot.offset()
              + ", "
              + presence.weight()
              + "));");
    } else {
      code.line(
          "Memory.putLong(t + "
              + offset
              + ", "
              + multiset
              + ".add(heap, "
              + root
              + ", s + "
              + slot.offset()
              + ", 0L, "
              + presence.weight()
              + "));");
    }
  }

  @Override
  void merge(CodeBuffer code) {
    replaceIfBetter(code, offset);
  }

  /** Takes the value at {@code s + from} where it is the first or better than the present one. */
  private void replaceIfBetter(CodeBuffer code, int from) {
    String isFirst = presence.count() + " == 0";
    code.open("if (" + isFirst + " || " + better("s + " + from, "t + " + offset) + ")");
    if (isTimed) {
      for (int i = 0; i < 24; i += 8) {
        copyWord(code, from + i, offset + i);
      }
    }
    int shift = isTimed ? 24 : 0;
    if (slot.isText()) {
      code.line("TextState.set(t + " + (offset + shift) + ", s + " + (from + shift) + ", heap);");
    } else {
      copyWord(code, from + shift, offset + shift);
      if (slot.isDecimal()) {
        copyWord(code, from + shift + 8, offset + shift + 8);
      }
    }
    code.close();
  }

  private static void copyWord(CodeBuffer code, int from, int to) {
    code.line("Memory.putLong(t + " + to + ", Memory.getLong(s + " + from + "));");
  }

  private String better(String candidate, String present) {
    String sign = isLeast ? " < " : " > ";
    if (isTimed) {
      return "Multisets.isBefore(" + candidate + ", " + present + ") == " + isLeast;
    } else if (slot.isText()) {
      return "Keys.compareTexts(" + candidate + ", " + present + ")" + sign + "0";
    } else if (slot.isDecimal()) {
      return "Multisets.compareWide(" + candidate + ", " + present + ")" + sign + "0";
    }
    return "Memory.getLong(" + candidate + ")" + sign + "Memory.getLong(" + present + ")";
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
