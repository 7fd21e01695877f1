package io.laminardb.bench.jmh;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateHeap;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
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

/** Finding the rows of known keys of one word: nanoseconds a key, hashes given. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KeyedTableBenchmark {
  private static final int LOOKUPS = 4096;
  private static final int SOURCE_BYTES = 16;

  /** Distinct keys. */
  @Param({"1000", "1000000"})
  public int keys;

  private BufferAllocator allocator;
  private ArrowBuf memory;
  private StateHeap heap;
  private KeyedTable table;
  private long sources;
  private long targets;

  @Setup
  public void open() {
    allocator = new RootAllocator();
    memory = allocator.buffer(LOOKUPS * (SOURCE_BYTES + 16L));
    long rows = memory.memoryAddress();
    sources = rows + LOOKUPS * (long) SOURCE_BYTES;
    targets = sources + LOOKUPS * 8L;
    heap = new StateHeap(allocator);
    table = new KeyedTable(RowLayout.plain(1, new int[0], 2), heap, allocator);
    for (long key = 0; key < keys; key++) {
      source(rows, key);
      table.findOrInsert(rows);
    }
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < LOOKUPS; i++) {
      long source = rows + (long) i * SOURCE_BYTES;
      source(source, random.nextInt(keys));
      Memory.putLong(sources + i * 8L, source);
    }
  }

  private static void source(long address, long key) {
    Memory.putLong(address, Keys.finish(Keys.mix(Keys.SEED, key)));
    Memory.putLong(address + 8, key);
  }

  @Benchmark
  @OperationsPerInvocation(LOOKUPS)
  public long find() {
    table.findOrInsert(sources, targets, 0, LOOKUPS);
    return Memory.getLong(targets);
  }

  @TearDown
  public void close() {
    table.close();
    heap.close();
    memory.close();
    allocator.close();
  }
}
