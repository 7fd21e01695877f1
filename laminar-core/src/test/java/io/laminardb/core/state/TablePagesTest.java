package io.laminardb.core.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class TablePagesTest {
  private static final long SEED = 20261124;
  private static final int KEYS = 30_000; // some pages, in some chunks

  @Test
  void rowsComeBackToTheirPlacesAndTheNextOnesGoOnAsBefore() {
    try (BufferAllocator allocator = new RootAllocator();
        Texts texts = new Texts(allocator);
        Texts restored = new Texts(allocator)) {
      texts.churn(new Random(SEED));
      restored.read(texts.write());
      assertThat(restored.rows()).as("seed %d", SEED).isEqualTo(texts.rows());
      assertThat(restored.table.rows()).isEqualTo(texts.table.rows());
      for (int i = 0; i < KEYS; i++) {
        restored.check(i, texts.table.find(texts.source(i)) != 0);
      }
      for (int i = KEYS; i < KEYS + 5_000; i++) {
        assertThat(restored.index(i)).as("seed %d, key %d", SEED, i).isEqualTo(texts.index(i));
      }
    }
  }

  @Test
  void whatHasNotChangedIsWrittenAsTheSameBytes() {
    try (BufferAllocator allocator = new RootAllocator();
        Texts texts = new Texts(allocator)) {
      texts.churn(new Random(SEED));
      List<byte[]> first = texts.write();
      Memory.putLong(texts.table.find(texts.source(texts.anyKey())) + 24, -1);
      List<byte[]> second = texts.write();
      int changed = 0;
      for (int i = 0; i < first.size(); i++) {
        changed += Arrays.equals(first.get(i), second.get(i)) ? 0 : 1;
      }
      assertThat(changed).isEqualTo(1);
    }
  }

  @Test
  void stateOfTwoTasksComesTogether() {
    try (BufferAllocator allocator = new RootAllocator();
        Texts left = new Texts(allocator);
        Texts right = new Texts(allocator);
        Texts both = new Texts(allocator)) {
      for (int i = 0; i < 5_000; i++) {
        (i % 3 == 0 ? left : right).index(i);
      }
      both.read(left.write());
      both.read(right.write());
      assertThat(both.table.rows()).isEqualTo(5_000);
      for (int i = 0; i < 5_000; i++) {
        both.check(i, true);
      }
    }
  }

  @Test
  void aPageThatIsNoneIsRefused() {
    try (BufferAllocator allocator = new RootAllocator();
        Texts texts = new Texts(allocator)) {
      StateWriter writer = new StateWriter();
      writer.section(StateWriter.NO_KEY_GROUP);
      TablePages.writeHeader(texts.table, writer);
      writer.section(StateWriter.ANY_KEY_GROUP);
      writer.putLong(1);
      writer.putInt(3); // a place that is not there
      writer.putInt(4);
      writer.putInt(-1);
      assertThatThrownBy(() -> texts.read(writer.sections())).isInstanceOf(LaminarException.class);
    }
  }

  /** A table by texts, every third of which is too long to stand in its row. */
  private static final class Texts implements AutoCloseable {
    final StateHeap heap;
    final KeyedTable table;
    final ArrowBuf buffer;

    Texts(BufferAllocator allocator) {
      heap = new StateHeap(allocator);
      table = new KeyedTable(RowLayout.plain(2, new int[] {0}, 2), heap, allocator);
      buffer = StateMemory.allocate(allocator, 128);
    }

    void churn(Random random) {
      for (int i = 0; i < KEYS; i++) {
        index(i);
      }
      for (int i = 0; i < KEYS / 4; i++) {
        long row = table.find(source(random.nextInt(KEYS)));
        if (row != 0) {
          table.remove(row);
        }
      }
    }

    int anyKey() {
      int key = 0;
      while (table.find(source(key)) == 0) {
        key++;
      }
      return key;
    }

    /** The place of a key's row, which is made. */
    int index(int key) {
      long row = table.findOrInsert(source(key));
      Memory.putLong(row + 24, key);
      return table.places().placeOf(row);
    }

    void check(int key, boolean isThere) {
      long row = table.find(source(key));
      assertThat(row != 0).as("seed %d, key %d", SEED, key).isEqualTo(isThere);
      if (isThere) {
        assertThat(Memory.getLong(row + 24)).isEqualTo(key);
      }
    }

    long source(int key) {
      byte[] text =
          ((key % 3 == 0 ? "a text that is long " : "") + key).getBytes(StandardCharsets.UTF_8);
      long at = buffer.memoryAddress();
      long bytes = at + 64;
      Memory.copyFromHeap(text, 0, bytes, text.length);
      Memory.putLong(at + 8, 0);
      Memory.putLong(at + 16, 0);
      Memory.putInt(at + 8, text.length);
      if (text.length <= Keys.INLINE_BYTES) {
        Memory.copy(bytes, at + 12, text.length);
      } else {
        Memory.copy(bytes, at + 12, 4);
        Memory.putLong(at + 16, bytes);
      }
      long hash = Keys.finish(Keys.mixText(0, Memory.getLong(at + 8), Memory.getLong(at + 16)));
      Memory.putLong(at, hash | 1);
      return at;
    }

    List<byte[]> write() {
      StateWriter writer = new StateWriter();
      writer.section(StateWriter.NO_KEY_GROUP);
      TablePages.writeHeader(table, writer);
      TablePages.writeAll(table, writer);
      return writer.sections();
    }

    void read(List<byte[]> sections) {
      StateReader reader = new StateReader(sections);
      while (reader.hasSection()) {
        if (reader.section() == StateWriter.NO_KEY_GROUP) {
          TablePages.readHeader(table, reader);
        } else {
          TablePages.read(reader);
        }
      }
      TablePages.finish(table);
    }

    List<Long> rows() {
      List<Long> rows = new ArrayList<>();
      table.forEach(
          row -> rows.add((long) table.places().placeOf(row) << 32 | Memory.getLong(row + 24)));
      return rows;
    }

    @Override
    public void close() {
      table.close();
      heap.close();
      buffer.close();
    }
  }
}
