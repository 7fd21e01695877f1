package io.laminardb.internal.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.internal.row.BatchRow;
import io.laminardb.internal.row.BatchRowTarget;
import io.laminardb.internal.row.ColumnRowWriter;
import java.lang.management.ManagementFactory;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class AllocationTest {
  private static final int ROWS = 4096;
  private static final int ROUNDS = 50;
  private static final Schema TRADES =
      Schema.appendOnly(
          Field.notNull("symbol", DataType.VARCHAR),
          Field.notNull("price", DataType.DOUBLE),
          Field.of("volume", DataType.BIGINT),
          Field.notNull("ts", DataType.timestamp(3)));

  private record Trade(String symbol, double price, Long volume, long ts) {}

  private final Trade[] trades = new Trade[ROWS];

  AllocationTest() {
    for (int i = 0; i < ROWS; i++) {
      trades[i] =
          new Trade(i % 3 == 0 ? "ÄÖÜ" + i : "SYM" + i, i, i % 5 == 0 ? null : 1000L + i, i);
    }
  }

  @Test
  void writingAndReadingRowsAllocatesNothing() {
    try (RootAllocator allocator = new RootAllocator();
        Batch batch = new Batch(TRADES, ROWS, allocator)) {
      ColumnRowWriter rows = new ColumnRowWriter(new BatchRowTarget(batch), "source \"trades\"");
      BatchRow row = new BatchRow(TRADES);
      assertThat(
              bytesPerRow(
                  () -> {
                    batch.clear();
                    writeColumns(rows);
                  }))
          .isLessThan(0.1);
      assertThat(bytesPerRow(() -> read(batch, row))).isLessThan(0.1);
    }
  }

  @Test
  void writingRecordsAllocatesNothing() {
    try (RootAllocator allocator = new RootAllocator();
        Batch batch = new Batch(TRADES, ROWS, allocator)) {
      ColumnRowWriter rows = new ColumnRowWriter(new BatchRowTarget(batch), "source \"trades\"");
      RecordWriter<Trade> records = RecordWriter.of(Trade.class, "source \"trades\"", TRADES);
      assertThat(
              bytesPerRow(
                  () -> {
                    batch.clear();
                    for (Trade trade : trades) {
                      rows.begin();
                      records.write(trade, rows);
                      rows.endRow();
                    }
                  }))
          .isLessThan(0.1);
    }
  }

  private void writeColumns(ColumnRowWriter rows) {
    for (Trade trade : trades) {
      rows.begin().setString(0, trade.symbol()).setDouble(1, trade.price()).setLong(3, trade.ts());
      if (trade.volume() != null) {
        rows.setLong(2, trade.volume());
      }
      rows.endRow();
    }
  }

  private static void read(Batch batch, BatchRow row) {
    double sum = 0;
    for (int i = 0; i < ROWS; i++) {
      row.at(batch, i);
      sum += row.getDouble("price") + row.getEpochNanos("ts");
      if (!row.isNull("volume")) {
        sum += row.getLong("volume");
      }
    }
    assertThat(sum).isPositive();
  }

  /** The least of several measurements: the compiler may allocate on our thread now and then. */
  private static double bytesPerRow(Runnable round) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    double least = Double.MAX_VALUE;
    for (int attempt = 0; attempt < 5; attempt++) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < ROUNDS; i++) {
        round.run();
      }
      long bytes = threads.getThreadAllocatedBytes(thread) - before;
      least = Math.min(least, (double) bytes / ((long) ROWS * ROUNDS));
    }
    return least;
  }
}
