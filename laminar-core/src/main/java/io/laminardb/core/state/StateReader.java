package io.laminardb.core.state;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.nio.charset.StandardCharsets;

/** Reads back what a {@link StateWriter} wrote, section by section. One thread. */
public final class StateReader {
  private final byte[] bytes;
  private int position;
  private int sectionEnd;

  public StateReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Whether another section follows; the current one must have been read to its end. */
  public boolean hasSection() {
    position = Math.max(position, sectionEnd);
    return position < bytes.length;
  }

  /** Enters the next section and returns its key group. */
  public int section() {
    position = Math.max(position, sectionEnd);
    sectionEnd = position + 8;
    int keyGroup = getInt();
    int length = getInt();
    if (length < 0 || length > bytes.length - position) {
      throw corrupt();
    }
    sectionEnd = position + length;
    return keyGroup;
  }

  /** Whether the current section holds more. */
  public boolean hasMore() {
    return position < sectionEnd;
  }

  public int getByte() {
    check(1);
    return bytes[position++];
  }

  public int getInt() {
    check(4);
    int value = 0;
    for (int i = 0; i < 4; i++) {
      value |= (bytes[position++] & 0xff) << (i << 3);
    }
    return value;
  }

  public long getLong() {
    check(8);
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value |= (bytes[position++] & 0xffL) << (i << 3);
    }
    return value;
  }

  /** Copies {@code length} bytes to off the heap. */
  public void getBytes(long address, int length) {
    check(length);
    Memory.copyFromHeap(bytes, position, address, length);
    position += length;
  }

  public byte[] getBytes(int length) {
    check(length);
    byte[] copy = java.util.Arrays.copyOfRange(bytes, position, position + length);
    position += length;
    return copy;
  }

  /** Reads a text, which may be null. */
  public String getText() {
    byte[] utf8 = getBlock();
    return utf8 == null ? null : new String(utf8, StandardCharsets.UTF_8);
  }

  /** Reads bytes that were written with their number, or null. */
  public byte[] getBlock() {
    int length = getInt();
    return length < 0 ? null : getBytes(length);
  }

  private void check(int length) {
    if (length < 0 || length > sectionEnd - position || length > bytes.length - position) {
      throw corrupt();
    }
  }

  private LaminarException corrupt() {
    return new LaminarException(
        ErrorCode.STATE_CORRUPT, "state ends at byte " + position + ", in the middle of a value.");
  }
}
