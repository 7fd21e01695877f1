package io.laminardb.core.operator.changelog;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.TableRows;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Rows that replace each other by key become changes: the old row of the key is taken back, then the
 * new one added. A row that is the same as before changes nothing. A row taken back takes its key
 * away, whatever its other columns say; of a key that is not there, nothing.
 *
 * <p>Holds no watermark back: a change belongs to the moment it came.
 */
public final class UpsertOperator implements Operator {
  private static final int ROWS_A_CHANGE = 2;

  /**
   * Makes them.
   *
   * @param outputSchema a changelog; what comes in has the same columns, and weights too
   * @param keyColumns the columns that make up the key, at least one
   */
  public record Factory(Schema outputSchema, List<Integer> keyColumns) implements OperatorFactory {
    public Factory {
      keyColumns = List.copyOf(keyColumns);
      if (keyColumns.isEmpty() || !outputSchema.isChangelog()) {
        throw new IllegalArgumentException("upserts need a key and a changelog");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new UpsertOperator(this, context);
    }

    /** A table of such rows that holds none; {@code tracked} where checkpoints copy only changes. */
    RowsByKey noRows(BufferAllocator allocator, boolean tracked) {
      int[] keys = keyColumns.stream().mapToInt(Integer::intValue).toArray();
      return new RowsByKey(outputSchema, keys, allocator, tracked);
    }

    /** None: watermarks are passed on. */
    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public Recall recall() {
      return Recall.FROM_STATE;
    }

    @Override
    public String fingerprint() {
      return "Upsert" + keyColumns + outputSchema;
    }
  }

  private final Factory factory;
  private final OperatorContext context;
  private final RowsByKey present;
  private final Batch changes; // what the output has not accepted yet
  private int next = -1; // of the batch in flight, or -1

  private UpsertOperator(Factory factory, OperatorContext context) {
    this.factory = factory;
    this.context = context;
    present = factory.noRows(context.allocator(), context.tracksChanges());
    try {
      int capacity = Math.max(ROWS_A_CHANGE, context.batchCapacity());
      changes = new Batch(factory.outputSchema(), capacity, context.allocator());
    } catch (RuntimeException e) {
      present.close();
      throw e;
    }
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    int row = next < 0 ? batch.from() : next;
    for (; row < batch.to(); row++) {
      if (changes.capacity() - changes.rowCount() < ROWS_A_CHANGE && !pass(output)) {
        next = row;
        return Progress.BLOCKED;
      }
      change(batch, row);
    }
    if (!pass(output)) {
      next = row;
      return Progress.BLOCKED;
    }
    next = -1;
    return Progress.NEEDS_INPUT;
  }

  private boolean pass(Output output) {
    if (changes.rowCount() > 0) {
      if (!output.offer(changes)) {
        return false;
      }
      changes.clear();
    }
    return true;
  }

  private void change(Batch batch, int row) {
    present.look(batch, row);
    long old = present.find();
    if (batch.weight(row) < 0) {
      if (old != 0) {
        present.read(old, changes, -1);
        present.remove(old);
      }
    } else if (old == 0 || !present.holdsSame(old)) {
      if (old != 0) {
        present.read(old, changes, -1);
      }
      present.put();
      changes.append(batch, row, row + 1);
    }
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  /** Whether these columns, in any order, are the key. */
  public boolean isKey(List<Integer> columns) {
    return columns.size() == factory.keyColumns().size()
        && columns.containsAll(factory.keyColumns());
  }

  /** Whether these columns, in this order, are the key. */
  public boolean isKeyInOrder(List<Integer> columns) {
    return columns.equals(factory.keyColumns());
  }

  /** Tells the present row of a key, if there is one. */
  public void find(long keySource, TableRows.Found found) {
    present.find(keySource, found);
  }

  /** As {@link #recall(Output)}, the rows of some keys, each once: those of the rows of a batch. */
  public void recall(Batch keys, Output output) {
    try (RowsByKey told = factory.noRows(context.allocator(), false)) {
      for (int row = keys.from(); row < keys.to(); row++) {
        present.look(keys, row);
        long entry = present.find();
        if (entry != 0 && !told.has(keys, row)) {
          told.put();
          present.read(entry, changes, 1);
          if (changes.isFull()) {
            pass(output);
          }
        }
      }
    }
    pass(output);
  }

  /**
   * Checks a change against the rows that are present, which stay as they are.
   *
   * @param allocator where the rows of the result come from
   * @throws LaminarException DUPLICATE_KEY
   */
  public ResolvedChange resolve(TableChange change, BufferAllocator allocator) {
    return ResolvedChange.of(change, present, factory, allocator);
  }

  @Override
  public void recall(Output output) {
    present.forEach(
        entry -> {
          present.read(entry, changes, 1);
          if (changes.isFull()) {
            pass(output);
          }
        });
    pass(output);
  }

  @Override
  public void forgetRecalled() {
    changes.clear();
  }

  @Override
  public void snapshot(StateWriter writer) {
    present.snapshot(writer);
  }

  @Override
  public void restore(StateReader reader) {
    present.restore(reader);
  }

  @Override
  public long stateRows() {
    return present.rows();
  }

  @Override
  public long stateBytes() {
    return present.bytes();
  }

  @Override
  public void close() {
    present.close();
    changes.close();
  }
}
