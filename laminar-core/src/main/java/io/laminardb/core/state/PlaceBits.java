package io.laminardb.core.state;

import io.laminardb.core.memory.Memory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/** A set of places, off the heap: a bit each. One thread. */
final class PlaceBits implements AutoCloseable {
  private final BufferAllocator allocator;
  private ArrowBuf buffer;
  private long start;
  private int words;
  private int count;

  PlaceBits(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Makes room for places below {@code places}. */
  void reserve(int places) {
    int wanted = (int) ((places + 63L) >>> 6);
    if (wanted <= words) {
      return;
    }
    ArrowBuf larger = StateMemory.allocate(allocator, 8L * Math.max(wanted, 2 * words));
    int room = (int) (larger.capacity() >>> 3);
    if (buffer != null) {
      Memory.copy(start, larger.memoryAddress(), 8L * words);
      buffer.close();
    }
    buffer = larger;
    start = larger.memoryAddress();
    Memory.fill(start + 8L * words, 8L * (room - words), (byte) 0);
    words = room;
  }

  /** Adds a place there is room for. */
  void add(int place) {
    long word = Memory.getLong(wordOf(place));
    long with = word | 1L << place;
    count += with == word ? 0 : 1;
    Memory.putLong(wordOf(place), with);
  }

  /** Whether a place is in. */
  boolean has(int place) {
    return count > 0 && place >>> 6 < words && (Memory.getLong(wordOf(place)) >>> place & 1) != 0;
  }

  /** Takes a place out that is in. */
  void remove(int place) {
    count--;
    Memory.putLong(wordOf(place), Memory.getLong(wordOf(place)) & ~(1L << place));
  }

  private long wordOf(int place) {
    return start + ((long) (place >>> 6) << 3);
  }

  /** How many places are in. */
  int count() {
    return count;
  }

  /** The first place at or behind {@code from} that is in, or -1. */
  int next(int from) {
    int at = from >>> 6;
    if (at >= words) {
      return -1;
    }
    long word = Memory.getLong(start + 8L * at) & -1L << from;
    while (word == 0) {
      if (++at == words) {
        return -1;
      }
      word = Memory.getLong(start + 8L * at);
    }
    return (at << 6) + Long.numberOfTrailingZeros(word);
  }

  /** Takes all places out. */
  void clear() {
    if (count > 0) {
      Memory.fill(start, 8L * words, (byte) 0);
      count = 0;
    }
  }

  /** Memory held, in bytes. */
  long bytes() {
    return 8L * words;
  }

  @Override
  public void close() {
    if (buffer != null) {
      buffer.close();
      buffer = null;
    }
    words = 0;
    count = 0;
  }
}
