package io.laminardb.core.operator.join;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Feeds rows of two inputs to a join as the runtime would, in a random interleaving and batching: a
 * batch ends before a row behind the watermark. The output refuses at random, and now and then the
 * operator is rebuilt from its snapshot.
 */
final class TimeJoinDriver implements Output, OperatorContext {
  /** Columns of both inputs. */
  static final Schema ROWS =
      Schema.appendOnly(
          Field.of("k", DataType.VARCHAR),
          Field.of("ts", DataType.BIGINT),
          Field.notNull("id", DataType.BIGINT));

  /** The columns of both inputs side by side, all nullable. */
  static Schema pairs(boolean changelog) {
    List<Field> fields = new ArrayList<>();
    for (int side = 0; side < 2; side++) {
      ROWS.fields().forEach(field -> fields.add(Field.of(field.name(), field.type())));
    }
    return new Schema(fields, changelog);
  }

  /**
   * A row.
   *
   * @param weight +1, or -1 for one that is taken back
   */
  record Row(String key, Long time, long id, int weight) {
    @Override
    public String toString() {
      return key + "/" + time + "/" + id;
    }
  }

  private final BufferAllocator allocator;
  private final Random random;
  private final long delay;
  private final Map<String, Integer> net = new TreeMap<>();
  private final Utf8 text = new Utf8();
  private Operator operator;
  private long watermarkNs = Watermark.NONE;
  private int late;
  private boolean behind;
  private boolean balanced;
  private long mostStateRows;
  private long rowsAtEnd;

  TimeJoinDriver(BufferAllocator allocator, Random random, long delay) {
    this.allocator = allocator;
    this.random = random;
    this.delay = delay;
  }

  /** The rows that came out, as text, each with how often it did, less how often it was taken back. */
  Map<String, Integer> run(OperatorFactory factory, List<List<Row>> inputs, boolean endsSnapshot) {
    operator = factory.create(this);
    try {
      int[] next = new int[2];
      long[] max = {Long.MIN_VALUE, Long.MIN_VALUE};
      while (next[0] < inputs.get(0).size() || next[1] < inputs.get(1).size()) {
        int port = balanced ? (next[0] <= next[1] ? 0 : 1) : random.nextInt(2);
        port = next[port] < inputs.get(port).size() ? port : 1 - port;
        int count = Math.min(1 + random.nextInt(20), inputs.get(port).size() - next[port]);
        if (count > 0) {
          push(port, inputs.get(port).subList(next[port], next[port] + count), max, factory);
          next[port] += count;
          mostStateRows = Math.max(mostStateRows, operator.stateRows());
        }
        if (endsSnapshot && random.nextInt(5) == 0) {
          rebuild(factory);
        }
      }
      int first = random.nextInt(2);
      watermark(first, Watermark.END);
      watermark(1 - first, Watermark.END);
      behind |= watermarkNs != Watermark.END;
      rowsAtEnd = operator.stateRows();
    } finally {
      operator.close();
    }
    return net;
  }

  /** Takes turns between the inputs from now on, so that none runs ahead. */
  void balance() {
    balanced = true;
  }

  long mostStateRows() {
    return mostStateRows;
  }

  /** Rows of state when both inputs had ended. */
  long rowsAtEnd() {
    return rowsAtEnd;
  }

  int late() {
    return late;
  }

  /** Whether a row came out behind the watermark, or the end never came. */
  boolean isBehind() {
    return behind;
  }

  private void rebuild(OperatorFactory factory) {
    StateWriter writer = new StateWriter();
    operator.snapshot(writer);
    operator.close();
    operator = factory.create(this);
    operator.restore(new StateReader(writer.toBytes()));
  }

