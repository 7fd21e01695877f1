package io.laminardb.bench;

import io.laminardb.bench.Data.Shape;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** The whole-query workloads: data, SQL, the same job by hand, and how results are checksummed. */
enum Workload {
  W1(
      "filter + project, half pass",
      new Shape(8_000_000, 1_000, "S", 10),
      "SELECT symbol, price * 2 AS price, volume FROM trades WHERE volume > 500",
      Result.PRICE_AND_VOLUME),
  W2(
      "tumbling VWAP 1 min, 1,000 keys",
      new Shape(8_000_000, 1_000, "S", 10),
      "SELECT symbol, SUM(price * volume) / SUM(volume) AS vwap, COUNT(*) AS trades FROM trades"
          + " GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)",
      Result.VALUE_AND_COUNT),
  W2_1M(
      "tumbling VWAP 1 min, 1,000,000 keys",
      new Shape(8_000_000, 1_000_000, "S", 40),
      "SELECT symbol, SUM(price * volume) / SUM(volume) AS vwap, COUNT(*) AS trades FROM trades"
          + " GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)",
      Result.VALUE_AND_COUNT),
  W3(
      "AVG hop 5 min / 1 min, 1,000 keys",
      new Shape(8_000_000, 1_000, "S", 10),
      "SELECT symbol, AVG(price) AS avg_price, COUNT(*) AS trades FROM trades"
          + " GROUP BY symbol, hop(ts, INTERVAL '5' MINUTE, INTERVAL '1' MINUTE)",
      Result.VALUE_AND_COUNT),
  W4(
      "session 30 s, 200,000 users",
      new Shape(8_000_000, 200_000, "U", 10),
      "SELECT symbol, COUNT(*) AS trades, SUM(volume) AS volume FROM trades"
          + " GROUP BY symbol, session(ts, INTERVAL '30' SECOND)",
      Result.TWO_LONGS),
  W5(
      "interval join 5 s, 10,000 keys",
      new Shape(8_000_000, 10_000, "S", 10),
      "SELECT o.symbol, t.price, o.volume FROM orders o JOIN trades t ON o.symbol = t.symbol"
          + " AND t.ts BETWEEN o.ts - INTERVAL '5' SECOND AND o.ts",
      Result.PRICE_AND_VOLUME),
  W6(
      "ASOF join, 10,000 keys",
      new Shape(8_000_000, 10_000, "S", 10),
      "SELECT o.symbol, COALESCE(t.price, 0.0) AS price, o.volume FROM orders o ASOF JOIN trades t"
          + " MATCH_CONDITION(o.ts >= t.ts) ON o.symbol = t.symbol",
      Result.PRICE_AND_VOLUME),
  W7(
      "running SUM and COUNT, every change emitted, 1,000 keys",
      new Shape(8_000_000, 1_000, "S", 10),
      "SELECT symbol, SUM(volume) AS volume, COUNT(*) AS trades FROM trades GROUP BY symbol"
          + " EMIT CHANGES",
      Result.CHANGES),
  W7_1M(
      "running SUM and COUNT, every change emitted, 1,000,000 keys",
      new Shape(8_000_000, 1_000_000, "S", 40),
      W7.query,
      Result.CHANGES),
  W9_LAG(
      "LAG in the order of time, 1,000 keys",
      new Shape(8_000_000, 1_000, "S", 10),
      "SELECT symbol, COALESCE(LAG(price) OVER (PARTITION BY symbol ORDER BY ts), 0.0) AS price,"
          + " volume FROM trades",
      Result.PRICE_AND_VOLUME),
  W9_TOP(
      "top 10 by volume, every change emitted, 1,000 keys",
      new Shape(8_000_000, 1_000, "S", 10),
      "SELECT symbol, price, volume FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY symbol"
          + " ORDER BY volume DESC) AS place FROM trades) WHERE place <= 10 EMIT CHANGES",
      Result.NET);

