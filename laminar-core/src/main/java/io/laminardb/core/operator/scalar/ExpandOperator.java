package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Passes every batch on once a grouping set, with the keys that are not in the set NULL and the
 * number of the set in a column of its own, behind the others. Copies no row: the columns are the
 * input's, or one of NULLs, or one that holds a set's number in every row.
 */
public final class ExpandOperator implements Operator {
  /**
   * Makes them.
   *
   * @param outputSchema the columns of the input, keys first, and the number of the set
   * @param sets for each set, from 0, which of the keys it holds; at least one set
   */
  public record Factory(Schema outputSchema, List<boolean[]> sets) implements OperatorFactory {
    public Factory {
      sets = List.copyOf(sets);
    }

    @Override
    public Recall recall() {
      return Recall.FROM_INPUTS;
    }

    @Override
    public Operator create(OperatorContext context) {
      return new ExpandOperator(this, context);
    }

    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }
  }

  private final Schema schema;
  private final List<boolean[]> sets;
  private final BufferAllocator allocator;
  private final Column[] nulls; // of each key that a set leaves out; ours to close
  private final Column[] numbers; // of each set; ours to close
  private final Batch[] views; // one a set
  private int rows; // that nulls and numbers have
  private Batch seen; // the batch the views were made of; borrowed
  private int next; // the set at which to continue with the batch on loan

  private ExpandOperator(Factory factory, OperatorContext context) {
    this.schema = factory.outputSchema();
    this.sets = factory.sets();
    this.allocator = context.allocator();
    this.nulls = new Column[sets.get(0).length];
    this.numbers = new Column[sets.size()];
    this.views = new Batch[sets.size()];
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (seen != batch || batch.capacity() > rows) { // a batch may come again with more rows
      look(batch);
    }
    while (next < views.length) {
      Batch view = views[next];
      view.range(batch.from(), batch.to());
      if (!output.offer(view)) {
        return Progress.BLOCKED;
      }
      next++;
    }
    next = 0;
    return Progress.NEEDS_INPUT;
  }

  private void look(Batch batch) {
    seen = null;
    if (batch.capacity() > rows) {
      makeConstants(batch.capacity());
    }
    int last = schema.size() - 1;
    for (int set = 0; set < views.length; set++) {
      boolean[] keys = sets.get(set);
      Column[] columns = new Column[schema.size()];
      for (int i = 0; i < last; i++) {
        columns[i] = i < keys.length && !keys[i] ? nulls[i] : batch.column(i);
      }
      columns[last] = numbers[set];
      views[set] = Batch.view(schema, columns, batch);
    }
    seen = batch;
  }

  private void makeConstants(int newRows) {
    closeConstants();
    for (int i = 0; i < nulls.length; i++) {
      if (isLeftOut(i)) {
        nulls[i] =
            new Column(
                Field.of(schema.field(i).name(), schema.field(i).type()), newRows, allocator);
        for (int row = 0; row < newRows; row++) {
          nulls[i].setNull(row);
        }
      }
    }
    for (int set = 0; set < numbers.length; set++) {
      numbers[set] = new Column(schema.field(schema.size() - 1), newRows, allocator);
      for (int row = 0; row < newRows; row++) {
        numbers[set].putLong(row, set);
      }
    }
    rows = newRows;
  }

  private boolean isLeftOut(int key) {
    for (boolean[] keys : sets) {
      if (!keys[key]) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  private void closeConstants() {
    rows = 0;
    closeAll(nulls);
    closeAll(numbers);
  }

  private static void closeAll(Column[] columns) {
    for (int i = 0; i < columns.length; i++) {
      if (columns[i] != null) {
        columns[i].close();
        columns[i] = null;
      }
    }
  }

  @Override
  public void close() {
    closeConstants();
  }
}
