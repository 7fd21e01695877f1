package io.laminardb.core.state;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Reads back what a {@link StateWriter} wrote, section by section. One thread. Checks the bounds itself, once a value,
 * and reads through {@link Memory}: opening a database reads millions of values in code that is still cold, where a
 * VarHandle costs a chain of calls.
 */
public final class StateReader {
  private final Iterator<byte[]> rest;
  private final Map<Long, KeyedTable> tables = new HashMap<>(); // whose pages follow, by number
  private byte[] bytes; // whole sections
  private int position;
  private int sectionEnd;

  public StateReader(byte[] bytes) {
    this.bytes = bytes;
    this.rest = Collections.emptyIterator();
  }

  /** Reads what a writer wrote outside of sections. */
  static StateReader ofValue(byte[] value) {
    StateReader reader = new StateReader(value);
    reader.sectionEnd = value.length;
    return reader;
  }

  /** Reads arrays of whole sections, one behind the other. */
  public StateReader(Collection<byte[]> arrays) {
    this.rest = arrays.iterator();
    this.bytes = new byte[0];
  }

  /** Whether another section follows; the current one must have been read to its end. */
  public boolean hasSection() {
    position = Math.max(position, sectionEnd);
    while (position == bytes.length && rest.hasNext()) {
      bytes = rest.next();
      position = 0;
      sectionEnd = 0;
    }
    return position < bytes.length;
  }

  /** Enters the next section and returns its key group. */
  public int section() {
    hasSection();
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

  /** Bytes of the current section that are still to be read. */
  int remaining() {
    return sectionEnd - position;
  }

  public int getByte() {
    check(1);
    return bytes[position++];
  }

  public int getInt() {
    check(4);
    int value = Memory.getInt(bytes, position);
    position += 4;
    return value;
  }

  public long getLong() {
    check(8);
    long value = Memory.getLong(bytes, position);
    position += 8;
    return value;
  }

  /** Copies whole words to off the heap: a few, one by one. */
  void getWords(long address, int length) {
    check(length);
    for (int i = 0; i < length; i += 8) {
      Memory.putLong(address + i, Memory.getLong(bytes, position + i));
    }
    position += length;
  }

  /** Says which table the pages of a number are of. */
  void table(long number, KeyedTable table) {
    tables.put(number, table);
  }

  /** The table of a number. */
  KeyedTable table(long number) {
    KeyedTable table = tables.get(number);
    if (table == null) {
      throw corrupt();
    }
    return table;
  }

  /** Copies {@code length} bytes to off the heap. */
  public void getBytes(long address, int length) {
    check(length);
    Memory.copyFromHeap(bytes, position, address, length);
    position += length;
  }

  public byte[] getBytes(int length) {
    check(length);
    byte[] copy = Arrays.copyOfRange(bytes, position, position + length);
    position += length;
    return copy;
  }

  /** Reads what is left of the current section. */
  byte[] rest() {
    return getBytes(remaining());
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

  LaminarException corrupt() {
    return new LaminarException(
        ErrorCode.STATE_CORRUPT, "state ends at byte " + position + ", in the middle of a value.");
  }
}
