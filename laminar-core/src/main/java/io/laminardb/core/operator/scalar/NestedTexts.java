package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.text.NestedParser;
import io.laminardb.core.batch.text.NestedText;
import io.laminardb.core.batch.text.TextWriter;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** Casts between nested values and their JSON text. One a call; one thread. */
public final class NestedTexts {
  private final TextWriter writer = new TextWriter(64);
  private final Utf8Buffer result;
  private final NestedParser parser;

  /** One that writes into buffers of its caller. */
  public NestedTexts(Utf8Buffer result, Utf8Buffer text) {
    this.result = result;
    this.parser = new NestedParser(result, text);
  }

  /** A nested value as text. */
  public Utf8 toText(DataType type, Utf8 value) {
    writer.clear();
    NestedText.append(type, value, writer);
    long to = result.reserve(Math.max(1, writer.length()));
    Memory.copyFromHeap(writer.bytes(), 0, to, writer.length());
    result.length = writer.length();
    return result;
  }

  /** The nested value that a text is. */
  public Utf8 toNested(DataType type, Utf8 text) {
    Utf8 value = parser.parse(type, text);
    if (value == null) {
      throw Failures.cast(text, type.toString());
    }
    return value;
  }
}
