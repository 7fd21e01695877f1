package io.laminardb.bench;

import com.sun.management.OperatingSystemMXBean;
import io.laminardb.LaminarDB;
import io.laminardb.Subscription;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Aggregates whose state is several times the memory budget, beside the same in memory, in turn;
 * inline, from Arrow batches. Prints a JSON line for each workload and budget with medians; exits with 1
 * where results differ.
 *
 * <pre>
 * SpillBench [--rows 4000000] [--rounds 3] [--times 4] [W2_1M W7_1M]
 * </pre>
 */
public final class SpillBench {
  private static final PrintStream OUT = System.out;
  private static final int SAMPLE_BATCHES = 16;

  /** What a run took: elapsed seconds, processor time a row in ns, most bytes of state. */
  private record Run(
      double seconds, double cpuNs, long stateBytes, long writtenBytes, long rows, long checksum) {}

  private final Workload workload;
  private final Data data;

  private SpillBench(Workload workload, Data data) {
    this.workload = workload;
    this.data = data;
  }

  /** Runs the workloads named, or W2_1M. */
  public static void main(String[] args) {
    Arguments arguments = new Arguments(args, List.of("rows", "rounds", "times"));
    List<Workload> workloads = arguments.words(Workload.class);
    if (workloads.size() == Workload.values().length) {
      workloads = List.of(Workload.W2_1M);
    }
    boolean equal = true;
    for (Workload workload : workloads) {
      try (BufferAllocator allocator = new RootAllocator();
          Data data =
              new Data(workload.shape.withRows(arguments.number("rows", 4_000_000)), allocator)) {
        SpillBench bench = new SpillBench(workload, data);
        equal &= bench.compare(arguments.number("times", 4), arguments.number("rounds", 3));
      }
    }
    System.exit(equal ? 0 : 1);
  }

  private boolean compare(int times, int rounds) {
    Samples inMemory = new Samples();
    Samples inMemoryCpu = new Samples();
    Samples spilled = new Samples();
    Samples spilledCpu = new Samples();
    boolean equal = true;
    Run plain = inMemory(); // warm
    Run small = null;
    for (int round = 0; round < rounds; round++) {
      plain = inMemory();
      small = spilled(plain.stateBytes / times);
      equal &= plain.checksum == small.checksum && plain.rows == small.rows;
      inMemory.add(plain.seconds);
      inMemoryCpu.add(plain.cpuNs);
      spilled.add(small.seconds);
      spilledCpu.add(small.cpuNs);
    }
    OUT.printf(
        Locale.ROOT,
        "{\"workload\":\"%s\",\"rows\":%d,\"state_bytes\":%d,\"budget_bytes\":%d,"
            + "\"in_memory_rows_per_s\":%.0f,\"spilled_rows_per_s\":%.0f,\"ratio\":%.3f,"
            + "\"in_memory_cpu_ns_per_row\":%.0f,\"spilled_cpu_ns_per_row\":%.0f,"
            + "\"spilled_bytes\":%d,\"equal\":%b}%n",
        workload,
        data.rows(),
        plain.stateBytes,
        plain.stateBytes / times,
        data.rows() / inMemory.median(),
        data.rows() / spilled.median(),
        inMemory.median() / spilled.median(),
        inMemoryCpu.median(),
        spilledCpu.median(),
        small.writtenBytes,
        equal);
    return equal;
  }

  /** Of all threads, those of RocksDB, the compiler and the garbage collector too. */
  private static long processCpuNs() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private Run inMemory() {
    return run(LaminarDB.builder().inline().memoryBudget(8L << 30));
  }

  private Run spilled(long budgetBytes) {
    try (TemporaryDirectory directory = new TemporaryDirectory()) {
      return run(LaminarDB.builder().inline().memoryBudget(budgetBytes).spillDir(directory.path()));
    }
  }

  private Run run(LaminarDB.Builder builder) {
    try (LaminarDB db = builder.ringRows(Data.BATCH_ROWS).build()) {
      db.execute(QueryRun.SOURCE);
      db.execute("CREATE STREAM results AS " + workload.query);
      long[] results = new long[2];
      try (Subscription subscription =
          db.subscribeArrow(
              "results",
              root -> {
                results[0] += root.getRowCount();
                results[1] += workload.checksum(root);
              })) {
        db.start();
        long mostBytes = 0;
        int batches = 0;
        long cpuBefore = processCpuNs();
        long start = System.nanoTime();
        for (VectorSchemaRoot root : data.batches()) {
          db.source("trades").push(root);
          if (++batches % SAMPLE_BATCHES == 0) {
            mostBytes = Math.max(mostBytes, db.metrics().query("results").stateBytes());
          }
        }
        db.source("trades").end();
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuNs = (double) (processCpuNs() - cpuBefore) / data.rows();
        subscription.poll(); // throws what the query failed of
        long written =
            db.metrics().query("results").operators().stream()
                .mapToLong(operator -> operator.spillWrittenBytes())
                .sum();
        return new Run(seconds, cpuNs, mostBytes, written, results[0], results[1]);
      }
    }
  }
}
