package io.laminardb.bench;

import io.laminardb.core.batch.Batch;
import java.util.function.Consumer;

/** Where the rows of a hand-written loop go: to a batch, as the engine's. */
final class HandResults {
  private final Batch out;
  private final Consumer<Batch> consumer;

  HandResults(Batch out, Consumer<Batch> consumer) {
    this.out = out;
    this.consumer = consumer;
  }

  void add(long text, int length, long price, long volume) {
    put(text, length, price, volume);
    out.endRow();
    if (out.isFull()) {
      flush();
    }
  }

  /** Adds a row to a changelog. */
  void add(long text, int length, long price, long volume, int weight) {
    put(text, length, price, volume);
    out.endRow(weight);
    if (out.isFull()) {
      flush();
    }
  }

  private void put(long text, int length, long price, long volume) {
    int row = out.rowCount();
    out.column(0).putBytes(row, text, length);
    out.column(1).putLong(row, price);
    out.column(2).putLong(row, volume);
  }

  void flush() {
    consumer.accept(out);
    out.clear();
  }
}
