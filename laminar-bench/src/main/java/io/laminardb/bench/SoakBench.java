package io.laminardb.bench;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.runtime.Metrics;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Whether state stays as it is: pushes the same rows again and again, later each time, and prints a JSON
 * line now and then with the memory the query and the heap hold. Exits with 1 where the query holds more
 * at the end than half again of what it held after a tenth of the rows.
 *
 * <pre>
 * SoakBench [--rows 100000000] [W5 W6]
 * </pre>
 */
public final class SoakBench {
  private static final PrintStream OUT = System.out;
  private static final int DATA_ROWS = 409_600;
  private static final int REPORTS = 10;

  private SoakBench() {}

  /** Runs the workloads named, or both joins. */
  public static void main(String[] args) {
    Arguments arguments = new Arguments(args, List.of("rows"));
    List<Workload> workloads = arguments.words(Workload.class);
    if (workloads.size() == Workload.values().length) {
      workloads = List.of(Workload.W5, Workload.W6);
    }
    boolean flat = true;
    for (Workload workload : workloads) {
      flat &= run(workload, arguments.number("rows", 100_000_000));
    }
    System.exit(flat ? 0 : 1);
  }

  private static boolean run(Workload workload, long rows) {
    try (BufferAllocator allocator = new RootAllocator();
        Data data = new Data(workload.shape.withRows(DATA_ROWS), allocator);
        LaminarDB db = LaminarDB.builder().memoryBudget(8L << 30).inline().build()) {
      db.execute(QueryRun.SOURCE);
      if (workload.joins()) {
        db.execute(QueryRun.SOURCE.replace("trades", "orders"));
      }
      db.execute("CREATE STREAM results AS " + workload.query);
      long[] results = new long[1];
      try (Subscription subscription =
          db.subscribeArrow("results", root -> results[0] += root.getRowCount())) {
        db.start();
        boolean flat = push(workload, data, db, rows, results);
        subscription.poll(); // throws what the query failed of
        return flat;
      }
    }
  }

  private static boolean push(
      Workload workload, Data data, LaminarDB db, long rows, long[] results) {
    Source trades = db.source("trades");
    Source other = workload.joins() ? db.source("orders") : trades;
    long shiftMs = DATA_ROWS / workload.shape.rowsPerMilli();
    long pushed = 0;
    long first = 0;
    long last = 0;
    long nextReport = rows / REPORTS;
    while (pushed < rows) {
      boolean isTrade = true;
      for (VectorSchemaRoot root : data.batches()) {
        (isTrade ? trades : other).push(root);
        isTrade = !isTrade;
        pushed += root.getRowCount();
        delay(root, shiftMs); // all of it has been read: the database runs inline
      }
      if (pushed >= nextReport) {
        nextReport += rows / REPORTS;
        last = report(workload, db, pushed, results[0]);
        first = first == 0 ? last : first;
      }
    }
    return last <= first + first / 2;
  }

  private static void delay(VectorSchemaRoot root, long byMs) {
    long times = Data.address(root, 3);
    for (long at = times; at < times + 8L * root.getRowCount(); at += 8) {
      Memory.putLong(at, Memory.getLong(at) + byMs);
    }
  }

  private static long report(Workload workload, LaminarDB db, long pushed, long results) {
    List<Metrics.QueryMetrics> queries = db.metrics().queries();
    long stateBytes = queries.stream().mapToLong(Metrics.QueryMetrics::stateBytes).sum();
    long stateRows = queries.stream().mapToLong(Metrics.QueryMetrics::stateRows).sum();
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    OUT.printf(
        Locale.ROOT,
        "{\"workload\":\"%s\",\"rows\":%d,\"result_rows\":%d,\"state_rows\":%d,"
            + "\"state_bytes\":%d,\"heap_bytes\":%d}%n",
        workload,
        pushed,
        results,
        stateRows,
        stateBytes,
        heap);
    return stateBytes;
  }
}
