package io.laminardb.core.operator.changelog;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowText;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.changelog.TableChange.OnConflict;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A {@link TableChange} that has been checked: rows with weights, as the table's intake takes them.
 * Owns its batches, until they are given away.
 */
public final class ResolvedChange implements AutoCloseable {
  private final Schema schema;
  private final BufferAllocator allocator;
  private final List<Batch> removed = new ArrayList<>();
  private final List<Batch> added = new ArrayList<>();
  private long addedRows;

  private ResolvedChange(Schema schema, BufferAllocator allocator) {
    this.schema = schema;
    this.allocator = allocator;
  }

  /**
   * For a table without a key, in which equal rows may stand side by side.
   *
   * @param schema of the table, a changelog
   * @param allocator where copies of the rows come from
   */
  public static ResolvedChange of(TableChange change, Schema schema, BufferAllocator allocator) {
    ResolvedChange resolved = new ResolvedChange(schema, allocator);
    try {
      change.removed().forEach(batch -> resolved.removeAll(batch, null));
      for (Batch batch : change.added()) {
        for (int row = batch.from(); row < batch.to(); row++) {
          resolved.add(batch, row);
        }
      }
      return resolved;
    } catch (RuntimeException | Error e) {
      resolved.close();
      throw e;
    }
  }

  /**
   * For a table with a key.
   *
   * @param present its rows
   * @throws LaminarException DUPLICATE_KEY
   */
  static ResolvedChange of(
      TableChange change,
      RowsByKey present,
      UpsertOperator.Factory table,
      BufferAllocator allocator) {
    ResolvedChange resolved = new ResolvedChange(table.outputSchema(), allocator);
    try (RowsByKey going = table.noRows(allocator, false);
        RowsByKey coming = table.noRows(allocator, false)) {
      for (Batch batch : change.removed()) {
        for (int row = batch.from(); row < batch.to(); row++) {
          going.look(batch, row);
          going.put();
        }
      }
      for (Batch batch : change.added()) {
        for (int row = batch.from(); row < batch.to(); row++) {
          boolean taken =
              coming.has(batch, row) || present.has(batch, row) && !going.has(batch, row);
          if (taken && change.onConflict() == OnConflict.FAIL) {
            throw duplicate(table, batch, row);
          }
          if (!taken || change.onConflict() == OnConflict.REPLACE) {
            coming.look(batch, row);
            coming.put();
            resolved.add(batch, row);
          }
        }
      }
      change.removed().forEach(batch -> resolved.removeAll(batch, coming));
      return resolved;
    } catch (RuntimeException | Error e) {
      resolved.close();
      throw e;
    }
  }

  private static LaminarException duplicate(UpsertOperator.Factory table, Batch batch, int row) {
    return new LaminarException(
            ErrorCode.DUPLICATE_KEY,
            "a row with the key "
                + RowText.of(batch, row, table.keyColumns())
                + " is there already.")
        .mend("UPDATE it, or INSERT OR REPLACE; no row was changed.");
  }

  /** Takes rows away, but those whose key comes again: there the new row replaces the old one. */
  private void removeAll(Batch batch, RowsByKey coming) {
    for (int row = batch.from(); row < batch.to(); row++) {
      if (coming == null || !coming.has(batch, row)) {
        append(removed, batch, row, -1);
      }
    }
  }

  private void add(Batch batch, int row) {
    append(added, batch, row, 1);
    addedRows++;
  }

  private void append(List<Batch> batches, Batch source, int row, int weight) {
    Batch last = batches.isEmpty() ? null : batches.get(batches.size() - 1);
    if (last == null || last.isFull()) {
      last = new Batch(schema, Batch.DEFAULT_CAPACITY, allocator);
      batches.add(last);
    }
    last.append(source, row, row + 1);
    last.weight(last.rowCount() - 1, weight);
  }

  /** Rows that come. */
  public long addedRows() {
    return addedRows;
  }

  /** The batches, removals first; they are the caller's now. */
  public List<Batch> take() {
    List<Batch> all = new ArrayList<>(removed);
    all.addAll(added);
    removed.clear();
    added.clear();
    return all;
  }

  @Override
  public void close() {
    removed.forEach(Batch::close);
    added.forEach(Batch::close);
  }
}
