package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.time.Watermark;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows a query sets aside, late or failed ones, as a stream. They are gathered while an operator runs
 * and passed on afterwards; when nobody takes them, the query waits before its next batch.
 */
final class SideStream {
  /** The rows of an error stream. */
  static final Schema ERRORS =
      Schema.appendOnly(
          Field.notNull("operator", DataType.VARCHAR),
          Field.notNull("error", DataType.VARCHAR),
          Field.notNull("row", DataType.VARCHAR));

  private static final int BATCH_ROWS = 256;
  private static final int MAX_WAITING = 4;

  final StreamOutput output;
  private final BufferAllocator allocator;
  private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
  private Batch spare;
  private boolean refused; // the first batch is in flight
  private boolean ending;

  SideStream(String name, Schema schema, BufferAllocator allocator) {
    this.output = new StreamOutput(name, schema);
    this.allocator = allocator;
  }

  void add(Batch batch, int row) {
    writable().append(batch, row, row + 1);
  }

  void addText(String operator, String error, String row) {
    Batch batch = writable();
    int at = batch.rowCount();
    putText(batch, 0, at, operator);
    putText(batch, 1, at, error);
    putText(batch, 2, at, row);
    batch.endRow();
  }

  private static void putText(Batch batch, int column, int row, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    batch.column(column).putBytes(row, bytes, 0, bytes.length);
  }

  private Batch writable() {
    Batch last = waiting.peekLast();
    // The first one may be in flight: a batch that was offered does not change.
    if (last == null || last.isFull() || last == waiting.peekFirst() && refused) {
      last = spare != null ? spare : new Batch(output.schema, BATCH_ROWS, allocator);
      spare = null;
      last.clear();
      waiting.add(last);
    }
    return last;
  }

  boolean hasRoom() {
    return waiting.size() < MAX_WAITING;
  }

  boolean hasWork() {
    return !waiting.isEmpty() || ending;
  }

  /** The query has seen the end of all its inputs. */
  void end() {
    if (output.watermark() != Watermark.END) {
      ending = true;
    }
  }

  /** Passes rows on; answers whether all went. */
  boolean flush() {
    Batch batch;
    while ((batch = waiting.peek()) != null) {
      refused = !output.offer(batch);
      if (refused) {
        return false;
      }
      waiting.poll();
      if (spare == null) {
        spare = batch;
      } else {
        batch.close();
      }
    }
    if (ending) {
      if (!output.watermark(Watermark.END)) {
        return false;
      }
      ending = false;
    }
    return true;
  }

  void close() {
    waiting.forEach(Batch::close);
    waiting.clear();
    if (spare != null) {
      spare.close();
      spare = null;
    }
  }
}
