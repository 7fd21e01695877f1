package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/**
 * What an aggregate with ORDER BY keeps of a row, as bytes whose unsigned order is that of the rows:
 * first the keys, then the value that is wanted, all as the items that {@link NestedWriter} writes,
 * then, where there are keys, in four bytes where the value begins. Of a descending key all bits are
 * turned but those of its mark, and a NULL that comes first has the mark 0. So rows of equal keys
 * are in the order of their values, and equal bytes are rows that nobody can tell apart: an ordered
 * multiset of them can take any row back.
 *
 * <p>One thread; writes into a buffer of its caller, valid until the next {@link #start}.
 */
public final class OrderedEntry {
  /** A greater value comes first. */
  public static final int DESCENDING = 1;

  /** NULL comes before all values. */
  public static final int NULLS_FIRST = 2;

  private static final int START_BYTES = 4;

  private final NestedWriter items;
  private int valueStart;

  /** A writer into a buffer of its caller. */
  public OrderedEntry(Utf8Buffer buffer) {
    items = new NestedWriter(buffer);
  }

  /** Begins another entry. */
  public void start() {
    items.start();
    valueStart = 0;
  }

  /** Takes the next key, of which {@link #endKey} says the flags, or the value. */
  public NestedWriter items() {
    return items;
  }

  /** Appends a key that is NULL. */
  public void nullKey(int flags) {
    items.mark((flags & NULLS_FIRST) != 0 ? 0 : NestedWriter.NULL);
    valueStart = items.length();
  }

  /** A key that is not NULL has been written. */
  public void endKey(int flags) {
    if ((flags & DESCENDING) != 0) {
      long end = items.address() + items.length();
      for (long at = items.address() + valueStart + 1; at < end; at++) {
        Memory.putByte(at, (byte) ~Memory.getByte(at));
      }
    }
    valueStart = items.length();
  }

  /**
   * Ends the entry.
   *
   * @param keyed whether there are keys
   */
  public Utf8 result(boolean keyed) {
    if (keyed) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        items.mark((byte) (valueStart >> shift));
      }
    }
    return items.result();
  }

  /** Where the value of an entry lies, as an item. */
  static long item(long entry, int length, boolean keyed) {
    return keyed
        ? entry + Integer.reverseBytes(Memory.getInt(entry + length - START_BYTES))
        : entry;
  }

  /** Where the value of an entry ends. */
  static long end(long entry, int length, boolean keyed) {
    return entry + (keyed ? length - START_BYTES : length);
  }

  /** Where the value of an entry with keys lies, as an item. */
  public static long item(Utf8 entry) {
    return item(entry.address, entry.length, true);
  }

  /** Whether the value of an entry with keys is NULL. */
  public static boolean isNull(Utf8 entry) {
    return NestedBytes.isNull(item(entry));
  }
}
