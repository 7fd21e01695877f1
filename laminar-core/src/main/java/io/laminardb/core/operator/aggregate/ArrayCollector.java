package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8Buffer;

/** ARRAY_AGG: the values of a group as an ARRAY, of which they are items as entries have them. */
public final class ArrayCollector extends EntryCollector {
  private final boolean nested;

  /**
   * @param nested whether values are nested, and so texts in entries
   */
  public ArrayCollector(Utf8Buffer buffer, boolean nested) {
    super(buffer);
    this.nested = nested;
  }

  @Override
  protected void begin() {}

  @Override
  protected void item(long from, long to) {
    int bytes = (int) (to - from);
    long at = room(bytes);
    if (nested && Memory.getByte(from) == OrderedEntry.VALUE) {
      Memory.putByte(at, NestedWriter.VALUE);
      wrote(1 + EntryValues.copyText(from + 1, to - 2, at + 1));
    } else {
      Memory.copy(from, at, bytes);
      wrote(bytes);
    }
  }

  @Override
  protected void end() {
    Memory.putByte(room(1), NestedWriter.END);
    wrote(1);
  }
}
