package io.laminardb.core.operator.sort;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * ORDER BY, OFFSET and LIMIT of a query that ends: keeps the rows, emits them in order at the end of
 * input. Rows that compare equal stay in arrival order. Takes append-only rows.
 */
public final class SortOperator implements Operator {
  /**
   * A column to sort by.
   *
   * @param column its index
   * @param descending greatest first
   * @param nullsFirst whether NULLs come before all values, in either direction
   */
  public record Key(int column, boolean descending, boolean nullsFirst) {}

  /**
   * Makes sorts.
   *
   * @param inputSchema what comes in, append-only
   * @param keys none for LIMIT alone
   * @param offset rows to skip
   * @param limit rows to emit at most, or -1
   * @param outputSchema the same columns
   */
  public record Factory(
      Schema inputSchema, List<Key> keys, long offset, long limit, Schema outputSchema)
      implements OperatorFactory {
    public Factory {
      keys = List.copyOf(keys);
      if (inputSchema.isChangelog()) {
        throw new IllegalArgumentException("a changelog cannot be sorted");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new SortOperator(this, context);
    }

    @Override
    public String fingerprint() {
      return "Sort" + keys + inputSchema;
    }
  }

  private final Factory factory;
  private final OperatorContext context;
  private final RowOrder order;
  private final List<Batch> kept = new ArrayList<>(); // all full but the last; ours to close
  private long rows;
  private Batch out; // rows the output has not accepted yet; ours to close
  private Long[] sorted; // places of rows in order, while they are emitted
  private int next; // index into sorted
  private boolean ended;

  private SortOperator(Factory factory, OperatorContext context) {
    this.factory = factory;
    this.context = context;
    this.order = new RowOrder(factory.keys());
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    int from = batch.from();
    int to = from + (int) Math.min(batch.size(), wanted());
    while (from < to) {
      Batch last = last();
      int count = Math.min(to - from, last.capacity() - last.rowCount());
      last.append(batch, from, from + count);
      from += count;
      rows += count;
    }
    return Progress.NEEDS_INPUT;
  }

  /** Rows that may still be needed: without keys the first ones are enough. */
  private long wanted() {
    return factory.keys().isEmpty() && factory.limit() >= 0
        ? Math.max(0, factory.offset() + factory.limit() - rows)
        : Long.MAX_VALUE;
  }

  private Batch last() {
    if (kept.isEmpty() || kept.get(kept.size() - 1).isFull()) {
      kept.add(new Batch(factory.inputSchema(), context.batchCapacity(), context.allocator()));
    }
    return kept.get(kept.size() - 1);
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    if (watermarkNs != Watermark.END || ended) {
      return Progress.NEEDS_INPUT;
    }
    if (sorted == null) {
      sort();
    }
    while (next < sorted.length || out.rowCount() > 0) {
      if (out.rowCount() == 0) {
        fill();
      }
      if (!output.offer(out)) {
        return Progress.BLOCKED;
      }
      out.clear();
    }
    if (!output.watermark(Watermark.END)) {
      return Progress.BLOCKED;
    }
    ended = true;
    release();
    return Progress.NEEDS_INPUT;
  }

  private void sort() {
    Long[] places = new Long[Math.toIntExact(rows)];
    int index = 0;
    for (int chunk = 0; chunk < kept.size(); chunk++) {
      for (int row = 0; row < kept.get(chunk).rowCount(); row++) {
        places[index++] = (long) chunk << 32 | row;
      }
    }
    if (!factory.keys().isEmpty()) {
      Arrays.sort(places, this::compare);
    }
    int from = (int) Math.min(factory.offset(), places.length);
    int to =
        factory.limit() < 0
            ? places.length
            : (int) Math.min(places.length, from + Math.min(factory.limit(), places.length));
    sorted = Arrays.copyOfRange(places, from, to);
    next = 0;
    out = new Batch(factory.outputSchema(), context.batchCapacity(), context.allocator());
  }

  private int compare(long left, long right) {
    return order.compare(
        kept.get((int) (left >> 32)), (int) left, kept.get((int) (right >> 32)), (int) right);
  }

  private void fill() {
    while (next < sorted.length && !out.isFull()) {
      long place = sorted[next++];
      out.append(kept.get((int) (place >> 32)), (int) place, (int) place + 1);
    }
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putByte(ended ? 1 : 0);
    writer.putLong(rows);
    for (Batch batch : kept) {
      for (int row = 0; row < batch.rowCount(); row++) {
        RowState.write(batch, row, writer);
      }
    }
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      reader.section();
      ended = reader.getByte() != 0;
      rows = reader.getLong();
      for (long i = 0; i < rows; i++) {
        RowState.read(last(), reader);
      }
    }
  }

  @Override
  public long stateRows() {
    return rows;
  }

  @Override
  public Waiting waiting() {
    return ended ? null : new Waiting("the end of input, with " + rows + " rows", Watermark.END);
  }

  @Override
  public void close() {
    release();
  }

  private void release() {
    kept.forEach(Batch::close);
    kept.clear();
    rows = 0;
    sorted = null;
    if (out != null) {
      out.close();
      out = null;
    }
  }
}
