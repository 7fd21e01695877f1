package io.laminardb.internal.receive;

import io.laminardb.Row;
import io.laminardb.Subscription;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.runtime.BatchFeed;
import io.laminardb.core.runtime.Subscription.State;
import io.laminardb.internal.record.RecordReader;
import io.laminardb.internal.row.BatchRowTarget;
import io.laminardb.internal.row.ColumnRowWriter;
import io.laminardb.internal.row.OwnedRow;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;

/**
 * A pull subscription whose batches are taken apart into rows. A batch is on loan during a call only,
 * so that the database can be closed between two of them.
 */
public final class PulledSubscription implements Subscription {
  private final BatchFeed pull;
  private final Runnable onClose;
  private final ArrayDeque<Row> taken = new ArrayDeque<>(); // from the last batch

  public PulledSubscription(BatchFeed pull) {
    this(pull, () -> {});
  }

  /**
   * @param onClose is run when it has been closed, perhaps more than once
   */
  public PulledSubscription(BatchFeed pull, Runnable onClose) {
    this.pull = pull;
    this.onClose = onClose;
  }

  @Override
  public Schema schema() {
    return pull.schema();
  }

  @Override
  public List<Row> drain() {
    List<Row> rows = new ArrayList<>(taken);
    taken.clear();
    long enough = rows.size() + pull.waitingRows(); // rows that come meanwhile may never end
    do {
      if (failsNext(rows) || !take(0)) {
        break;
      }
      rows.addAll(taken);
      taken.clear();
    } while (rows.size() < enough);
    return rows;
  }

  @Override
  public <T> List<T> drain(Class<T> type) {
    RecordReader<T> reader = RecordReader.of(type, pull.name(), schema());
    List<T> records = new ArrayList<>();
    long enough = taken.size() + pull.waitingRows();
    readTaken(reader, records);
    do {
      Batch batch = failsNext(records) ? null : pull.poll();
      if (batch == null) {
        break;
      }
      try {
        read(reader, batch, records);
      } finally {
        pull.release();
      }
    } while (records.size() < enough);
    return records;
  }

  /** A failure behind rows is for the next call: the rows come first. */
  private boolean failsNext(List<?> rows) {
    return !rows.isEmpty() && pull.failure() != null && pull.waitingRows() == 0;
  }

  private static <T> void read(RecordReader<T> reader, Batch batch, List<T> records) {
    for (int i = batch.from(); i < batch.to(); i++) {
      records.add(reader.read(batch, i));
    }
  }

  /** Rows that were taken by {@link #poll()} go back into a batch of their own. */
  private <T> void readTaken(RecordReader<T> reader, List<T> records) {
    if (taken.isEmpty()) {
      return;
    }
    try (RootAllocator allocator = new RootAllocator();
        Batch batch = new Batch(schema(), taken.size(), allocator)) {
      ColumnRowWriter writer = new ColumnRowWriter(new BatchRowTarget(batch), pull.name());
      for (Row row : taken) {
        Object[] values = new Object[schema().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = row.getObject(i);
        }
        writer.push(row.weight(), false, values);
      }
      read(reader, batch, records);
    }
    taken.clear();
  }

  @Override
  public Row poll() {
    return row(0);
  }

  @Override
  public Row poll(Duration timeout) {
    return row(timeout.toNanos());
  }

  private Row row(long timeoutNs) {
    return taken.isEmpty() && !take(timeoutNs) ? null : taken.poll();
  }

  private boolean take(long timeoutNs) {
    Batch batch = timeoutNs <= 0 ? pull.poll() : pull.poll(timeoutNs);
    if (batch == null) {
      return false;
    }
    try {
      for (int i = batch.from(); i < batch.to(); i++) {
        taken.add(OwnedRow.of(schema(), batch, i));
      }
    } finally {
      pull.release();
    }
    return true;
  }

  /** Forgets what was taken and not given. */
  void forget() {
    pull.release();
    taken.clear();
  }

  @Override
  public boolean isEnded() {
    return pull.state() != State.OPEN && taken.isEmpty() && pull.waitingRows() == 0;
  }

  @Override
  public long droppedRows() {
    return pull.droppedRows();
  }

  @Override
  public void close() {
    pull.close();
    onClose.run();
  }
}
