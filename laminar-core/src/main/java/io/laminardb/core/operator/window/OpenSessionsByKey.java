package io.laminardb.core.operator.window;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyProbe;
import io.laminardb.core.state.KeyWatermarks;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The watermarks of keys, and for each key the list of its open sessions, linked both ways by words of
 * the sessions' rows. Sessions are entered for the key it was last moved {@link #to}. One thread.
 */
final class OpenSessionsByKey implements AutoCloseable {
  private static final int KEY = 0; // words of a session's row: its key,
  private static final int PREVIOUS = 8; // and its neighbours, or 0
  private static final int NEXT = 16;

  private static final int FIRST = 0; // words of a key's row: its first session, or 0,
  private static final int LEAST_END = 8; // and a time at or before the end of all of them
  private static final int KEY_WORDS = 2;

  private final int sessionWords; // where a session's words begin, in bytes
  private final KeyWatermarks marks;
  private long key;

  /** Through which watermark all keys are late, those unknown so far too. */
  long floorNs = Long.MIN_VALUE;

  OpenSessionsByKey(KeyTime time, int sessionWords, BufferAllocator allocator) {
    this.sessionWords = sessionWords;
    this.marks = time.watermarks(KEY_WORDS, allocator);
  }

  /** The watermarks of keys. */
  KeyWatermarks marks() {
    return marks;
  }

  /** Moves to a key. */
  void to(long newKey) {
    key = newKey;
  }

  /** The first session of a key, or 0. */
  long first(long ofKey) {
    return Memory.getLong(marks.words(ofKey) + FIRST);
  }

  /** The session behind one, or 0. */
  long next(long node) {
    return Memory.getLong(node + sessionWords + NEXT);
  }

  /** Whether a session of the key may end at {@code end} or before. */
  boolean mayEnd(long ofKey, long end) {
    return first(ofKey) != 0 && Memory.getLong(marks.words(ofKey) + LEAST_END) <= end;
  }

  /** Says that no session of a key ends before {@code end}. */
  void leastEnd(long ofKey, long end) {
    Memory.putLong(marks.words(ofKey) + LEAST_END, end);
  }

  /** Enters a session. */
  void link(long node, long end) {
    long first = first(key);
    long leastEnd = end;
    if (first != 0) {
      leastEnd = Math.min(end, Memory.getLong(marks.words(key) + LEAST_END));
      Memory.putLong(first + sessionWords + PREVIOUS, node);
    }
    leastEnd(key, leastEnd);
    Memory.putLong(node + sessionWords + KEY, key);
    Memory.putLong(node + sessionWords + PREVIOUS, 0);
    Memory.putLong(node + sessionWords + NEXT, first);
    Memory.putLong(marks.words(key) + FIRST, node);
  }

  /** Takes a session out. */
  void unlink(long node) {
    long previous = Memory.getLong(node + sessionWords + PREVIOUS);
    long next = next(node);
    if (previous == 0) {
      Memory.putLong(marks.words(Memory.getLong(node + sessionWords + KEY)) + FIRST, next);
    } else {
      Memory.putLong(previous + sessionWords + NEXT, next);
    }
    if (next != 0) {
      Memory.putLong(next + sessionWords + PREVIOUS, previous);
    }
  }

  /** The keys as bytes; their sessions are to be linked again. */
  byte[] snapshot() {
    return marks.snapshot();
  }

  /** Reads what {@link #snapshot} wrote. */
  void restore(byte[] bytes) {
    marks.restore(bytes);
    for (int i = 0; i < marks.size(); i++) {
      Memory.putLong(marks.words(marks.get(i)) + FIRST, 0);
    }
  }

  /** Moves to the key of a restored session, whose keys are a row of the output. */
  void to(Batch output, int row, KeyProbe outputProbe) {
    to(marks.find(outputProbe.look(output, row)));
  }

  @Override
  public void close() {
    marks.close();
  }
}
