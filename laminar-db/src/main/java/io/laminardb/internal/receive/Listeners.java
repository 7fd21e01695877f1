package io.laminardb.internal.receive;

import io.laminardb.Row;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.BatchListener;
import io.laminardb.internal.arrow.LentRoot;
import io.laminardb.internal.record.RecordReader;
import io.laminardb.internal.row.BatchRow;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Users' callbacks as batch listeners. Each serves one subscription. */
public final class Listeners {
  private Listeners() {}

  /** Calls with one row after the other; the row object is the same and valid during the call. */
  public static BatchListener rows(Schema schema, Consumer<Row> consumer) {
    BatchRow row = new BatchRow(schema);
    return batch -> {
      int to = batch.to();
      for (int i = batch.from(); i < to; i++) {
        consumer.accept(row.at(batch, i));
      }
      row.detach();
    };
  }

  /** Calls with one record after the other. */
  public static <T> BatchListener records(
      String owner, Schema schema, Class<T> type, Consumer<T> consumer) {
    RecordReader<T> reader = RecordReader.of(type, owner, schema);
    return batch -> {
      for (int i = batch.from(); i < batch.to(); i++) {
        consumer.accept(reader.read(batch, i));
      }
    };
  }

  /** Calls with Arrow roots over the engine's own memory, valid during the call. */
  public static BatchListener roots(
      BufferAllocator allocator, Consumer<VectorSchemaRoot> consumer) {
    return new Roots(new LentRoot(allocator), consumer);
  }

  private record Roots(LentRoot loan, Consumer<VectorSchemaRoot> consumer)
      implements BatchListener {
    @Override
    public void onBatch(Batch batch) {
      try {
        consumer.accept(loan.lend(batch));
      } finally {
        loan.giveBack();
      }
    }

    @Override
    public void onEnd() {
      loan.close();
    }

    @Override
    public void onFailure(LaminarException failure) {
      loan.close();
    }

    @Override
    public void free() {
      loan.close();
    }
  }
}
