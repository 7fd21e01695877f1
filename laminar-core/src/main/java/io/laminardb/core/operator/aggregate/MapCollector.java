package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedMaps;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.memory.Utf8Buffer;

/** MAP_AGG: the values of a group, each a ROW of key and value; of equal keys the last one counts. */
public final class MapCollector extends EntryCollector {
  private final DataType type;
  private final NestedWriter entries;

  /**
   * @param scratch for the entries before they are sorted; its caller's
   */
  public MapCollector(Utf8Buffer buffer, Utf8Buffer scratch, DataType type) {
    super(buffer);
    this.type = type;
    this.entries = new NestedWriter(scratch);
  }

  @Override
  protected void begin() {
    entries.start();
  }

  @Override
  protected void item(long from, long to) {
    entries.append(from + 1, to - from - 1);
  }

  @Override
  protected void end() {
    NestedMaps.finish(type, entries, 0, NestedMaps.Duplicates.LAST_WINS);
    append(entries.address(), entries.length());
  }
}