  private void push(int port, List<Row> rows, long[] max, OperatorFactory factory) {
    boolean changelog = rows.stream().anyMatch(row -> row.weight() < 0);
    try (Batch batch = new Batch(ROWS.withChangelog(true), rows.size(), allocator)) {
      int from = 0;
      for (Row row : rows) {
        int at = batch.rowCount();
        put(batch.column(0), at, row.key());
        if (row.time() == null) {
          batch.column(1).setNull(at);
        } else {
          batch.column(1).putLong(at, row.time());
        }
        batch.column(2).putLong(at, row.id());
        batch.endRow(row.weight());
      }
      for (int at = 0; at < rows.size(); at++) {
        Long time = rows.get(at).time();
        boolean cut =
            time != null && max[port] != Long.MIN_VALUE && time < max[port] - delay
                || random.nextInt(6) == 0;
        if (cut && at > from) {
          offer(port, batch, from, at);
          from = at;
        }
        if (cut && max[port] != Long.MIN_VALUE) {
          watermark(port, (max[port] - delay) * 1_000_000);
        }
        if (time != null) {
          max[port] = Math.max(max[port], time);
        }
      }
      offer(port, batch, from, rows.size());
      if (max[port] != Long.MIN_VALUE) {
        watermark(port, (max[port] - delay) * 1_000_000);
      }
      assert !changelog || factory.outputSchema().isChangelog();
    }
  }

  private static void put(Column column, int row, String value) {
    if (value == null) {
      column.setNull(row);
    } else {
      byte[] bytes = value.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      column.putBytes(row, bytes, 0, bytes.length);
    }
  }

  private void offer(int port, Batch batch, int from, int to) {
    batch.range(from, to);
    insist(() -> operator.process(port, batch, this));
  }

  private void watermark(int port, long ns) {
    insist(() -> operator.watermark(port, ns, this));
  }

  private static void insist(Supplier<Progress> call) {
    for (int i = 0; i < 100_000; i++) {
      if (call.get() == Progress.NEEDS_INPUT) {
        return;
      }
    }
    throw new AssertionError("still blocked");
  }

  // ---- Output

  @Override
  public boolean offer(Batch batch) {
    if (random.nextInt(3) == 0) {
      return false;
    }
    for (int row = batch.from(); row < batch.to(); row++) {
      StringBuilder line = new StringBuilder();
      for (int side = 0; side < batch.schema().size() / 3; side++) {
        line.append(side == 0 ? "" : " ").append(row(batch, 3 * side, row));
        Column times = batch.column(3 * side + 1);
        boolean weighed = batch.weightsAddress() != 0;
        behind |=
            !weighed
                && side == 0
                && !times.isNull(row)
                && watermarkNs != Watermark.NONE
                && times.getLong(row) * 1_000_000 < watermarkNs;
      }
      net.merge(line.toString(), batch.weight(row), Integer::sum);
      net.remove(line.toString(), 0);
    }
    return true;
  }

  private String row(Batch batch, int column, int row) {
    if (batch.column(column + 2).isNull(row)) {
      return "-";
    }
    String key = null;
    if (!batch.column(column).isNull(row)) {
      batch.column(column).getBytes(row, text);
      key = text.toString();
    }
    Column times = batch.column(column + 1);
    Long time = times.isNull(row) ? null : Long.valueOf(times.getLong(row));
    return new Row(key, time, batch.column(column + 2).getLong(row), 1).toString();
  }

  @Override
  public boolean watermark(long newWatermarkNs) {
    if (random.nextInt(3) == 0) {
      return false;
    }
    behind |= newWatermarkNs < watermarkNs;
    watermarkNs = newWatermarkNs;
    return true;
  }

  // ---- OperatorContext

  @Override
  public BufferAllocator allocator() {
    return allocator;
  }

  @Override
  public int batchCapacity() {
    return 3;
  }

  @Override
  public long nowEpochNs() {
    return 0;
  }

  @Override
  public void timerAt(long epochNs) {
    throw new AssertionError("no timer expected");
  }

  @Override
  public void lateRow(Batch batch, int row) {
    late++;
  }

  @Override
  public void nullTimeRow() {
    throw new AssertionError("rows without time match nothing, and are not counted");
  }

  @Override
  public void rowFailed(Batch batch, int row, RuntimeException failure) {
    throw failure;
  }
}
