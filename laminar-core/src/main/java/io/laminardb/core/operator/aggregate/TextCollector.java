package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** STRING_AGG: the texts of a group with a separator between them. */
public final class TextCollector extends EntryCollector {
  private final Utf8 separator;
  private final Utf8 view = new Utf8();
  private final Utf8Buffer scratch;
  private boolean first;

  /**
   * @param buffer for results
   * @param scratch for texts with zero bytes
   */
  public TextCollector(Utf8Buffer buffer, Utf8Buffer scratch, Utf8 separator) {
    super(buffer);
    this.scratch = scratch;
    this.separator = separator;
  }

  @Override
  protected void begin() {
    first = true;
  }

  @Override
  protected void item(long from, long to) {
    if (!first) {
      append(separator.address, separator.length);
    }
    first = false;
    Utf8 text = NestedCodec.getText(from, view, scratch);
    append(text.address, text.length);
  }

  @Override
  protected void end() {}
}
