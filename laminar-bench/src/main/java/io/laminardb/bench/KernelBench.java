package io.laminardb.bench;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.time.Watermark;
import io.laminardb.sql.codegen.aggregate.AggregateCompiler;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.plan.WindowSpec;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.calcite.jdbc.JavaTypeFactoryImpl;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * The aggregate operators alone, without a database around them, beside the loops written by hand:
 * what the kernels and the state can do. Prints a line a workload and repetition.
 *
 * <p>Arguments: the names of workloads, all where there are none.
 */
public final class KernelBench {
  private static final RelDataTypeFactory TYPES = new JavaTypeFactoryImpl();
  private static final RexBuilder REX = new RexBuilder(TYPES);
  private static final int REPETITIONS = 5;
  private static final Schema INPUT =
      Schema.appendOnly(
          Field.notNull("symbol", DataType.VARCHAR),
          Field.notNull("price", DataType.DOUBLE),
          Field.notNull("volume", DataType.BIGINT),
          Field.notNull("ts", DataType.BIGINT));

  private KernelBench() {}

  /** Runs it. */
  public static void main(String[] arguments) {
    List<String> names = List.of(arguments);
    for (Workload workload : Workload.values()) {
      if (workload != Workload.W1 && (names.isEmpty() || names.contains(workload.name()))) {
        run(workload);
      }
    }
  }

  private static void run(Workload workload) {
    try (BufferAllocator allocator = new RootAllocator();
        Data data = new Data(workload.shape, allocator)) {
      List<Batch> batches = new ArrayList<>();
      Loops loops = Loops.ofWords();
      data.batches().forEach(root -> batches.add(batch(root)));
      for (int i = 0; i < REPETITIONS; i++) {
        long begin = System.nanoTime();
        workload.byHand(loops, data, allocator);
        long byHandNs = System.nanoTime() - begin;
        long allocated = allocatedBytes();
        begin = System.nanoTime();
        Sink sink = new Sink(allocator);
        run(plan(workload), batches, sink);
        long kernelNs = System.nanoTime() - begin;
        allocated = allocatedBytes() - allocated;
        System.out.printf(
            "%s: by hand %.1f M rows/s, operator %.1f M rows/s, %.0f %%, %.3f B/row, %d rows out%n",
            workload,
            rate(data, byHandNs),
            rate(data, kernelNs),
            100.0 * byHandNs / kernelNs,
            (double) allocated / data.rows(),
            sink.rows);
      }
      batches.forEach(Batch::close);
    }
  }

  private static double rate(Data data, long ns) {
    return data.rows() * 1000.0 / ns;
  }

  private static long allocatedBytes() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private static void run(PlanNode.Aggregate plan, List<Batch> batches, Sink sink) {
    try (Operator operator = AggregateCompiler.aggregate(plan, "bench").create(sink)) {
      operator.start(sink);
      for (Batch batch : batches) {
        done(operator.process(0, batch, sink));
        long last = batch.column(3).getLong(batch.to() - 1);
        done(operator.watermark(0, last * 1_000_000L, sink));
      }
      done(operator.watermark(0, Watermark.END, sink));
    }
  }

  private static void done(Progress progress) {
    if (progress != Progress.NEEDS_INPUT) {
      throw new IllegalStateException("the sink refuses nothing");
    }
  }

  private static Batch batch(VectorSchemaRoot root) {
    Column[] columns = new Column[INPUT.size()];
    for (int i = 0; i < columns.length; i++) {
      FieldVector vector = root.getVector(i);
      ArrowBuf data = vector.getDataBuffer();
      data.getReferenceManager().retain();
      ArrowBuf offsets = i == 0 ? vector.getOffsetBuffer() : null;
      if (offsets != null) {
        offsets.getReferenceManager().retain();
      }
      columns[i] = new Column(INPUT.field(i).type(), root.getRowCount(), null, offsets, data);
    }
    return new Batch(INPUT, columns, null, root.getRowCount());
  }

