package io.laminardb.core.operator.over;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.state.KeySources;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowStore;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows as words and the partitions they belong to: an entry of a table for each, whose words behind the
 * key are the operator's. The rows of a batch are looked up and copied a column at a time. One thread.
 */
final class KeyedRows implements AutoCloseable {
  /** What the keys of the batch on loan are read from. */
  final KeySources keys;

  final KeyedTable table;
  final RowStore store;

  /** Where blocks of the operator's lie. */
  final StateHeap heap;

  /** Where an entry's words behind the key begin. */
  final int state;

  private final BufferAllocator allocator;

  /**
   * @param entryWords words of the operator in each entry, zeros at first
   * @param rowWords its words in each row, at least one
   */
  KeyedRows(
      Schema schema,
      List<Integer> partition,
      int entryWords,
      int rowWords,
      BufferAllocator allocator) {
    this.allocator = allocator;
    int[] columns = partition.stream().mapToInt(Integer::intValue).toArray();
    boolean[] nullSafe = new boolean[columns.length];
    Arrays.fill(nullSafe, true);
    heap = new StateHeap(allocator);
    keys = new KeySources(schema, columns, nullSafe, allocator);
    RowLayout layout = keys.format().layout(entryWords);
    state = layout.countOffset();
    table = new KeyedTable(layout, heap, allocator);
    try {
      int[] all = IntStream.range(0, schema.size()).toArray();
      store = new RowStore(schema, all, rowWords, allocator);
    } catch (RuntimeException e) {
      keys.close();
      throw e;
    }
  }

  long bytes() {
    return table.bytes() + heap.bytes() + keys.bytes() + store.bytes();
  }

  /** Writes what belongs to no key, into the present section. */
  void writeHeader(StateWriter writer) {
    TableSnapshot.of(table, allocator).writeHeader(writer);
  }

  /** Reads that, for {@link #finishRestore}. */
  int[] readHeader(StateReader reader) {
    return TableSnapshot.readHeader(table, reader);
  }

  /**
   * Writes the entries, a section for each key group.
   *
   * @param more writes what belongs to an entry beside its words, given the address of these
   */
  void writeGroups(StateWriter writer, LongConsumer more) {
    TableSnapshot all = TableSnapshot.of(table, allocator);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (all.count(group) > 0) {
        writer.section(group);
        all.writeGroup(group, writer);
        for (int i = 0; i < all.count(group); i++) {
          more.accept(all.row(group, i) + state);
        }
      }
    }
  }

  /** Reads such a section; {@code more} reads what else was written. */
  void readGroup(StateReader reader, LongConsumer more) {
    LongList restored = new LongList();
    TableSnapshot.readGroup(table, reader, restored::add);
    for (int i = 0; i < restored.size(); i++) {
      more.accept(restored.get(i) + state);
    }
  }

  /** Ends a restore. */
  void finishRestore(int[] free) {
    TableSnapshot.finish(table, free);
  }

  @Override
  public void close() {
    table.close();
    heap.close();
    keys.close();
    store.close();
  }
}
