package io.laminardb.bench.jmh;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Generated kernels without state, driven inline by one Arrow batch: nanoseconds a row. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CalcBenchmark {
  private static final int ROWS = 4096;

  /** The query over columns {@code price DOUBLE} and {@code volume BIGINT}. */
  @Param({
    "SELECT price * 2 AS p FROM t WHERE volume > 500",
    "SELECT price * volume AS p FROM t",
    "SELECT volume FROM t WHERE volume > 990"
  })
  public String query;

  private BufferAllocator allocator;
  private VectorSchemaRoot root;
  private LaminarDB db;
  private Source source;
  private long results;

  @Setup
  public void open() {
    allocator = new RootAllocator();
    root = VectorSchemaRoot.create(schema(), allocator);
    Float8Vector price = (Float8Vector) root.getVector(0);
    BigIntVector volume = (BigIntVector) root.getVector(1);
    price.allocateNew(ROWS);
    volume.allocateNew(ROWS);
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < ROWS; i++) {
      price.set(i, random.nextInt(400) * 0.25);
      volume.set(i, 1 + random.nextInt(1000));
    }
    root.setRowCount(ROWS);
    db = LaminarDB.builder().inline().build();
    db.execute("CREATE SOURCE t (price DOUBLE NOT NULL, volume BIGINT NOT NULL)");
    db.execute("CREATE STREAM r AS " + query);
    db.subscribeArrow("r", batch -> results += batch.getRowCount());
    db.start();
    source = db.source("t");
  }

  private static Schema schema() {
    ArrowType floating = new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
    return new Schema(
        List.of(
            new Field("price", FieldType.notNullable(floating), null),
            new Field("volume", FieldType.notNullable(new ArrowType.Int(64, true)), null)));
  }

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public long batch() {
    source.push(root);
    return results;
  }

  @TearDown
  public void close() {
    db.close();
    root.close();
    allocator.close();
  }
}
