package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.aggregate.AggregateShape;
import io.laminardb.core.state.Keys;

/**
 * Keeps prepared rows, which can be accumulated again; long texts among their arguments lie behind
 * them. Immutable.
 */
final class PreparedForm implements KeptForm {
  private final int bytes;
  private final int argumentsOffset;
  private final int[] texts;
  private final boolean[] isSequence; // by word

  PreparedForm(AggregateShape shape) {
    this.bytes = shape.sourceBytes();
    this.argumentsOffset = shape.session().argumentsOffset();
    this.texts = shape.session().texts().stream().mapToInt(Integer::intValue).toArray();
    this.isSequence = new boolean[bytes / 8];
    shape.session().sequences().forEach(offset -> isSequence[offset / 8] = true);
  }

  @Override
  public int length(Batch batch, int row, long prepared) {
    int length = bytes;
    for (int offset : texts) {
      length += textBytes(prepared + offset);
    }
    return length;
  }

  /** Bytes of a text that its view does not hold itself. */
  private static int textBytes(long view) {
    return Keys.isLong(Memory.getLong(view)) ? Memory.getInt(view) : 0;
  }

  @Override
  public void write(Batch batch, int row, long prepared, long block) {
    Memory.copy(prepared, block, bytes);
    long at = block + bytes;
    for (int offset : texts) {
      int length = textBytes(prepared + offset);
      if (length > 0) {
        Memory.copy(Memory.getLong(prepared + offset + 8), at, length);
        Memory.putLong(block + offset + 8, at);
        at += length;
      }
    }
  }

  @Override
  public boolean isSame(long block, long other, int length) {
    int text = 0;
    for (int offset = argumentsOffset; offset < bytes; offset += 8) {
      boolean isText = text < texts.length && texts[text] == offset;
      boolean differs = Memory.getLong(block + offset) != Memory.getLong(other + offset);
      if (differs && !isSequence[offset / 8]) {
        return false;
      }
      if (isText) {
        text++;
        offset += 8;
        if (textBytes(block + offset - 8) == 0
            && Memory.getLong(block + offset) != Memory.getLong(other + offset)) {
          return false;
        }
      }
    }
    return Memory.equal(block + bytes, other + bytes, length - bytes);
  }

  @Override
  public void moved(long block) {
    long at = block + bytes;
    for (int offset : texts) {
      int length = textBytes(block + offset);
      if (length > 0) {
        Memory.putLong(block + offset + 8, at);
        at += length;
      }
    }
  }
}
