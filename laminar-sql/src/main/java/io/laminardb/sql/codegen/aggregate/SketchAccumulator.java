package io.laminardb.sql.codegen.aggregate;

import io.laminardb.sql.codegen.CodeBuffer;
import java.util.List;

/** APPROX_COUNT_DISTINCT: a sketch of the values of a group. */
final class SketchAccumulator extends Accumulator {
  private final Slot slot;
  private final int offset;

  SketchAccumulator(Presence presence, Slot slot, RowBuilder row) {
    super(presence);
    this.slot = slot;
    this.offset = row.takeText();
  }

  @Override
  void add(CodeBuffer code) {
    List<String> words = slot.words();
    String hash =
        slot.isText()
            ? "Keys.mixText(Keys.SEED, " + words.get(0) + ", " + words.get(1) + ")"
            : "Keys.mix(Keys.SEED, " + words.get(0) + ")";
    if (slot.isDecimal()) {
      hash = "Keys.mix(" + hash + ", " + words.get(1) + ")";
    }
    code.line("DistinctSketch.add(t + " + offset + ", " + hash + ", heap);");
  }

  @Override
  void merge(CodeBuffer code) {
    code.line("DistinctSketch.merge(t + " + offset + ", s + " + offset + ", heap);");
  }

  /** Writes the estimate of the sketch in a field of the kernel. */
  void emit(CodeBuffer code, ResultWriter result, String sketch) {
    result.putLong(code, sketch + ".estimate(t + " + offset + ")");
  }
}
