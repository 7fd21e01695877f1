package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;

/** Keeps whole rows, which can be handed out again. */
final class WholeForm implements KeptForm {
  private final RowCodec codec;

  WholeForm(Schema input) {
    this.codec = new RowCodec(input.withChangelog(false));
  }

  @Override
  public int length(Batch batch, int row, long prepared) {
    return Math.toIntExact(codec.length(batch, row));
  }

  @Override
  public void write(Batch batch, int row, long prepared, long block) {
    codec.write(batch, row, block);
  }

  @Override
  public boolean isSame(long block, long other, int length) {
    return Memory.equal(block, other, length);
  }

  @Override
  public void moved(long block) {}

  /** Appends the row at {@code block} to a batch that may have more columns, already written. */
  void read(long block, Batch target) {
    codec.read(block, target);
  }
}
