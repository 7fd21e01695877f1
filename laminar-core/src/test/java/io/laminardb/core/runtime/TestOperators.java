package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Waiting;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Small operators over rows (value BIGINT, ts BIGINT), written for these tests. */
final class TestOperators {
  static final Schema ROWS =
      Schema.appendOnly(Field.notNull("value", DataType.BIGINT), Field.of("ts", DataType.BIGINT));
  static final Schema CHANGES = ROWS.withChangelog(true);

  private TestOperators() {}

  static OperatorGraph graph(String name, OperatorFactory factory, String... inputs) {
    return new OperatorGraph(name, List.of(node(factory, inputs)));
  }

  static OperatorGraph.Node node(OperatorFactory factory, String... inputs) {
    return new OperatorGraph.Node(
        "Test",
        "",
        factory,
        java.util.Arrays.stream(inputs)
            .map(input -> (OperatorGraph.Input) new OperatorGraph.Input.Stream(input))
            .toList());
  }

  static OperatorGraph.Node after(OperatorFactory factory, int... upstreams) {
    return new OperatorGraph.Node(
        "Test",
        "",
        factory,
        java.util.Arrays.stream(upstreams)
            .mapToObj(index -> (OperatorGraph.Input) new OperatorGraph.Input.Upstream(index))
            .toList());
  }

  static OperatorFactory factory(Schema schema, Function<OperatorContext, Operator> maker) {
    return factory(schema, 0, maker);
  }

  /** The same operator, which says at which watermarks it does something. */
  static OperatorFactory grained(OperatorFactory factory, long grainNs) {
    return factory(factory.outputSchema(), grainNs, factory::create);
  }

  private static OperatorFactory factory(
      Schema schema, long grainNs, Function<OperatorContext, Operator> maker) {
    return new OperatorFactory() {
      @Override
      public long watermarkGrainNs() {
        return grainNs;
      }

      @Override
      public Operator create(OperatorContext context) {
        return maker.apply(context);
      }

      @Override
      public Schema outputSchema() {
        return schema;
      }
    };
  }

  /** Copies rows with value >= 0 out; a value of -13 fails. */
  static final OperatorFactory FILTER = factory(ROWS, Filter::new);

  /** Counts rows in windows of 10 ms of ts; emits (count, window start) when they close. */
  static final OperatorFactory WINDOW = factory(ROWS, WindowCount::new);

  /** The running sum of values as a changelog (sum, 0), from 0 at the start. */
  static final OperatorFactory SUM = factory(CHANGES, Sum::new);

  /** UNION ALL. */
  static final OperatorFactory UNION = factory(ROWS, context -> new Union());

  /** Emits (time, 0) at a processing time every 100 ns after a row came. */
  static final OperatorFactory TIMER = factory(ROWS, TimerOperator::new);

  abstract static class Base implements Operator {
    final OperatorContext context;
    final Batch out;

    Base(OperatorContext context, Schema schema) {
      this.context = context;
      out = new Batch(schema, context.batchCapacity(), context.allocator());
    }

    void emit(long value, long ts, int weight) {
      out.column(0).putLong(out.rowCount(), value);
      out.column(1).putLong(out.rowCount(), ts);
      if (out.schema().isChangelog()) {
        out.endRow(weight);
      } else {
        out.endRow();
      }
    }

    boolean flush(Output output) {
      if (out.size() > 0 && !output.offer(out)) {
        return false;
      }
      out.clear();
      return true;
    }

    @Override
    public void close() {
      out.close();
    }
  }

  static final class Filter extends Base {
    private int done;

    Filter(OperatorContext context) {
      super(context, ROWS);
    }

    @Override
    public Progress process(int port, Batch batch, Output output) {
      while (true) {
        if ((out.isFull() || done == batch.size()) && !flush(output)) {
          return Progress.BLOCKED;
        }
        if (done == batch.size()) {
          done = 0;
          return Progress.NEEDS_INPUT;
        }
        int row = batch.from() + done;
        long value = batch.column(0).getLong(row);
        if (value == -13) {
          context.rowFailed(batch, row, new ArithmeticException("thirteen"));
        } else if (value >= 0) {
          out.append(batch, row, row + 1);
        }
        done++;
      }
    }

    @Override
    public Progress watermark(int port, long watermarkNs, Output output) {
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
  }

  static final class WindowCount extends Base {
    private static final long SIZE_NS = 10_000_000;
    private final TreeMap<Long, Long> windows = new TreeMap<>();
    private long watermark = Watermark.NONE;

    WindowCount(OperatorContext context) {
      super(context, ROWS);
    }

