package io.laminardb.core.operator.changelog;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.TableRows;
import io.laminardb.core.operator.aggregate.TextState;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.OrderedMultiset;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TablePages;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The present row of every key, off the heap: a table whose key is the key columns as bytes, and whose
 * state is the whole row as bytes. One thread.
 */
final class RowsByKey implements AutoCloseable {
  private static final int VIEW_BYTES = 16;
  private static final int KEY_WORDS = VIEW_BYTES / 8;
  private static final int ROW_VIEW = 8 * (1 + KEY_WORDS + 1); // behind hash, key and count
  private static final RowLayout LAYOUT =
      new RowLayout(
          KEY_WORDS,
          new int[] {0},
          1 + KEY_WORDS,
          new int[] {ROW_VIEW},
          new int[0],
          new OrderedMultiset.Type[0],
          0);

  private final RowCodec rows;
  private final StateHeap heap;
  private final KeyedTable table;
  private final RowProbe probe;
  private long key; // a source of the table

  RowsByKey(Schema schema, int[] keyColumns, BufferAllocator allocator, boolean tracked) {
    this.rows = new RowCodec(schema);
    this.heap = new StateHeap(allocator);
    this.table = new KeyedTable(LAYOUT, heap, allocator, tracked);
    this.probe = new RowProbe(schema, keyColumns, allocator);
  }

  /** Looks at a row of a batch; the calls that follow are about it and its key. */
  void look(Batch batch, int row) {
    probe.look(batch, row);
    key = probe.key();
  }

  /** Whether there is a row of the key of a row of a batch. */
  boolean has(Batch batch, int row) {
    look(batch, row);
    return find() != 0;
  }

  /** The entry of the key, or 0. */
  long find() {
    return table.find(key);
  }

  /** Tells the row of a key, if there is one. */
  void find(long keySource, TableRows.Found found) {
    long entry = table.find(keySource);
    if (entry != 0) {
      found.row(Keys.bytes(entry + ROW_VIEW), Memory.getInt(entry + ROW_VIEW), 1);
    }
  }

  /** Whether an entry holds the very row that was looked at. */
  boolean holdsSame(long entry) {
    return Memory.getInt(entry + ROW_VIEW) == probe.rowLength()
        && Memory.equal(Keys.bytes(entry + ROW_VIEW), probe.rowAddress(), probe.rowLength());
  }

  /** Puts the row of an entry at the end of a batch. */
  void read(long entry, Batch target, int weight) {
    rows.read(Keys.bytes(entry + ROW_VIEW), target, weight);
  }

  /** Gives every entry to {@code action}, which changes none. */
  void forEach(LongConsumer action) {
    table.forEach(action);
  }

  /** Keeps the row that was looked at, in the place of the one its key had. */
  void put() {
    boolean isNew = find() == 0;
    long entry = table.findOrInsert(key);
    boolean kept = false;
    try {
      TextState.set(entry + ROW_VIEW, probe.rowAddress(), probe.rowLength(), heap);
      kept = true;
    } finally {
      if (isNew && !kept) {
        table.remove(entry);
      }
    }
  }

  /** Forgets a key. */
  void remove(long entry) {
    table.touch(entry);
    LAYOUT.release(entry, heap);
    table.remove(entry);
  }

  long rows() {
    return table.rows();
  }

  long bytes() {
    return table.bytes() + heap.bytes() + probe.bytes();
  }

  void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    TablePages.writeHeader(table, writer);
    TablePages.writeAll(table, writer);
  }

  void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        TablePages.readHeader(table, reader);
      } else {
        TablePages.read(reader);
      }
    }
    TablePages.finish(table);
  }

  @Override
  public void close() {
    table.close();
    heap.close();
    probe.close();
  }
}
