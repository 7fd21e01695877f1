package io.laminardb.bench;

import io.laminardb.bench.Data.Shape;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
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
      Result.CHANGES);

  /** What a result row consists of, behind the symbol. */
  enum Result {
    PRICE_AND_VOLUME,
    VALUE_AND_COUNT,
    TWO_LONGS,
    CHANGES
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
      case W1 -> {
        try (Batch out = new Batch(resultSchema(false), Data.BATCH_ROWS, allocator)) {
          long[] checksum = new long[1];
          loops.filterProject(data, out, batch -> checksum[0] += checksum(batch));
          yield checksum[0];
        }
      }
      case W5, W6 -> {
        try (Batch out = new Batch(resultSchema(false), Data.BATCH_ROWS, allocator)) {
          long[] checksum = new long[1];
          if (this == W5) {
            HandJoins.interval(data, out, batch -> checksum[0] += checksum(batch));
          } else {
            HandJoins.asof(data, out, batch -> checksum[0] += checksum(batch));
          }
          yield checksum[0];
        }
      }
      case W7 -> {
        try (Batch out = new Batch(resultSchema(true), Data.BATCH_ROWS, allocator)) {
          long[] checksum = new long[1];
          loops.runningTotals(data, out, batch -> checksum[0] += checksum(batch));
          yield checksum[0];
        }
      }
    };
  }

  private static Schema resultSchema(boolean changelog) {
    Field symbol = Field.notNull("symbol", DataType.VARCHAR);
    Field first = Field.notNull("first", DataType.BIGINT);
    Field second = Field.notNull("second", DataType.BIGINT);
    return changelog
        ? Schema.changelog(symbol, first, second)
        : Schema.appendOnly(symbol, first, second);
  }

  private static long checksum(Batch batch) {
    return checksum(
        batch.size(),
        batch.column(0).offsetsAddress(),
        batch.column(0).dataAddress(),
        batch.column(1).dataAddress(),
        batch.column(2).dataAddress());
  }

  /** The checksum of a batch of results: symbol, and two 8-byte columns. */
  static long checksum(VectorSchemaRoot root) {
    FieldVector symbol = root.getVector(0);
    return checksum(
        root.getRowCount(),
        symbol.getOffsetBuffer().memoryAddress(),
        symbol.getDataBuffer().memoryAddress(),
        root.getVector(1).getDataBuffer().memoryAddress(),
        root.getVector(2).getDataBuffer().memoryAddress());
  }

  /** Weights are left out: the sum over old and new rows tells as much. */
  private static long checksum(int rows, long offsets, long texts, long first, long second) {
    long sum = 0;
    int start = Memory.getInt(offsets);
    for (int i = 0; i < rows; i++) {
      int end = Memory.getInt(offsets + ((long) i << 2) + 4);
      sum +=
          Checksum.row(
              TextIds.exactWord(texts + start, end - start),
              Memory.getLong(first + ((long) i << 3)),
              Memory.getLong(second + ((long) i << 3)));
      start = end;
    }
    return sum;
  }
}
