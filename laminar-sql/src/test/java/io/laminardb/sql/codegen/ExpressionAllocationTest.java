package io.laminardb.sql.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions of numbers, booleans, texts and times make no garbage, whatever the row. */
class ExpressionAllocationTest {
  private static final int ROWS = 1024;
  private static final int ROUNDS = 40;
  private static final Schema INPUT =
      Schema.appendOnly(
          Field.of("i", DataType.INTEGER),
          Field.notNull("b", DataType.BIGINT),
          Field.of("d", DataType.DOUBLE),
          Field.of("s", DataType.VARCHAR),
          Field.of("ts", DataType.timestamp(3)),
          Field.of("f", DataType.BOOLEAN));

  private static final class Sink implements Output {
    private long rows;

    @Override
    public boolean offer(Batch batch) {
      rows += batch.size();
      return true;
    }

    @Override
    public boolean watermark(long watermarkNs) {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT i + 1, b * 2 - i, d / 3e0, -i, MOD(b, 7), ABS(i) FROM t WHERE b > 5",
        "SELECT ROUND(d), FLOOR(d), SQRT(ABS(d)), CAST(d AS INTEGER), CAST(i AS DOUBLE) FROM t",
        "SELECT f AND i > 1, NOT f, i IS NULL, f OR d > 1e0, CASE WHEN f THEN i ELSE 0 END FROM t",
        "SELECT b FROM t WHERE s = 'key 7' OR s < 'key 3' OR s IN ('a', 'b', 'c', 'd', 'e', 'f')",
        "SELECT b, LENGTH(s) FROM t WHERE s LIKE 'key%' OR s LIKE '_x'",
        "SELECT s, COALESCE(s, 'none'), NULLIF(s, 'key 5') FROM t",
        "SELECT ts + INTERVAL '5' SECOND, EXTRACT(HOUR FROM ts), CAST(ts AS DATE) FROM t",
        "SELECT DATE_TRUNC('hour', ts) FROM t WHERE ts > TIMESTAMP '1970-01-01 00:00:00'",
        "SELECT b IN (1, 2, 3, 5, 8, 13, 21), i BETWEEN 3 AND 900, GREATEST(i, b) FROM t",
        "SELECT CAST(b AS VARCHAR), CAST(ts AS VARCHAR), SUBSTRING(s, 2, 3), UPPER(s) FROM t",
        "SELECT json_extract_string('{\"k\": [\"' || s || '\"]}', '$.k[0]'), json_valid(s) FROM t",
        "SELECT HEX(s), URL_ENCODE(s), URL_DECODE(s), TIMEZONE('Europe/Berlin', ts) FROM t"
      })
  void makesNoGarbage(String sql) {
    try (Evaluator evaluator = new Evaluator(INPUT)) {
      evaluator.capacity = ROWS;
      try (Operator operator = CalcGenerator.generate(evaluator.plan(sql), "t").create(evaluator);
          Batch batch = new Batch(INPUT, ROWS, evaluator.allocator())) {
        fill(batch);
        Sink sink = new Sink();
        double bytes = bytesPerRow(operator, batch, sink);
        assertThat(sink.rows).isPositive();
        assertThat(bytes).as("bytes a row of " + sql).isLessThan(0.1);
      }
    }
  }

  private static void fill(Batch batch) {
    for (int row = 0; row < ROWS; row++) {
      boolean isNull = row % 11 == 0;
      Evaluator.put(batch.column(0), row, isNull ? null : row);
      Evaluator.put(batch.column(1), row, (long) row);
      Evaluator.put(batch.column(2), row, isNull ? null : row * 0.5);
      Evaluator.put(batch.column(3), row, isNull ? null : "key " + row % 10);
      Evaluator.put(batch.column(4), row, isNull ? null : row * 60_000L);
      Evaluator.put(batch.column(5), row, isNull ? null : row % 2 == 0);
      batch.endRow();
    }
  }

  /** The least of several measurements: the compiler may allocate on our thread now and then. */
  private static double bytesPerRow(Operator operator, Batch batch, Sink sink) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    double least = Double.MAX_VALUE;
    for (int attempt = 0; attempt < 6; attempt++) {
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 0; i < ROUNDS; i++) {
        while (operator.process(0, batch, sink) == Progress.BLOCKED) {
          continue;
        }
      }
      long bytes = threads.getThreadAllocatedBytes(thread) - before;
      least = Math.min(least, (double) bytes / ((long) ROWS * ROUNDS));
    }
    return least;
  }
}
