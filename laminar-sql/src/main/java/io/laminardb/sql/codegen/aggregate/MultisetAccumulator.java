package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.sql.codegen.CodeBuffer;
import java.util.List;

/** The base of what keeps all values of a group, in order. */
abstract class MultisetAccumulator extends Accumulator {
  final Slot slot;
  private final int offset;
  private final OrderedMultiset.Type type;

  MultisetAccumulator(Presence presence, Slot slot, OrderedMultiset.Type type, RowBuilder row) {
    super(presence);
    this.slot = slot;
    this.type = type;
    this.offset = row.takeMultiset(type);
  }

  @Override
  boolean isMergeable() {
    return presence.isAppendOnly();
  }

  @Override
  void add(CodeBuffer code) {
    List<String> words = slot.words();
    int count = slot.form() == Slot.Form.TIMED ? words.size() : 2;
    for (int i = 0; i < count; i++) {
      code.line("Memory.putLong(workAddress + " + 8 * i + ", " + word(words, i) + ");");
    }
    addAt(code, type(), offset, slot, "workAddress", presence.weight());
  }

  private String word(List<String> words, int index) {
    if (index >= words.size()) {
      return "0L";
    }
    boolean isCanonical = slot.isDouble() && slot.form() == Slot.Form.CANONICAL;
    return isCanonical
        ? "Keys.orderOfDouble(Double.longBitsToDouble(" + words.get(index) + "))"
        : words.get(index);
  }

  /** Adds what lies at a Java address, or takes it back. */
  static void addAt(
      CodeBuffer code, String type, int offset, Slot slot, String address, String weight) {
    String root = "Memory.getLong(t + " + offset + ")";
    boolean isTimed = slot.form() == Slot.Form.TIMED;
    code.line(
        "Memory.putLong(t + "
            + offset
            + ", "
            + (isTimed ? "Multisets.addTimed(" + type + ", heap, " : type + ".add(heap, ")
            + root
            + ", "
            + address
            + (isTimed ? ", " : ", 0L, ")
            + weight
            + "));");
  }

  @Override
  void merge(CodeBuffer code) {
    code.line(
        "Memory.putLong(t + "
            + offset
            + ", "
            + type()
            + ".addAll(heap, "
            + root()
            + ", Memory.getLong(s + "
            + offset
            + ")));");
  }

  /** The Java of the multiset's type. */
  final String type() {
    return "OrderedMultiset.Type." + type;
  }

  /** The Java of the multiset, of the group at {@code t}. */
  final String root() {
    return "Memory.getLong(t + " + offset + ")";
  }
}
