package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Drives one operator as the runtime does, but worse: the output refuses at random, batches are cut
 * at random, and now and then the operator is replaced by one restored from its snapshot.
 */
final class OperatorHarness implements AutoCloseable, OperatorContext, Output {
  private final OperatorFactory factory;
  private final Schema input;
  private final Random random;
  private final BufferAllocator allocator = new RootAllocator();
  private final int batchCapacity;
  final List<List<Object>> emitted = new ArrayList<>(); // the weight is the last value
  final List<Long> watermarks = new ArrayList<>();
  final List<List<Object>> late = new ArrayList<>();
  final List<String> failures = new ArrayList<>();
  private final boolean unstable;
  int nullTimes;
  long now = 1;
  long timerAt = Long.MAX_VALUE;
  Operator operator;

  OperatorHarness(OperatorFactory factory, Schema input, Random random, boolean unstable) {
    this.factory = factory;
    this.input = input;
    this.random = random;
    this.unstable = unstable;
    this.batchCapacity = unstable ? 2 + random.nextInt(6) : 64;
    operator = factory.create(this);
    repeat(() -> operator.start(this));
  }

  /** Pushes rows (the weight last) in batches of random sizes. */
  void push(List<List<Object>> rows) {
    int from = 0;
    while (from < rows.size()) {
      int to = unstable ? from + 1 + random.nextInt(rows.size() - from) : rows.size();
      try (Batch batch = new Batch(input, to - from, allocator)) {
        for (List<Object> row : rows.subList(from, to)) {
          write(batch, row);
        }
        repeat(() -> operator.process(0, batch, this));
      }
      from = to;
      replaceSometimes();
    }
  }

  void mark(long ns) {
    repeat(() -> operator.watermark(0, ns, this));
    replaceSometimes();
  }

  void advance(long ns) {
    now += ns;
    if (now >= timerAt) {
      timerAt = Long.MAX_VALUE;
      repeat(() -> operator.timer(now, this));
      replaceSometimes();
    }
  }

  private void replaceSometimes() {
    if (unstable && random.nextInt(4) == 0) {
      StateWriter writer = new StateWriter();
      operator.snapshot(writer);
      operator.close();
      timerAt = Long.MAX_VALUE;
      operator = factory.create(this);
      operator.restore(new StateReader(writer.toBytes()));
    }
  }

  private static void repeat(Supplier<Progress> call) {
    for (int i = 0; call.get() == Progress.BLOCKED; i++) {
      if (i > 1_000_000) {
        throw new AssertionError("the operator is stuck");
      }
    }
  }

  static void write(Batch batch, List<Object> row) {
    int at = batch.rowCount();
    for (int i = 0; i < batch.schema().size(); i++) {
      Column column = batch.column(i);
      Object value = row.get(i);
      if (value == null) {
        column.setNull(at);
      } else if (value instanceof String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        column.putBytes(at, bytes, 0, bytes.length);
      } else if (value instanceof Boolean bool) {
        column.putBoolean(at, bool);
      } else if (value instanceof Double number) {
        column.putDouble(at, number);
      } else if (value instanceof BigDecimal decimal) {
        BigInteger unscaled = decimal.setScale(column.type().scale()).unscaledValue();
        column.putDecimal(at, unscaled.longValue(), unscaled.shiftRight(64).longValue());
      } else {
        column.putLong(at, ((Number) value).longValue());
      }
    }
    if (batch.schema().isChangelog()) {
      batch.endRow(((Number) row.get(batch.schema().size())).intValue());
    } else {
      batch.endRow();
    }
  }

  static List<Object> read(Batch batch, int row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < batch.schema().size(); i++) {
      Column column = batch.column(i);
      if (column.isNull(row)) {
        values.add(null);
        continue;
      }
      values.add(
          switch (column.type().kind()) {
            case VARCHAR, VARBINARY -> {
              Utf8 view = new Utf8();
              column.getBytes(row, view);
              yield view.toString();
            }
            case BOOLEAN -> column.getBoolean(row);
            case REAL, DOUBLE -> column.getDouble(row);
            case DECIMAL ->
                new BigDecimal(
                    BigInteger.valueOf(column.getDecimalHigh(row))
                        .shiftLeft(64)
                        .add(new BigInteger(Long.toUnsignedString(column.getDecimalLow(row)))),
                    column.type().scale());
            default -> column.getLong(row);
          });
    }
    values.add((long) batch.weight(row));
    return values;
  }

  @Override
  public boolean offer(Batch batch) {
    if (unstable && random.nextInt(3) == 0) {
      return false;
    }
    for (int row = batch.from(); row < batch.to(); row++) {
      emitted.add(read(batch, row));
    }
    return true;
  }

  @Override
  public boolean watermark(long watermarkNs) {
    if (unstable && random.nextInt(3) == 0) {
      return false;
    }
    watermarks.add(watermarkNs);
    return true;
  }

  @Override
  public BufferAllocator allocator() {
    return allocator;
  }

  @Override
  public int batchCapacity() {
    return batchCapacity;
  }

  @Override
  public long nowEpochNs() {
    return now;
  }

  @Override
  public void timerAt(long epochNs) {
    timerAt = epochNs;
  }

  @Override
  public void lateRow(Batch batch, int row) {
    late.add(read(batch, row));
  }

  @Override
  public void nullTimeRow() {
    nullTimes++;
  }

  @Override
  public void rowFailed(Batch batch, int row, RuntimeException failure) {
    failures.add(failure.getMessage());
  }

  @Override
  public void close() {
    operator.close();
    long left = allocator.getAllocatedMemory();
    allocator.close();
    if (left != 0) {
      throw new AssertionError(left + " bytes leaked");
    }
  }
}
