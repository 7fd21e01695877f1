package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.core.batch.nested.NestedCodec;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import java.util.Arrays;

/**
 * Passes every row on once for each element of its collections, with the weight of the row. Keeps no
 * rows across calls. Of several collections the first elements stand in one row, the second ones in
 * the next, with NULL where one has ended.
 */
public final class UnnestOperator implements Operator {
  /**
   * Makes them.
   *
   * @param inputSchema the columns that are passed on, then the collections
   * @param collections how many collections there are; ARRAYs and MAPs
   * @param expand whether the elements that are ROWs become a column for each field
   * @param outer whether a row without any element is passed on once, with NULLs
   * @param ordinality whether the place of an element, from 1, is the last column, an INT
   * @param outputSchema the columns that are passed on, then those of elements (of a MAP: key and
   *     value)
   */
  public record Factory(
      Schema inputSchema,
      int collections,
      boolean expand,
      boolean outer,
      boolean ordinality,
      Schema outputSchema)
      implements OperatorFactory {
    @Override
    public Operator create(OperatorContext context) {
      return new UnnestOperator(this, context);
    }

    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }
  }

  private final Factory factory;
  private final int passed; // columns of the input that are passed on
  private final Batch out; // what was made and not accepted yet
  private final Utf8 view = new Utf8();
  private final Utf8Buffer scratch;
  private final long[] items; // of each collection the next element; 0 behind the last
  private final long[] places; // how many bytes into its collection that is; kept between calls
  private boolean started; // whether there is a batch on loan
  private int row; // the row of it that is worked on
  private int element; // the element of the row to continue with

  private UnnestOperator(Factory factory, OperatorContext context) {
    this.factory = factory;
    this.passed = factory.inputSchema().size() - factory.collections();
    this.items = new long[factory.collections()];
    this.places = new long[factory.collections()];
    this.scratch = new Utf8Buffer(context.allocator());
    this.out =
        new Batch(
            factory.outputSchema(), Math.max(1, context.batchCapacity()), context.allocator());
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (!started) {
      started = true;
      row = batch.from();
    }
    while (row < batch.to()) {
      if (out.isFull() && !flush(output)) {
        return Progress.BLOCKED;
      }
      unnest(batch);
    }
    if (out.rowCount() > 0 && !flush(output)) {
      return Progress.BLOCKED;
    }
    started = false;
    return Progress.NEEDS_INPUT;
  }

  /** Makes rows of the row that is worked on, as many as fit. */
  private void unnest(Batch batch) {
    boolean more = seek(batch);
    if (!more && element == 0 && factory.outer) {
      emit(batch);
    }
    while (more && !out.isFull()) {
      emit(batch);
      more = advance(batch);
    }
    if (!more) {
      row++;
      element = 0;
      Arrays.fill(places, 0);
    }
  }

  /** Finds the element to continue with in each collection; false where all have ended. */
  private boolean seek(Batch batch) {
    boolean any = false;
    for (int i = 0; i < items.length; i++) {
      Column column = batch.column(passed + i);
      items[i] = 0;
      if (!column.isNull(row)) {
        column.getBytes(row, view);
        long next = view.address + places[i];
        items[i] = NestedBytes.isEnd(next) ? 0 : next;
        any |= items[i] != 0;
      }
    }
    return any;
  }

  private boolean advance(Batch batch) {
    element++;
    boolean any = false;
    for (int i = 0; i < items.length; i++) {
      if (items[i] != 0) {
        long next = NestedBytes.afterEntry(batch.column(passed + i).type(), items[i]);
        places[i] += next - items[i];
        items[i] = NestedBytes.isEnd(next) ? 0 : next;
        any |= items[i] != 0;
      }
    }
    return any;
  }

  private void emit(Batch batch) {
    int at = out.rowCount();
    for (int i = 0; i < passed; i++) {
      out.column(i).copyFrom(batch.column(i), row, row + 1, at);
    }
    int column = passed;
    boolean any = false;
    for (int i = 0; i < items.length; i++) {
      any |= items[i] != 0;
      column = emitItems(batch.column(passed + i).type(), items[i], column, at);
    }
    if (factory.ordinality) {
      if (any) {
        out.column(column).putLong(at, element + 1L);
      } else {
        out.column(column).setNull(at);
      }
    }
    if (out.schema().isChangelog()) {
      out.endRow(batch.weight(row));
    } else {
      out.endRow();
    }
  }

  /** Writes an element to its columns, and returns the column behind them. */
  private int emitItems(DataType of, long item, int firstColumn, int at) {
    DataType collection = of;
    DataType element = of.element();
    boolean fields = collection.kind() == DataType.Kind.MAP;
    long next = item;
    if (!fields && factory.expand && element.kind() == DataType.Kind.ROW) {
      fields = true;
      collection = element;
      next = item == 0 || NestedBytes.isNull(item) ? 0 : item + 1;
    }
    if (!fields) {
      NestedCodec.read(item, element, out.column(firstColumn), at, view, scratch);
      return firstColumn + 1;
    }
    for (int i = 0; i < collection.children().size(); i++) {
      DataType type = collection.children().get(i).type();
      NestedCodec.read(next, type, out.column(firstColumn + i), at, view, scratch);
      next = next == 0 ? 0 : NestedBytes.afterItem(type, next);
    }
    return firstColumn + collection.children().size();
  }

  private boolean flush(Output output) {
    if (!output.offer(out)) {
      return false;
    }
    out.clear();
    return true;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  @Override
  public void close() {
    scratch.close();
    out.close();
  }
}
