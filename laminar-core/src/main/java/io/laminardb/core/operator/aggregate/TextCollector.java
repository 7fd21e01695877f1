package io.laminardb.core.operator.aggregate;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** STRING_AGG: the texts of a group with a separator between them. */
public final class TextCollector extends EntryCollector {
  private final Utf8 separator;
  private boolean first;

  public TextCollector(Utf8Buffer buffer, Utf8 separator) {
    super(buffer);
    this.separator = separator;
  }

  @Override
  protected void begin() {
    first = true;
  }

  @Override
  protected void item(long from, long to) {
    int most = (int) (to - from);
    long at = room(separator.length + most);
    int written = 0;
    if (!first) {
      Memory.copy(separator.address, at, separator.length);
      written = separator.length;
    }
    first = false;
    wrote(written + EntryValues.copyText(from + 1, to - 2, at + written));
  }

  @Override
  protected void end() {}
}
