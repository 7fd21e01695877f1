package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.ring.ColumnarRing;
import io.laminardb.core.ring.RowWriter;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** What the runtime itself costs: a main, for a quiet machine; prints one line a figure. */
public final class RuntimeBench {
  private static final Schema TRADES =
      Schema.appendOnly(
          Field.notNull("symbol", DataType.VARCHAR),
          Field.notNull("price", DataType.DOUBLE),
          Field.notNull("volume", DataType.BIGINT),
          Field.notNull("ts", DataType.BIGINT));
  private static final String[] SYMBOLS = {"AAPL", "MSFT", "GOOG", "NVDA", "AMZN", "META"};

  private RuntimeBench() {}

  /** Runs everything. */
  public static void main(String[] args) throws Exception {
    try (BufferAllocator allocator = new RootAllocator()) {
      for (int round = 0; round < 3; round++) {
        System.out.printf("ring, rows:            %.1f M rows/s%n", ring(allocator, false) / 1e6);
        System.out.printf("ring, batches copied:  %.1f M rows/s%n", ring(allocator, true) / 1e6);
        System.out.printf("threaded, row writer:  %.1f M rows/s%n", threaded(allocator) / 1e6);
        System.out.printf("inline, one row:       %s%n", latency(allocator, true));
        System.out.printf("threaded, one row:     %s%n", latency(allocator, false));
      }
    }
  }

  private static double ring(BufferAllocator allocator, boolean copied) throws Exception {
    int rows = 20_000_000;
    try (ColumnarRing ring = new ColumnarRing(TRADES, 1 << 16, allocator);
        Batch batch = new Batch(TRADES, 4096, allocator)) {
      byte[] symbol = {'A', 'A', 'P', 'L'};
      for (int i = 0; i < 4096; i++) {
        batch.column(0).putBytes(i, symbol, 0, 4);
        batch.column(3).putLong(i, i);
        batch.endRow();
      }
      Thread producer =
          new Thread(
              () -> {
                for (int i = 0; i < rows; ) {
                  if (copied) {
                    int from = i & 4095;
                    i += ring.append(batch, from, Math.min(4096, from + rows - i));
                  } else if (ring.beginRow()) {
                    write(ring.row(), i++);
                    ring.endRow(1);
                  } else {
                    Thread.onSpinWait();
                  }
                }
              });
      long start = System.nanoTime();
      producer.start();
      long seen = 0;
      long sum = 0;
      while (seen < rows) {
        if (ring.poll(4096) == ColumnarRing.ROWS) {
          Batch rowsOnLoan = ring.batch();
          long data = rowsOnLoan.column(2).dataAddress();
          for (int row = rowsOnLoan.from(); row < rowsOnLoan.to(); row++) {
            sum += Memory.getLong(data + ((long) row << 3));
          }
          seen += rowsOnLoan.size();
          ring.consume(rowsOnLoan.size());
        } else {
          Thread.onSpinWait();
        }
      }
      producer.join();
      if (sum == 42) {
        System.out.println();
      }
      return rows / ((System.nanoTime() - start) / 1e9);
    }
  }

  private static void write(RowWriter row, int i) {
    row.setText(0, SYMBOLS[i % 6]);
    row.setDouble(1, i * 0.5);
    row.setLong(2, i);
    row.setLong(3, i);
  }

  private static double threaded(BufferAllocator allocator) {
    int rows = 20_000_000;
    try (Engine engine = new Engine(EngineOptions.DEFAULT, allocator)) {
      SourceHandle handle = open(engine);
      long[] seen = new long[1];
      engine.subscribe("q", batch -> seen[0] += batch.size());
      engine.start();
      long start = System.nanoTime();
      for (int i = 0; i < rows; i++) {
        write(handle.beginRow(), i);
        handle.endRow();
      }
      engine.sync();
      if (seen[0] != rows) {
        throw new IllegalStateException("rows " + seen[0]);
      }
      return rows / ((System.nanoTime() - start) / 1e9);
    }
  }

  private static String latency(BufferAllocator allocator, boolean inline) {
    EngineOptions options = EngineOptions.DEFAULT.withInline(inline).withSpinning(true);
    try (Engine engine = new Engine(options, allocator)) {
      SourceHandle handle = open(engine);
      Received received = new Received();
      engine.subscribe("q", batch -> received.atNs = System.nanoTime());
      engine.start();
      int warm = 300_000;
      long[] took = new long[300_000];
      for (int i = 0; i < warm + took.length; i++) {
        received.atNs = 0;
        long start = System.nanoTime();
        write(handle.beginRow(), i);
        handle.endRow();
        long end;
        while ((end = received.atNs) == 0) {
          Thread.onSpinWait();
        }
        if (i >= warm) {
          took[i - warm] = end - start;
        }
      }
      Arrays.sort(took);
      return String.format(
          "p50 %d ns, p99 %d ns, p99.9 %d ns",
          took[took.length / 2],
          took[(int) (took.length * 0.99)],
          took[(int) (took.length * 0.999)]);
    }
  }

  private static final class Received {
    volatile long atNs;
  }

  private static SourceHandle open(Engine engine) {
    engine.createSource(SourceOptions.of("trades", TRADES).withTime(3, 0));
    OperatorGraph.Node filter = TestOperators.node(pass(), "trades");
    engine.attach(
        new OperatorGraph("q", List.of(filter, TestOperators.after(pass(), 0))),
        QueryOptions.DEFAULT);
    return engine.openHandle("trades");
  }

  private static OperatorFactory pass() {
    return TestOperators.factory(TRADES, Pass::new);
  }

  /** Lends on what it gets. */
  private static final class Pass implements Operator {
    Pass(OperatorContext context) {}

    @Override
    public Progress process(int port, Batch batch, Output output) {
      return output.offer(batch) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }

    @Override
    public Progress watermark(int port, long watermarkNs, Output output) {
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }

    @Override
    public void close() {}
  }
}
