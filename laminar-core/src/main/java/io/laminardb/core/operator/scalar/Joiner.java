package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** Puts texts together, with a separator between them: CONCAT and CONCAT_WS. */
public final class Joiner {
  private final Utf8Buffer buffer;
  private final Utf8 view = new Utf8();
  private Utf8 separator;
  private int length;
  private boolean first;

  /** A joiner that writes into a buffer of its caller. */
  public Joiner(Utf8Buffer buffer) {
    this.buffer = buffer;
  }

  public void start(Utf8 newSeparator) {
    separator = newSeparator;
    length = 0;
    first = true;
  }

  public void add(Utf8 text) {
    if (!first) {
      append(separator);
    }
    first = false;
    append(text);
  }

  /** Adds a text that is an item of a nested value. */
  void addItem(long item) {
    if (!first) {
      append(separator);
    }
    first = false;
    long start = item + 1;
    long zero = NestedBytes.zero(start);
    while (Memory.getByte(zero + 1) != 0) { // a zero byte, which takes two there
      append(view.set(start, (int) (zero + 1 - start)));
      start = zero + 2;
      zero = NestedBytes.zero(start);
    }
    append(view.set(start, (int) (zero - start)));
  }

  public Utf8 result() {
    buffer.grow(1, 0);
    buffer.length = length;
    return buffer;
  }

  private void append(Utf8 text) {
    if (text.length > 0) {
      long to = buffer.grow(length + text.length, length);
      Memory.copy(text.address, to + length, text.length);
      length += text.length;
    }
  }
}