  private static PlanNode.Aggregate plan(Workload workload) {
    return switch (workload) {
      case W3 -> plan(window(WindowSpec.Kind.HOP, 300_000, 60_000), List.of(average(), count()));
      case W4 ->
          plan(window(WindowSpec.Kind.SESSION, 30_000, 0), List.of(count(), sum(volume(), false)));
      case W7 -> plan(null, List.of(sum(volume(), false), count()));
      default ->
          plan(
              window(WindowSpec.Kind.TUMBLE, 60_000, 60_000),
              List.of(sum(turnover(), true), sum(volume(), false), count()));
    };
  }

  private static PlanNode.Aggregate plan(WindowSpec window, List<AggregateCall> calls) {
    List<Field> fields = new ArrayList<>();
    fields.add(INPUT.field(0));
    if (window != null) {
      fields.add(Field.notNull("window_start", DataType.BIGINT));
      fields.add(Field.notNull("window_end", DataType.BIGINT));
    }
    calls.forEach(call -> fields.add(call.output()));
    return new PlanNode.Aggregate(
        new PlanNode.Scan("trades", INPUT),
        null,
        List.of(ref(0, SqlTypeName.VARCHAR)),
        window,
        calls,
        window == null ? Emission.CHANGES : Emission.ON_WINDOW_CLOSE,
        0,
        0,
        new Schema(fields, window == null));
  }

  private static WindowSpec window(WindowSpec.Kind kind, long size, long slide) {
    return new WindowSpec(kind, ref(3, SqlTypeName.BIGINT), DataType.BIGINT, size, slide, 0);
  }

  private static RexNode ref(int column, SqlTypeName type) {
    return REX.makeInputRef(TYPES.createSqlType(type), column);
  }

  private static RexNode volume() {
    return ref(2, SqlTypeName.BIGINT);
  }

  private static RexNode turnover() {
    return REX.makeCall(
        SqlStdOperatorTable.MULTIPLY,
        ref(1, SqlTypeName.DOUBLE),
        REX.makeCast(TYPES.createSqlType(SqlTypeName.DOUBLE), volume()));
  }

  private static AggregateCall sum(RexNode argument, boolean isDouble) {
    DataType type = isDouble ? DataType.DOUBLE : DataType.BIGINT;
    return call(AggregateKind.SUM, List.of(argument), Field.notNull("total", type));
  }

  private static AggregateCall average() {
    return call(
        AggregateKind.AVG,
        List.of(ref(1, SqlTypeName.DOUBLE)),
        Field.notNull("mean", DataType.DOUBLE));
  }

  private static AggregateCall count() {
    return call(AggregateKind.COUNT, List.of(), Field.notNull("trades", DataType.BIGINT));
  }

  private static AggregateCall call(AggregateKind kind, List<RexNode> arguments, Field output) {
    return new AggregateCall(kind, arguments, false, null, null, output);
  }

  /** Counts what comes out. */
  private static final class Sink implements Output, OperatorContext {
    private final BufferAllocator allocator;
    private long rows;

    Sink(BufferAllocator allocator) {
      this.allocator = allocator;
    }

    @Override
    public boolean offer(Batch batch) {
      rows += batch.size();
      return true;
    }

    @Override
    public boolean watermark(long watermarkNs) {
      return true;
    }

    @Override
    public BufferAllocator allocator() {
      return allocator;
    }

    @Override
    public int batchCapacity() {
      return Batch.DEFAULT_CAPACITY;
    }

    @Override
    public long nowEpochNs() {
      return 0;
    }

    @Override
    public void timerAt(long epochNs) {}

    @Override
    public void lateRow(Batch batch, int row) {}

    @Override
    public void nullTimeRow() {}

    @Override
    public void rowFailed(Batch batch, int row, RuntimeException failure) {
      throw failure;
    }
  }
}
