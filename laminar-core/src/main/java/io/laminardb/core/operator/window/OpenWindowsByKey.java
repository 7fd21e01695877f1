package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyProbe;
import io.laminardb.core.state.KeyWatermarks;
import io.laminardb.core.state.RowLayout;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The watermarks of keys, and for each key the list of its groups in open windows, which hangs together
 * by words of the groups' rows. One thread.
 */
final class OpenWindowsByKey implements AutoCloseable {
  /** Words of a group's row, behind the count: the bounds of its window, and the key's next group. */
  private static final int START = 8;

  private static final int END = 16;
  private static final int NEXT = 24;

  private static final int FIRST = 0; // words of a key's row: its first group,
  private static final int LEAST_END = 8; // and the least end of its groups' windows
  private static final int KEY_WORDS = 2;
  private static final long NO_MORE = 1;

  private final KeyTime time;
  private final BufferAllocator allocator;
  private final int groupWords; // where a group's words begin, in bytes
  private final KeyWatermarks keys;

  OpenWindowsByKey(KeyTime time, RowLayout groups, BufferAllocator allocator) {
    this.time = time;
    this.allocator = allocator;
    this.groupWords = groups.countOffset();
    this.keys = time.watermarks(KEY_WORDS, allocator);
  }

  /** The watermarks of keys. */
  KeyWatermarks marks() {
    return keys;
  }

  /** The least end of the windows that a key has open; MAX_VALUE without any. */
  long leastEnd(long key) {
    return first(key) == 0 ? Long.MAX_VALUE : Memory.getLong(keys.words(key) + LEAST_END);
  }

  void leastEnd(long key, long end) {
    Memory.putLong(keys.words(key) + LEAST_END, end);
  }

  /** The first group of a key, or 0. */
  long first(long key) {
    return Memory.getLong(keys.words(key) + FIRST);
  }

  /** The group behind one, or 0. */
  long next(long group) {
    long next = Memory.getLong(group + groupWords + NEXT);
    return next == NO_MORE ? 0 : next;
  }

  long start(long group) {
    return Memory.getLong(group + groupWords + START);
  }

  long end(long group) {
    return Memory.getLong(group + groupWords + END);
  }

  boolean isLinked(long group) {
    return Memory.getLong(group + groupWords + NEXT) != 0;
  }

  /** Enters a group of a window. */
  void link(long key, long group, long start, long end) {
    long first = first(key);
    Memory.putLong(group + groupWords + START, start);
    Memory.putLong(group + groupWords + END, end);
    Memory.putLong(group + groupWords + NEXT, first == 0 ? NO_MORE : first);
    leastEnd(key, Math.min(leastEnd(key), end));
    Memory.putLong(keys.words(key) + FIRST, group);
  }

  /** Takes the group behind {@code previous} out, or the first where that is 0. */
  void unlink(long key, long previous, long group) {
    long next = Memory.getLong(group + groupWords + NEXT);
    if (previous == 0) {
      Memory.putLong(keys.words(key) + FIRST, next == NO_MORE ? 0 : next);
    } else {
      Memory.putLong(previous + groupWords + NEXT, next);
    }
  }

  /** The keys as bytes. */
  byte[] snapshot() {
    return keys.snapshot();
  }

  /** Reads what {@link #snapshot} wrote; groups are to be linked again. */
  void restore(byte[] bytes) {
    keys.restore(bytes);
    for (int i = 0; i < keys.size(); i++) {
      Memory.putLong(keys.words(keys.get(i)) + FIRST, 0);
    }
  }

  /** Links a group that a restore has brought back, given its keys as a row of the output. */
  void relink(Batch output, int row, KeyProbe outputProbe, long group) {
    long key = keys.find(outputProbe.look(output, row));
    link(key, group, start(group), end(group));
  }

  /** A probe of the same keys in rows of the output. */
  KeyProbe outputProbe(Schema output) {
    return time.outputProbe(output, allocator);
  }

  @Override
  public void close() {
    keys.close();
  }

  @Override
  public String toString() {
    return "keys " + time.columns();
  }
}
