package io.laminardb.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.durable.PartChanges;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.NativeArena;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class TableCopiesTest {
  private static final long SEED = Long.getLong("laminar.seed", 20261123);
  private static final int ROUNDS = 30;

  @Test
  void whatIsCopiedInSlicesWhileRowsChangeIsWhatWasThereAtTheBarrier() {
    for (int keys : new int[] {20, 3_000, 40_000}) {
      check(keys, new Random(SEED + keys));
    }
  }

  private static void check(int keys, Random random) {
    try (BufferAllocator allocator = new RootAllocator();
        NativeArena copied = new NativeArena();
        NativeArena cut = new NativeArena();
        Texts table = new Texts(allocator, keys, true)) {
      Stored stored = new Stored();
      long lastNumber = 0;
      for (int round = 0; round < ROUNDS; round++) {
        String what = "seed " + SEED + ", " + keys + " keys, round " + round;
        table.churn(random, random.nextInt(1 + keys / (1 + random.nextInt(20))));
        List<Long> expected = table.rows();
        TableCopies copies = new TableCopies(lastNumber, copied);
        copies.folder("query/sums/0/");
        StateWriter header = new StateWriter(copies);
        header.section(StateWriter.NO_KEY_GROUP);
        TablePages.writeHeader(table.table, header);
        TablePages.writeAll(table.table, header);
        lastNumber = copies.lastNumber();

        boolean isDropped = random.nextInt(8) == 0;
        long next;
        try (Texts asItWas = new Texts(allocator, keys, false)) {
          asItWas.read(whole(table.table));
          next = asItWas.placeOfNew();
        }
        do {
          table.churn(random, random.nextInt(1 + keys / 10));
        } while (!isDropped && !copies.copySome(System.nanoTime()));
        if (isDropped) {
          table.clear(random.nextBoolean());
          assertThat(copies.copySome(Long.MAX_VALUE)).isTrue();
        }
        assertThat(table.table.isBeingCopied()).as(what).isFalse();

        PartChanges changes = copies.changes(cut);
        copied.reset();
        stored.write(changes, random);
        cut.reset();
        try (Texts restored = new Texts(allocator, keys, random.nextBoolean())) {
          restored.read(stored.sections(header.sections()));
          assertThat(restored.rows()).as(what).isEqualTo(expected);
          assertThat(restored.placeOfNew()).as(what).isEqualTo(next);
        }
      }
    }
  }

  @Test
  void whatHasNotChangedIsNotCopiedAgain() {
    try (BufferAllocator allocator = new RootAllocator();
        NativeArena memory = new NativeArena();
        Texts table = new Texts(allocator, 1_000, true)) {
      table.put(1, 1);
      table.put(2, 2);
      assertThat(copy(table.table, 0, memory).pieces()).hasSize(1);
      assertThat(copy(table.table, 1, memory).pieces()).isEmpty();
      table.put(2, 3);
      int longest =
          copy(table.table, 1, memory).pieces().values().stream()
              .mapToInt(ByteBuffer::remaining)
              .sum();
      assertThat(longest).isLessThan(2 * table.table.layout().rowBytes() + 32);
    }
  }

  private static PartChanges copy(KeyedTable table, long lastNumber, NativeArena memory) {
    TableCopies copies = new TableCopies(lastNumber, memory);
    copies.begin(table);
    assertThat(copies.copySome(Long.MAX_VALUE)).isTrue();
    return copies.changes(memory);
  }

  private static List<byte[]> whole(KeyedTable table) {
    StateWriter writer = new StateWriter();
    writer.section(StateWriter.NO_KEY_GROUP);
    TablePages.writeHeader(table, writer);
    TablePages.writeAll(table, writer);
    return writer.sections();
  }

  /** Pieces as a storage keeps them. */
  private static final class Stored {
    final Map<String, List<byte[]>> parts = new TreeMap<>();

    void write(PartChanges changes, Random random) {
      parts.keySet().removeIf(part -> !changes.keeps(part));
      changes
          .pieces()
          .forEach(
              (part, piece) -> {
                List<byte[]> pieces = parts.computeIfAbsent(part, any -> new ArrayList<>());
                byte[] bytes = new byte[piece.remaining()];
                piece.get(0, bytes);
                pieces.add(bytes);
                if (random.nextInt(4) == 0) {
                  byte[] merged = merged(pieces);
                  pieces.clear();
                  pieces.add(merged);
                }
              });
    }

    List<byte[]> sections(List<byte[]> header) {
      List<byte[]> sections = new ArrayList<>(header);
      parts.values().forEach(pieces -> sections.add(merged(pieces)));
      return sections;
    }

    private static byte[] merged(List<byte[]> pieces) {
      List<ByteBuffer> buffers = pieces.stream().map(ByteBuffer::wrap).toList();
      return TablePages.merged(buffers, ByteBuffer::allocate).array();
    }
  }

  /** A table by texts, a third of which is too long to stand in its row, with a text as state. */
  private static final class Texts implements AutoCloseable {
    final int keys;
    final StateHeap heap;
    final KeyedTable table;
    final ArrowBuf buffer;

    Texts(BufferAllocator allocator, int keys, boolean tracked) {
      this.keys = keys;
      heap = new StateHeap(allocator);
      table = new KeyedTable(RowLayout.plain(2, new int[] {0}, 2), heap, allocator, tracked);
      buffer = StateMemory.allocate(allocator, 128);
    }

    void churn(Random random, int changes) {
      for (int i = 0; i < changes; i++) {
        int key = random.nextInt(keys);
        if (random.nextInt(3) == 0) {
          long row = table.find(source(key));
          if (row != 0) {
            table.remove(row);
          }
        } else {
          put(key, random.nextInt());
        }
      }
    }

    void put(int key, long value) {
      Memory.putLong(table.findOrInsert(source(key)) + 32, value);
    }

    /** The place that a key gets that is not there. */
    int placeOfNew() {
      long row = table.findOrInsert(source(keys));
      int place = table.places().placeOf(row);
      table.remove(row);
      return place;
    }

    private long source(int key) {
      byte[] text =
          ((key % 3 == 0 ? "a text that is long " : "") + key).getBytes(StandardCharsets.UTF_8);
      long at = buffer.memoryAddress();
      long bytes = at + 64;
      Memory.copyFromHeap(text, 0, bytes, text.length);
      Memory.putLong(at + 8, Keys.head(bytes, text.length));
      Memory.putLong(at + 16, Keys.tail(bytes, text.length));
      Memory.putLong(
          at, Keys.finish(Keys.mixText(0, Memory.getLong(at + 8), Memory.getLong(at + 16))));
      return at;
    }

    void clear(boolean keeps) {
      table.clear(keeps ? Long.MAX_VALUE : 0);
      heap.clear();
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

    /** Places, keys and state of all rows. */
    List<Long> rows() {
      List<Long> rows = new ArrayList<>();
      table.forEach(
          row -> {
            rows.add((long) table.places().placeOf(row));
            rows.add(table.layout().hashKey(row, 0, 0));
            rows.add(Memory.getLong(row + 32));
          });
      assertThat(rows).hasSize(3 * (int) table.rows());
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
