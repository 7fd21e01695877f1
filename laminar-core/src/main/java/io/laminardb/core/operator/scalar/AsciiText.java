package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import java.nio.charset.StandardCharsets;

/**
 * The characters of a text of ASCII alone, read where its bytes are: what regular expressions of Java
 * look at without a string of each row. Valid as long as the text it was moved to.
 */
final class AsciiText implements CharSequence {
  private long address;
  private int length;

  /** Moves the view to a text of which each byte is a character. */
  AsciiText set(Utf8 text) {
    address = text.address;
    length = text.length;
    return this;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public char charAt(int index) {
    assert index >= 0 && index < length;
    return (char) Memory.getByte(address + index);
  }

  /** A copy. */
  @Override
  public String subSequence(int start, int end) {
    byte[] bytes = new byte[end - start];
    Memory.copyToHeap(address + start, bytes, 0, bytes.length);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  /** A copy. */
  @Override
  public String toString() {
    return subSequence(0, length);
  }
}
