package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableSnapshot;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What rows of a changelog were joined with, so that a retraction takes back what its row was answered
 * with and not what it would be joined with now. Equal rows are answered one by one, the last of them
 * is taken back first. One thread.
 *
 * <p>An answer is a block of a heap: the answer before it of an equal row, its weight, how many rows it
 * was joined with, their bytes in all; and of each row its length and its bytes.
 */
final class JoinAnswers implements AutoCloseable {
  private static final int VIEW_WORDS = 2;
  private static final RowLayout LAYOUT = RowLayout.plain(VIEW_WORDS, new int[] {0}, 1);
  private static final int LAST = RowLayout.KEY_OFFSET + 8 * VIEW_WORDS;

  private static final int WEIGHT = 8;
  private static final int ROWS = 12;
  private static final int LENGTH = 16;
  private static final int FIRST = 20;

  private final BufferAllocator allocator;
  private final StateHeap heap;
  private final KeyedTable table;
  private long count;
  private int[] free; // while it is restored

  JoinAnswers(BufferAllocator allocator) {
    this.allocator = allocator;
    this.heap = new StateHeap(allocator);
    this.table = new KeyedTable(LAYOUT, heap, allocator);
  }

  /** How many bytes a row of {@code length} takes in an answer. */
  static int rowBytes(int length) {
    return 4 + length;
  }

  /**
   * Adds the answer of a row; its rows are then to be written one behind the other, from {@link
   * #firstRow} on, by {@link #write}.
   */
  long add(long rowSource, int weight, int rows, int length) {
    long entry = table.findOrInsert(rowSource);
    long answer = heap.allocate(Math.addExact(FIRST, length));
    Memory.putInt(answer + WEIGHT, weight);
    Memory.putInt(answer + ROWS, rows);
    Memory.putInt(answer + LENGTH, length);
    link(entry, answer);
    return answer;
  }

  private void link(long entry, long answer) {
    Memory.putLong(answer, Memory.getLong(entry + LAST));
    Memory.putLong(entry + LAST, answer);
    count++;
  }

  /** Takes out the last answer of a row that was of the other sign, or 0; the caller frees it. */
  long takeBack(long rowSource, int weight) {
    long entry = table.find(rowSource);
    long answer = entry == 0 ? 0 : Memory.getLong(entry + LAST);
    if (answer == 0 || Memory.getInt(answer + WEIGHT) == weight) {
      return 0;
    }
    long before = Memory.getLong(answer);
    if (before == 0) {
      table.remove(entry);
    } else {
      Memory.putLong(entry + LAST, before);
    }
    count--;
    return answer;
  }

  void free(long answer) {
    heap.free(answer, FIRST + Memory.getInt(answer + LENGTH));
  }

  /** How many rows an answer joined. */
  static int rows(long answer) {
    return Memory.getInt(answer + ROWS);
  }

  /** Where the first row of an answer is. */
  static long firstRow(long answer) {
    return answer + FIRST;
  }

  /** The bytes of a row. */
  static long bytes(long row) {
    return row + 4;
  }

  static long nextRow(long row) {
    return row + rowBytes(Memory.getInt(row));
  }

  /** Writes a row; answers where the next one goes. */
  static long write(long row, long address, int length) {
    Memory.putInt(row, length);
    Memory.copy(address, bytes(row), length);
    return row + rowBytes(length);
  }

  /** Answers that are kept. */
  long count() {
    return count;
  }

  /** Memory held, in bytes. */
  long size() {
    return table.bytes() + heap.bytes();
  }

  /** Writes all answers, each section beginning with {@code tag}. */
  void snapshot(StateWriter writer, long tag) {
    TableSnapshot snapshot = TableSnapshot.of(table, allocator);
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(tag);
    snapshot.writeHeader(writer);
    for (int group = 0; group < StateWriter.KEY_GROUPS; group++) {
      if (snapshot.count(group) > 0) {
        writer.section(group);
        writer.putLong(tag);
        snapshot.writeGroup(group, writer);
        for (int i = 0; i < snapshot.count(group); i++) {
          write(snapshot.row(group, i), writer);
        }
      }
    }
  }

  /** The answers of a row, the first one first. */
  private static void write(long entry, StateWriter writer) {
    List<Long> answers = new ArrayList<>();
    for (long answer = Memory.getLong(entry + LAST); answer != 0; answer = Memory.getLong(answer)) {
      answers.add(0, answer);
    }
    writer.putInt(answers.size());
    for (long answer : answers) {
      int length = Memory.getInt(answer + LENGTH);
      writer.putInt(length);
      writer.putInt(Memory.getInt(answer + WEIGHT));
      writer.putInt(rows(answer));
      writer.putBytes(firstRow(answer), length);
    }
  }

  /** Reads the rest of a section whose tag has been read. */
  void restore(int keyGroup, StateReader reader) {
    if (keyGroup == StateWriter.NO_KEY_GROUP) {
      free = TableSnapshot.readHeader(table, reader);
      return;
    }
    List<Long> entries = new ArrayList<>();
    TableSnapshot.readGroup(table, reader, entries::add);
    for (long entry : entries) {
      Memory.putLong(entry + LAST, 0);
      for (int answers = reader.getInt(); answers > 0; answers--) {
        int length = reader.getInt();
        long answer = heap.allocate(Math.addExact(FIRST, length));
        Memory.putInt(answer + LENGTH, length);
        Memory.putInt(answer + WEIGHT, reader.getInt());
        Memory.putInt(answer + ROWS, reader.getInt());
        reader.getBytes(firstRow(answer), length);
        link(entry, answer);
      }
    }
  }

  /** Ends a restore. */
  void finishRestore() {
    if (free != null) {
      TableSnapshot.finish(table, free);
      free = null;
    }
  }

  @Override
  public void close() {
    table.close();
    heap.close();
  }
}
