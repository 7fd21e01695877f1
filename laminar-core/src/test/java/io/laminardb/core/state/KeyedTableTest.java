package io.laminardb.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.memory.Memory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class KeyedTableTest {
  private static final long SEED = 20261123;
  private static final int SOURCES = 400; // more than are looked up together

  @Test
  void rowsAreFoundWhateverWasRemovedBetween() {
    for (int words = 1; words <= 3; words++) {
      for (int keys : new int[] {50, 3_000, 60_000}) {
        try (BufferAllocator allocator = new RootAllocator();
            Keyed keyed = new Keyed(words, allocator)) {
          keyed.churn(new Random(SEED + 7L * words + keys), keys, 80);
        }
      }
    }
  }

  @Test
  void aTableWhoseKeysComeAndGoDoesNotGrow() {
    try (BufferAllocator allocator = new RootAllocator();
        Keyed keyed = new Keyed(2, allocator)) {
      Random random = new Random(SEED);
      keyed.churn(random, 5_000, 100);
      long bytes = keyed.table.bytes();
      keyed.churn(random, 5_000, 600);
      assertThat(keyed.table.bytes()).as("seed %d", SEED).isLessThanOrEqualTo(2 * bytes);
    }
  }

  @Test
  void aClearedTableTakesItsMemoryAgainAndGivesTheSameRowsInTheSameOrder() {
    for (boolean tracked : new boolean[] {false, true}) {
      try (BufferAllocator allocator = new RootAllocator();
          Keyed keyed = new Keyed(2, tracked, allocator)) {
        long[] first = keyed.fill(1_000);
        long bytes = keyed.table.bytes();
        for (int keys : new int[] {10, 1_000}) {
          keyed.table.clear(bytes);
          assertThat(keyed.table.rows()).isZero();
          assertThat(keyed.fill(keys)).isEqualTo(Arrays.copyOf(first, keys));
          assertThat(keyed.table.bytes()).isEqualTo(bytes);
        }
        keyed.table.clear(bytes - 1);
        assertThat(keyed.table.bytes()).isZero();
      }
    }
  }

  /** A table beside a map of the same keys: the first word tells which one, the others follow from it. */
  private static final class Keyed implements AutoCloseable {
    final int words;
    final StateHeap heap;
    final KeyedTable table;
    final ArrowBuf buffer;
    final Map<Long, Long> expected = new HashMap<>();

    Keyed(int words, BufferAllocator allocator) {
      this(words, false, allocator);
    }

    Keyed(int words, boolean tracked, BufferAllocator allocator) {
      this.words = words;
      heap = new StateHeap(allocator);
      table = new KeyedTable(RowLayout.plain(words, new int[0], 1), heap, allocator, tracked);
      buffer = StateMemory.allocate(allocator, SOURCES * 8L * (1 + words));
    }

    /** Makes the rows of the keys from 0 on; where they are, in their order. */
    long[] fill(int keys) {
      for (int id = 0; id < keys; id++) {
        table.findOrInsert(source(0, id));
      }
      long[] rows = new long[keys];
      int[] next = new int[1];
      table.forEach(row -> rows[next[0]++] = row);
      return rows;
    }

    /** Rounds of lookups of random keys, many at once and single ones, and removals. */
    void churn(Random random, int keys, int rounds) {
      for (int round = 0; round < rounds; round++) {
        long[] ids = random.longs(SOURCES, 0, keys).toArray();
        long[] rows = new long[SOURCES];
        for (int i = 0; i < SOURCES; i++) {
          rows[i] = random.nextInt(50) == 0 ? 0 : source(i, ids[i]);
        }
        table.findOrInsert(rows, SOURCES);
        for (int i = 0; i < SOURCES; i++) {
          if (rows[i] != 0) {
            check(ids[i], rows[i]);
          }
        }
        long single = random.nextInt(keys);
        check(single, table.findOrInsert(source(0, single)));
        for (int i = random.nextInt(3); i < SOURCES; i += 1 + random.nextInt(2)) {
          Long row = expected.remove(ids[i]);
          if (row != null) {
            table.remove(row);
            assertThat(table.find(source(0, ids[i]))).isZero();
          }
        }
        assertThat(table.rows()).isEqualTo(expected.size());
      }
      expected.forEach((id, row) -> assertThat(table.find(source(0, id))).isEqualTo(row));
    }

    /** A key's row is where it was, or has just been made. */
    private void check(long id, long row) {
      Long known = expected.putIfAbsent(id, row);
      assertThat(row).isEqualTo(known == null ? row : known);
      assertThat(Memory.getLong(row + RowLayout.KEY_OFFSET)).isEqualTo(id);
    }

    /** Few hashes, so that slots are fought for. */
    private long source(int index, long id) {
      long source = buffer.memoryAddress() + index * 8L * (1 + words);
      long[] key = new long[words];
      Arrays.setAll(key, word -> id * (word + 1));
      Memory.putLong(source, Keys.finish(Keys.mix(Keys.SEED, id / 3)));
      for (int word = 0; word < words; word++) {
        Memory.putLong(source + RowLayout.KEY_OFFSET + 8L * word, key[word]);
      }
      return source;
    }

    @Override
    public void close() {
      buffer.close();
      table.close();
      heap.close();
    }
  }
}
