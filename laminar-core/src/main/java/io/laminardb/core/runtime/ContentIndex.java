package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.StateMemory;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Entries of a {@link ViewContent} by the hash of some of their columns: chains of entries, two words
 * each. Keys themselves are not kept, so that a lookup may find entries of other keys, too.
 */
final class ContentIndex implements AutoCloseable {
  final List<Integer> columns;
  int users = 1; // who want it
  private final RowCodec codec;
  private final BufferAllocator allocator;
  private ArrowBuf scratch;
  private int[] hashes = new int[64]; // of entries
  private int[] next = new int[64]; // entry + 1 of the one behind in the chain, or 0
  private int[] heads = new int[128]; // entry + 1
  private int[] candidates = new int[16];
  private final RowCodec rowCodec;
  private Batch one; // a candidate; null until it is needed

  ContentIndex(List<Integer> columns, Schema schema, BufferAllocator allocator) {
    this.columns = List.copyOf(columns);
    this.allocator = allocator;
    codec = RowCodec.ofKey(schema, columns.stream().mapToInt(Integer::intValue).toArray());
    rowCodec = new RowCodec(schema);
    scratch = StateMemory.allocate(allocator, 64);
  }

  /** A new entry, the next one, holds a row. */
  void add(int entry, Batch batch, int row) {
    if (entry == hashes.length) {
      hashes = Arrays.copyOf(hashes, entry * 2);
      next = Arrays.copyOf(next, entry * 2);
    }
    hashes[entry] = hash(batch, row);
    if (entry * 2 >= heads.length) {
      heads = new int[heads.length * 2];
      link(entry + 1);
    } else {
      link(entry, hashes[entry]);
    }
  }

  private int hash(Batch batch, int row) {
    long length = codec.length(batch, row);
    if (length > scratch.capacity()) {
      scratch.close();
      scratch = StateMemory.allocate(allocator, 2 * length);
    }
    codec.write(batch, row, scratch.memoryAddress());
    return RowCodec.hash(scratch.memoryAddress(), (int) length);
  }

  private void link(int entry, int hash) {
    int head = hash & heads.length - 1;
    next[entry] = heads[head];
    heads[head] = entry + 1;
  }

  private void link(int size) {
    Arrays.fill(heads, 0);
    for (int entry = 0; entry < size; entry++) {
      link(entry, hashes[entry]);
    }
  }

  /** Forgets all entries. */
  void clear() {
    Arrays.fill(heads, 0);
  }

  /** An entry becomes an earlier one; {@link #moved} follows. */
  void move(int from, int to) {
    hashes[to] = hashes[from];
  }

  /** Entries have been moved together. */
  void moved(int size) {
    link(size);
  }

  /** Adds the entries that may have the key of a row. */
  void find(Batch keys, int row, BitSet entries) {
    int hash = hash(keys, row);
    for (int at = heads[hash & heads.length - 1]; at != 0; at = next[at - 1]) {
      if (hashes[at - 1] == hash) {
        entries.set(at - 1);
      }
    }
  }

  /** Finds the entries that may have a key, the last one first, and answers how many they are. */
  int find(long key, int length) {
    int hash = RowCodec.hash(key, length);
    int count = 0;
    for (int at = heads[hash & heads.length - 1]; at != 0; at = next[at - 1]) {
      if (hashes[at - 1] == hash) {
        if (count == candidates.length) {
          candidates = Arrays.copyOf(candidates, count * 2);
        }
        candidates[count++] = at - 1;
      }
    }
    return count;
  }

  /** One of those that were found. */
  int candidate(int index) {
    return candidates[index];
  }

  /** Whether a row has a key. */
  boolean isKey(long row, long key, int length) {
    if (one == null) {
      one = new Batch(rowCodec.schema(), 1, allocator);
    }
    one.clear();
    rowCodec.read(row, one);
    if (codec.length(one, 0) != length) {
      return false;
    }
    hash(one, 0);
    return Memory.equal(scratch.memoryAddress(), key, length);
  }

  long bytes() {
    return scratch.capacity() + 4L * (hashes.length + next.length + heads.length);
  }

  @Override
  public void close() {
    scratch.close();
    if (one != null) {
      one.close();
    }
  }
}
