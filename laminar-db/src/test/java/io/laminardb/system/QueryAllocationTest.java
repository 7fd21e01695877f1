package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.laminardb.LaminarDB;
import io.laminardb.RowWriter;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.internal.arrow.ArrowSchemas;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.Test;

/** From Arrow batches, or rows written, to Arrow batches: steady state allocates nothing a row. */
class QueryAllocationTest {
  private static final int BATCH_ROWS = 4_096;
  private static final int WARM_UP_BATCHES = 300;
  private static final int BATCHES = 100;

  /** The last compiler takes allocations away, and has its turn late on a busy machine. */
  private static final int MOST_ROUNDS = 100;

  private static final double LIMIT = 0.1; // bytes a row
  private static final String[] SYMBOLS =
      IntStream.range(0, 1000).mapToObj(i -> "SYM" + i).toArray(String[]::new);

  @Test
  void filterAndProject() {
    check("SELECT symbol, price * volume AS amount FROM trades WHERE price > 50");
  }

  @Test
  void tumblingAggregate() {
    check(
        "SELECT symbol, SUM(price * volume) / SUM(volume) AS vwap, COUNT(*) AS n FROM trades"
            + " GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)");
  }

  @Test
  void hoppingAverage() {
    check(
        "SELECT symbol, AVG(price) AS mean FROM trades"
            + " GROUP BY symbol, hop(ts, INTERVAL '5' MINUTE, INTERVAL '1' MINUTE)");
  }

  @Test
  void sessions() {
    check(
        "SELECT symbol, SUM(volume) AS total, COUNT(*) AS n FROM trades"
            + " GROUP BY symbol, session(ts, INTERVAL '0.9' SECOND)");
  }

  @Test
  void runningAggregateWithChanges() {
    check(
        "SELECT symbol, SUM(volume) AS total, COUNT(*) AS n FROM trades GROUP BY symbol EMIT CHANGES");
  }

  private static void check(String query) {
    for (Feed feed : Feed.values()) {
      assertThat(leastBytesPerRow(query, feed))
          .as("bytes a row of %s, fed as %s", query, feed)
          .isLessThan(LIMIT);
    }
  }

  private enum Feed {
    ARROW,
    ROWS
  }

  /** Of rounds up to one that is below the limit. */
  private static double leastBytesPerRow(String query, Feed feed) {
    double least = Double.MAX_VALUE;
    try (RootAllocator allocator = new RootAllocator();
        LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(
          "CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE NOT NULL, volume BIGINT NOT NULL, ts BIGINT NOT NULL)");
      db.execute("CREATE STREAM q AS " + query);
      AtomicLong results = new AtomicLong();
      Subscription subscription =
          db.subscribeArrow("q", root -> results.addAndGet(root.getRowCount()));
      db.start();
      Source source = db.source("trades");
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long thread = Thread.currentThread().getId();
      long ts = 1_700_000_000_000L;
      for (int round = 0; round < MOST_ROUNDS && least >= LIMIT; round++) {
        long bytes = 0;
        for (int b = 0; b < (round == 0 ? WARM_UP_BATCHES : BATCHES); b++) {
          try (VectorSchemaRoot root = batch(source, ts, allocator)) {
            long before = threads.getThreadAllocatedBytes(thread);
            if (feed == Feed.ARROW) {
              source.push(root);
            } else {
              write(root, source.rows());
            }
            bytes += threads.getThreadAllocatedBytes(thread) - before;
          }
          ts += BATCH_ROWS;
        }
        if (round > 0) {
          least = Math.min(least, (double) bytes / ((long) BATCHES * BATCH_ROWS));
        }
      }
      assertThat(results.get()).isPositive();
      subscription.close();
    }
    return least;
  }

  private static void write(VectorSchemaRoot root, RowWriter rows) {
    Float8Vector prices = (Float8Vector) root.getVector("price");
    BigIntVector volumes = (BigIntVector) root.getVector("volume");
    BigIntVector times = (BigIntVector) root.getVector("ts");
    for (int r = 0; r < root.getRowCount(); r++) {
      rows.begin()
          .setString(0, SYMBOLS[r % SYMBOLS.length])
          .setDouble(1, prices.get(r))
          .setLong(2, volumes.get(r))
          .setLong(3, times.get(r))
          .endRow();
    }
  }

  private static VectorSchemaRoot batch(Source source, long ts, RootAllocator allocator) {
    VectorSchemaRoot root =
        VectorSchemaRoot.create(ArrowSchemas.toArrow(source.schema()), allocator);
    VarCharVector symbols = (VarCharVector) root.getVector("symbol");
    Float8Vector prices = (Float8Vector) root.getVector("price");
    BigIntVector volumes = (BigIntVector) root.getVector("volume");
    BigIntVector times = (BigIntVector) root.getVector("ts");
    root.getFieldVectors().forEach(vector -> vector.setInitialCapacity(BATCH_ROWS));
    root.allocateNew();
    for (int r = 0; r < BATCH_ROWS; r++) {
      symbols.setSafe(r, SYMBOLS[r % SYMBOLS.length].getBytes(StandardCharsets.UTF_8));
      prices.setSafe(r, r % 100);
      volumes.setSafe(r, 1 + r % 7);
      times.setSafe(r, ts + r);
    }
    root.setRowCount(BATCH_ROWS);
    return root;
  }
}
