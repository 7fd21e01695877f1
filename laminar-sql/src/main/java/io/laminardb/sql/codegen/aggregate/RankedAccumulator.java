package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import java.util.function.Function;

/** Exact quantiles and MODE: all values of the group, each of which can be found by its rank. */
final class RankedAccumulator extends MultisetAccumulator {
  RankedAccumulator(Presence presence, Slot slot, RowBuilder row) {
    super(presence, slot, typeOf(slot), row);
  }

  private static OrderedMultiset.Type typeOf(Slot slot) {
    return slot.isText()
        ? OrderedMultiset.Type.RANKED_TEXT
        : slot.isDecimal() ? OrderedMultiset.Type.RANKED_WIDE : OrderedMultiset.Type.RANKED_WORD;
  }

  /**
   * Writes the result of a call; there is a value.
   *
   * @param constant gives a number a field of the kernel
   */
  void emit(
      CodeBuffer code, ResultWriter result, AggregateCall call, Function<Object, String> constant) {
    boolean descending = call.detail().descending();
    if (call.kind() == AggregateKind.MODE) {
      code.line(
          "final long entry = "
              + type()
              + ".mostFrequent("
              + root()
              + ", "
              + descending
              + ") + OrderedMultiset.KEY;");
      emitAt(code, result);
      return;
    }
    String asked = ", " + constant.apply(call.detail().fraction()) + ", " + descending;
    if (call.kind() == AggregateKind.QUANTILE_DISC) {
      code.line("final long entry = Quantiles.discrete(" + type() + ", " + root() + asked + ");");
      emitAt(code, result);
    } else if (slot.isDouble()) {
      result.putDouble(code, "Quantiles.ofDoubles(" + root() + asked + ")");
    } else if (slot.isDecimal()) {
      String scale = Slot.powerOfTen(slot.type().scale());
      result.putDouble(code, "Quantiles.ofDecimals(" + root() + asked + ", " + scale + ")");
    } else if (result.field().type().isTimestamp()) {
      result.putLong(code, "Quantiles.ofTimes(" + root() + asked + ")");
    } else {
      result.putDouble(code, "Quantiles.ofIntegers(" + root() + asked + ")");
    }
  }

  private void emitAt(CodeBuffer code, ResultWriter result) {
    if (slot.isDouble()) {
      result.putDouble(code, "Keys.doubleOfOrder(Memory.getLong(entry))");
    } else {
      result.putWords(code, "entry");
    }
  }
}
