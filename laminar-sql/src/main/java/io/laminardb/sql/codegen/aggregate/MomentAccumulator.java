package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.operator.aggregate.Moments;
import io.laminardb.sql.codegen.CodeBuffer;

/** STDDEV and VAR. */
final class MomentAccumulator extends Accumulator {
  private final Slot slot;
  private final int offset;

  MomentAccumulator(Presence presence, Slot slot, RowBuilder row) {
    super(presence);
    this.slot = slot;
    this.offset = row.take(Moments.WORDS);
  }

  @Override
  void add(CodeBuffer code) {
    code.line(
        "Moments.add(t + " + offset + ", " + slot.asDouble() + ", " + presence.weight() + ");");
  }

  @Override
  void merge(CodeBuffer code) {
    code.line("Moments.merge(t + " + offset + ", s + " + offset + ");");
  }

  void emit(CodeBuffer code, ResultWriter result, boolean isDeviation, boolean isSample) {
    String function = isDeviation ? "deviation" : "variance";
    code.open("if (Moments.isNull(t + " + offset + ", " + isSample + "))");
    result.setNull(code);
    code.next("else");
    result.putDouble(code, "Moments." + function + "(t + " + offset + ", " + isSample + ")");
    code.close();
  }
}
