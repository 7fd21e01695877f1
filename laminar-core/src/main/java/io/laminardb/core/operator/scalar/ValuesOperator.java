package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.math.BigInteger;

/** Emits rows of constants when the graph starts, then ends. Has no input. */
public final class ValuesOperator implements Operator {
  /**
   * Makes operators that emit {@code rows}.
   *
   * @param outputSchema their columns
   * @param rows Long (also of BOOLEAN and times, in the column's unit), Double, byte[] (UTF-8), or
   *     the unscaled BigInteger of a DECIMAL; null for NULL. Not changed by anybody
   */
  public record Factory(Schema outputSchema, Object[][] rows) implements OperatorFactory {
    @Override
    public Operator create(OperatorContext context) {
      return new ValuesOperator(this, context);
    }
  }

  private final Schema schema;
  private final Object[][] rows;
  private final Batch batch;
  private int next; // the first row that is not in a batch yet
  private boolean ended;

  private ValuesOperator(Factory factory, OperatorContext context) {
    this.schema = factory.outputSchema();
    this.rows = factory.rows();
    this.batch =
        new Batch(
            schema,
            Math.max(1, Math.min(rows.length, context.batchCapacity())),
            context.allocator());
  }

  @Override
  public Progress start(Output output) {
    while (next < rows.length || batch.rowCount() > 0) {
      if (batch.rowCount() == 0) {
        fill();
      }
      if (!output.offer(batch)) {
        return Progress.BLOCKED;
      }
      batch.clear();
    }
    if (!ended) {
      if (!output.watermark(Watermark.END)) {
        return Progress.BLOCKED;
      }
      ended = true;
    }
    return Progress.NEEDS_INPUT;
  }

  private void fill() {
    for (; next < rows.length && !batch.isFull(); next++) {
      for (int i = 0; i < schema.size(); i++) {
        put(batch.column(i), batch.rowCount(), rows[next][i]);
      }
      if (schema.isChangelog()) {
        batch.endRow(1);
      } else {
        batch.endRow();
      }
    }
  }

  private static void put(Column column, int row, Object value) {
    if (value == null) {
      column.setNull(row);
    } else if (value instanceof Long number) {
      column.putLong(row, number);
    } else if (value instanceof Double number) {
      column.putDouble(row, number);
    } else if (value instanceof byte[] bytes) {
      column.putBytes(row, bytes, 0, bytes.length);
    } else if (value instanceof BigInteger unscaled) {
      column.putDecimal(row, unscaled.longValue(), unscaled.shiftRight(Long.SIZE).longValue());
    } else {
      throw new IllegalArgumentException(
          value.getClass() + " in a column of type " + typeOf(column));
    }
  }

  private static DataType typeOf(Column column) {
    return column.type();
  }

  @Override
  public Progress process(int port, Batch rowsOfNobody, Output output) {
    throw new IllegalStateException("constants have no input");
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    throw new IllegalStateException("constants have no input");
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putInt(next);
    writer.putByte(ended ? 1 : 0);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      reader.section();
      next = reader.getInt();
      ended = reader.getByte() != 0;
    }
  }

  @Override
  public void close() {
    batch.close();
  }
}
