package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.operator.aggregate.BitCounts;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.plan.PlanNode.AggregateKind;

/**
 * BIT_AND, BIT_OR and BIT_XOR: one word, or, of the first two where rows are taken back, how many
 * values have each bit.
 */
final class BitAccumulator extends Accumulator {
  private final Slot slot;
  private final AggregateKind kind;
  private final boolean counts;
  private final int offset;

  BitAccumulator(Presence presence, Slot slot, AggregateKind kind, RowBuilder row) {
    super(presence);
    this.slot = slot;
    this.kind = kind;
    this.counts = counts(kind, presence);
    this.offset = row.take(counts ? BitCounts.WORDS : 1);
  }

  private static boolean counts(AggregateKind kind, Presence presence) {
    return kind != AggregateKind.BIT_XOR && !presence.isAppendOnly();
  }

  /** Names what calls can share: the counts of bits know AND as well as OR. */
  static String identity(AggregateKind kind, Presence presence) {
    return counts(kind, presence) ? "counts" : kind.name();
  }

  @Override
  boolean isMergeable() {
    return presence.isAppendOnly();
  }

  @Override
  void add(CodeBuffer code) {
    if (counts) {
      code.line(
          "BitCounts.add(t + " + offset + ", " + slot.word() + ", " + presence.weight() + ");");
    } else if (kind == AggregateKind.BIT_XOR && !presence.isAppendOnly()) {
      combine(code, "(" + presence.weight() + " & 1) == 0 ? 0L : " + slot.word());
    } else {
      combine(code, slot.word());
    }
  }

  @Override
  void merge(CodeBuffer code) {
    combine(code, "Memory.getLong(s + " + offset + ")");
  }

  private void combine(CodeBuffer code, String value) {
    String own = "Memory.getLong(t + " + offset + ")";
    String combined =
        switch (kind) {
          case BIT_AND -> presence.count() + " == 0 ? " + value + " : " + own + " & " + value;
          case BIT_OR -> own + " | " + value;
          default -> own + " ^ (" + value + ")";
        };
    code.line("Memory.putLong(t + " + offset + ", " + combined + ");");
  }

  void emit(CodeBuffer code, ResultWriter result, AggregateKind wanted) {
    String least = wanted == AggregateKind.BIT_AND ? presence.count() : "1L";
    result.putLong(
        code,
        counts
            ? "BitCounts.atLeast(t + " + offset + ", " + least + ")"
            : "Memory.getLong(t + " + offset + ")");
  }
}