  /** What a result row consists of, behind the symbol. */
  enum Result {
    PRICE_AND_VOLUME,
    VALUE_AND_COUNT,
    TWO_LONGS,
    CHANGES,
    /** As the first, less the rows that are taken back: changes may be joined into fewer. */
    NET
  }

  final String title;
  final Shape shape;
  final String query;
  final Result result;

  Workload(String title, Shape shape, String query, Result result) {
    this.title = title;
    this.shape = shape;
    this.query = query;
    this.result = result;
  }

  /** Whether it reads two sources, which get the batches in turn. */
  boolean joins() {
    return this == W5 || this == W6;
  }

  /** Does the job by hand and returns the checksum of its results. */
  long byHand(Loops loops, Data data, BufferAllocator allocator) {
    return switch (this) {
      case W2, W2_1M -> loops.tumblingVwap(data);
      case W3 -> loops.hoppingAverage(data);
      case W4 -> loops.sessions(data);
      case W1 -> byHand(false, data, allocator, loops::filterProject);
      case W5 -> byHand(false, data, allocator, HandJoins::interval);
      case W6 -> byHand(false, data, allocator, HandJoins::asof);
      case W7, W7_1M -> byHand(true, data, allocator, loops::runningTotals);
      case W9_LAG -> byHand(false, data, allocator, HandOvers::lag);
      case W9_TOP -> byHand(true, data, allocator, HandOvers::top);
    };
  }

  /** A loop whose results go to a batch. */
  private interface Loop {
    void run(Data data, Batch out, Consumer<Batch> consumer);
  }

  private long byHand(boolean changelog, Data data, BufferAllocator allocator, Loop loop) {
    try (Batch out = new Batch(resultSchema(changelog), Data.BATCH_ROWS, allocator)) {
      long[] checksum = new long[1];
      loop.run(data, out, batch -> checksum[0] += checksum(batch));
      return checksum[0];
    }
  }

  private static Schema resultSchema(boolean changelog) {
    Field symbol = Field.notNull("symbol", DataType.VARCHAR);
    Field first = Field.notNull("first", DataType.BIGINT);
    Field second = Field.notNull("second", DataType.BIGINT);
    return changelog
        ? Schema.changelog(symbol, first, second)
        : Schema.appendOnly(symbol, first, second);
  }

  private long checksum(Batch batch) {
    return checksum(
        batch.size(),
        batch.column(0).offsetsAddress(),
        batch.column(0).dataAddress(),
        batch.column(1).dataAddress(),
        batch.column(2).dataAddress(),
        result == Result.NET ? batch.weightsAddress() : 0,
        1);
  }

  /** The checksum of a batch of results: symbol, and two 8-byte columns. */
  long checksum(VectorSchemaRoot root) {
    FieldVector symbol = root.getVector(0);
    return checksum(
        root.getRowCount(),
        symbol.getOffsetBuffer().memoryAddress(),
        symbol.getDataBuffer().memoryAddress(),
        root.getVector(1).getDataBuffer().memoryAddress(),
        root.getVector(2).getDataBuffer().memoryAddress(),
        result == Result.NET ? root.getVector(3).getDataBuffer().memoryAddress() : 0,
        8);
  }

  /** Without weights the sum over old and new rows tells as much. */
  private static long checksum(
      int rows, long offsets, long texts, long first, long second, long weights, int weightBytes) {
    long sum = 0;
    int start = Memory.getInt(offsets);
    for (int i = 0; i < rows; i++) {
      int end = Memory.getInt(offsets + ((long) i << 2) + 4);
      long row =
          Checksum.row(
              TextIds.exactWord(texts + start, end - start),
              Memory.getLong(first + ((long) i << 3)),
              Memory.getLong(second + ((long) i << 3)));
      sum += weights == 0 ? row : row * Memory.getByte(weights + (long) i * weightBytes);
      start = end;
    }
    return sum;
  }
}