    @Override
    public Progress process(int port, Batch batch, Output output) {
      for (int row = batch.from(); row < batch.to(); row++) {
        if (batch.column(1).isNull(row)) {
          context.nullTimeRow();
          continue;
        }
        long ns = batch.column(1).getLong(row) * 1_000_000;
        long start = Math.floorDiv(ns, SIZE_NS) * SIZE_NS;
        if (start + SIZE_NS <= watermark) {
          context.lateRow(batch, row);
        } else {
          windows.merge(start, 1L, Long::sum);
        }
      }
      return Progress.NEEDS_INPUT;
    }

    @Override
    public Progress watermark(int port, long watermarkNs, Output output) {
      if (watermarkNs != Watermark.IDLE) {
        watermark = Math.max(watermark, watermarkNs);
      }
      while (true) {
        boolean more =
            !windows.isEmpty()
                && (watermarkNs == Watermark.END || windows.firstKey() + SIZE_NS <= watermark);
        if ((!more || out.isFull()) && !flush(output)) {
          return Progress.BLOCKED;
        }
        if (!more) {
          return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
        }
        Map.Entry<Long, Long> first = windows.pollFirstEntry();
        emit(first.getValue(), first.getKey() / 1_000_000, 1);
      }
    }

    @Override
    public void snapshot(StateWriter writer) {
      writer.section(StateWriter.NO_KEY_GROUP);
      writer.putLong(watermark);
      windows.forEach(
          (start, count) -> {
            writer.putLong(start);
            writer.putLong(count);
          });
    }

    @Override
    public void restore(StateReader reader) {
      reader.section();
      watermark = reader.getLong();
      while (reader.hasMore()) {
        windows.put(reader.getLong(), reader.getLong());
      }
    }

    @Override
    public long stateRows() {
      return windows.size();
    }

    @Override
    public Waiting waiting() {
      return windows.isEmpty()
          ? null
          : new Waiting("window at " + windows.firstKey(), windows.firstKey() + SIZE_NS);
    }
  }

  static final class Sum extends Base {
    private int done;
    private long sum;

    Sum(OperatorContext context) {
      super(context, CHANGES);
    }

    @Override
    public Progress start(Output output) {
      if (out.size() == 0) {
        emit(0, 0, 1);
      }
      return flush(output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }

    @Override
    public Progress process(int port, Batch batch, Output output) {
      while (true) {
        boolean full = out.capacity() - out.rowCount() < 2;
        if ((full || done == batch.size()) && !flush(output)) {
          return Progress.BLOCKED;
        }
        if (done == batch.size()) {
          done = 0;
          return Progress.NEEDS_INPUT;
        }
        int row = batch.from() + done++;
        emit(sum, 0, -1);
        sum += batch.column(0).getLong(row) * batch.weight(row);
        emit(sum, 0, 1);
      }
    }

    @Override
    public Progress watermark(int port, long watermarkNs, Output output) {
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }

    @Override
    public void snapshot(StateWriter writer) {
      writer.section(StateWriter.NO_KEY_GROUP);
      writer.putLong(sum);
    }

    @Override
    public void restore(StateReader reader) {
      reader.section();
      sum = reader.getLong();
    }
  }

  static final class Union implements Operator {
    private final long[] watermarks = {Watermark.NONE, Watermark.NONE};

    @Override
    public Progress process(int port, Batch batch, Output output) {
      return output.offer(batch) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }

    @Override
    public Progress watermark(int port, long watermarkNs, Output output) {
      watermarks[port] = watermarkNs;
      long least = Long.MAX_VALUE;
      boolean speaks = false;
      for (long each : watermarks) {
        if (each != Watermark.IDLE) {
          least = Math.min(least, each);
          speaks = true;
        }
      }
      long next = speaks ? least : Watermark.IDLE;
      if (next == Watermark.NONE) {
        return Progress.NEEDS_INPUT;
      }
      return output.watermark(next) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }

    @Override
    public void close() {}
  }

  static final class TimerOperator extends Base {
    TimerOperator(OperatorContext context) {
      super(context, ROWS);
    }

    @Override
    public Progress process(int port, Batch batch, Output output) {
      context.timerAt(context.nowEpochNs() + 100);
      return Progress.NEEDS_INPUT;
    }

    @Override
    public Progress watermark(int port, long watermarkNs, Output output) {
      return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }

    @Override
    public Progress timer(long nowEpochNs, Output output) {
      if (out.size() == 0) {
        emit(nowEpochNs, 0, 1);
      }
      return flush(output) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
    }
  }
}
