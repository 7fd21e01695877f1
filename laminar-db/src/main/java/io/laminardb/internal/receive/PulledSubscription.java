package io.laminardb.internal.receive;

import io.laminardb.Row;
import io.laminardb.Subscription;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.runtime.PullSubscription;
import io.laminardb.internal.record.RecordReader;
import io.laminardb.internal.row.OwnedRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A pull subscription whose batches are taken apart into rows. */
public final class PulledSubscription implements Subscription {
  private final PullSubscription pull;
  private Batch batch; // on loan, rows before next are taken
  private int next;

  public PulledSubscription(PullSubscription pull) {
    this.pull = pull;
  }

  @Override
  public Schema schema() {
    return pull.schema();
  }

  @Override
  public List<Row> drain() {
    List<Row> rows = new ArrayList<>();
    for (Row row = poll(); row != null; row = pollAfter(rows)) {
      rows.add(row);
    }
    return rows;
  }

  /** A failure behind rows is for the next call: the rows come first. */
  private Row pollAfter(List<Row> taken) {
    if (batch == null && pull.failure() != null && pull.waitingRows() == 0 && !taken.isEmpty()) {
      return null;
    }
    return poll();
  }

  @Override
  public <T> List<T> drain(Class<T> type) {
    RecordReader<T> reader = RecordReader.of(type, pull.name(), schema());
    List<T> records = new ArrayList<>();
    while (advance(0)) {
      records.add(reader.read(batch, next));
      taken();
      if (batch == null && pull.failure() != null && pull.waitingRows() == 0) {
        break;
      }
    }
    return records;
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
    if (!advance(timeoutNs)) {
      return null;
    }
    Row row = OwnedRow.of(schema(), batch, next);
    taken();
    return row;
  }

  private boolean advance(long timeoutNs) {
    if (batch == null) {
      batch = timeoutNs <= 0 ? pull.poll() : pull.poll(timeoutNs);
      if (batch != null) {
        next = batch.from();
      }
    }
    return batch != null;
  }

  private void taken() {
    next++;
    if (next == batch.to()) {
      batch = null;
      pull.release();
    }
  }

  @Override
  public boolean isEnded() {
    return pull.state() != PullSubscription.State.OPEN && batch == null && pull.waitingRows() == 0;
  }

  @Override
  public long droppedRows() {
    return pull.droppedRows();
  }

  @Override
  public void close() {
    batch = null;
    pull.close();
  }
}
