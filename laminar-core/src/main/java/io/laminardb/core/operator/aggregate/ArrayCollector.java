package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.memory.Utf8Buffer;

/** ARRAY_AGG: the values of a group as an ARRAY, whose items they are. */
public final class ArrayCollector extends EntryCollector {
  public ArrayCollector(Utf8Buffer buffer) {
    super(buffer);
  }

  @Override
  protected void begin() {}

  @Override
  protected void item(long from, long to) {
    append(from, Math.toIntExact(to - from));
  }

  @Override
  protected void end() {
    append(NestedWriter.END);
  }
}
