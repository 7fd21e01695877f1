package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.plan.PlanNode.AggregateCall;

/** STRING_AGG and its like: an entry of every row, in the order of their keys or of event time. */
final class EntryAccumulator extends MultisetAccumulator {
  EntryAccumulator(Presence presence, Slot slot, RowBuilder row) {
    super(
        presence,
        slot,
        slot.form() == Slot.Form.TIMED
            ? OrderedMultiset.Type.TIMED_TEXT
            : OrderedMultiset.Type.TEXT,
        row);
  }

  /** Writes what an {@code EntryCollector} in a field makes of the group; there is an entry. */
  void emit(CodeBuffer code, ResultWriter result, AggregateCall call, String collector) {
    code.line(
        "final Utf8 collected = "
            + collector
            + ".collect("
            + type()
            + ", "
            + root()
            + ", "
            + call.detail().keyed()
            + ", "
            + call.distinct()
            + ");");
    result.putBytes(code, "collected");
  }
}
