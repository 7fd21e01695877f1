package io.laminardb.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.ring.ColumnarRing;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A row writer on one thread, the ring's consumer on another. */
class RingWriterTest {
  private static final int ROWS = 50_000;
  private static final Schema SCHEMA =
      Schema.changelog(
          Field.notNull("id", DataType.BIGINT),
          Field.of("flag", DataType.BOOLEAN),
          Field.of("name", DataType.VARCHAR),
          Field.of("note", DataType.VARCHAR),
          Field.of("amount", DataType.DOUBLE));

  @ParameterizedTest
  @ValueSource(ints = {4, 100, 100_000})
  @Timeout(300)
  void everyRowArrivesAsItWasWritten(int capacityRows) throws Exception {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    try (RootAllocator allocator = new RootAllocator();
        ColumnarRing ring = new ColumnarRing(SCHEMA, capacityRows, allocator)) {
      CompletableFuture<Void> producer =
          CompletableFuture.runAsync(() -> produce(new RingTarget(ring), new Random(seed)));
      Random expected = new Random(seed);
      BatchRow row = new BatchRow(SCHEMA);
      int read = 0;
      while (read < ROWS && !producer.isCompletedExceptionally()) {
        if (ring.poll(1 + read % 3000) != ColumnarRing.ROWS) {
          Thread.yield();
          continue;
        }
        Batch batch = ring.batch();
        for (int i = batch.from(); i < batch.to(); i++) {
          Object[] values = values(expected, read++);
          row.at(batch, i);
          for (int column = 0; column < values.length; column++) {
            assertThat(row.getObject(column)).as("seed " + seed).isEqualTo(values[column]);
          }
          assertThat(row.weight()).isEqualTo(read % 2 == 0 ? -1 : 1);
        }
        ring.consume(batch.size());
      }
      producer.get(60, TimeUnit.SECONDS);
      assertThat(read).isEqualTo(ROWS);
    }
  }

  @Test
  void answersFalseWhenTheRingIsFull() {
    try (RootAllocator allocator = new RootAllocator();
        ColumnarRing ring = new ColumnarRing(SCHEMA, 16, allocator)) {
      ColumnRowWriter rows = new ColumnRowWriter(new RingTarget(ring), "source \"s\"");
      long accepted = 0;
      while (accepted < 1000 && rows.push(1, false, accepted, null, "n", null, null)) {
        accepted++;
      }
      assertThat(accepted).isBetween(16L, 100L).isEqualTo(ring.size());
    }
  }

  private static void produce(RingTarget target, Random random) {
    ColumnRowWriter rows = new ColumnRowWriter(target, "source \"s\"");
    for (int i = 0; i < ROWS; i++) {
      Object[] values = values(random, i);
      if (i % 7 == 0) { // a row that is given up leaves nothing behind
        rows.begin().setNull(1).setNull(2).setString(3, "given up").setNull(4);
      }
      rows.push(i % 2 == 0 ? 1 : -1, true, values);
    }
  }

  private static Object[] values(Random random, int row) {
    int length = random.nextInt(200) == 0 ? random.nextInt(5000) : random.nextInt(20);
    return new Object[] {
      (long) row,
      random.nextInt(4) == 0 ? null : random.nextBoolean(),
      random.nextInt(4) == 0 ? null : "é".repeat(length),
      random.nextInt(4) == 0 ? null : "n" + row,
      random.nextInt(4) == 0 ? null : random.nextDouble()
    };
  }

  /** Waits by yielding. */
  private record RingTarget(ColumnarRing ring) implements RowTarget {
    @Override
    public Schema schema() {
      return ring.schema();
    }

    @Override
    public boolean begin(boolean wait) {
      while (!ring.beginPlace()) {
        if (!wait) {
          return false;
        }
        Thread.yield();
      }
      return true;
    }

    @Override
    public Batch batch() {
      return ring.placeBatch();
    }

    @Override
    public int row() {
      return ring.placeRow();
    }

    @Override
    public boolean roll(int column, long bytes, boolean wait) {
      ring.rollPlace(column, bytes);
      return true;
    }

    @Override
    public boolean endRow(int weight) {
      ring.endPlace(weight);
      return true;
    }
  }
}
