package io.laminardb.bench;

import io.laminardb.LaminarDB;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How long the first steps in a fresh JVM take, and what it costs to create and drop queries. Starts
 * JVMs of its own and prints one JSON line of medians, in milliseconds.
 *
 * <pre>
 * StartupBench [--jvms 5] [--cycles 10000]
 * </pre>
 */
public final class StartupBench {
  private static final PrintStream OUT = System.out;
  private static final String[] SHAPES = {
    "SELECT symbol, MIN(price) AS low, MAX(price) AS high FROM trades"
        + " GROUP BY symbol, tumble(ts, INTERVAL '10' SECOND)",
    "SELECT symbol, price * 2 AS price, ts FROM trades WHERE volume > 500 AND symbol LIKE 'S%'",
    "SELECT symbol, AVG(price) AS mean FROM trades"
        + " GROUP BY symbol, hop(ts, INTERVAL '5' MINUTE, INTERVAL '1' MINUTE)",
    "SELECT symbol, SUM(volume) AS volume, COUNT(*) AS n FROM trades GROUP BY symbol",
    "SELECT UPPER(symbol) AS s, CASE WHEN price > 100 THEN volume ELSE 0 END AS v FROM trades",
  };

  private StartupBench() {}

  /** With the word {@code steps}: does the steps in this JVM. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (List.of(args).contains("steps")) {
      steps();
      return;
    }
    Arguments arguments = new Arguments(args, List.of("jvms", "cycles"));
    Map<String, Samples> samples = new LinkedHashMap<>();
    for (int i = 0; i < arguments.number("jvms", 5); i++) {
      FreshJvm.run(StartupBench.class, List.of("steps"), samples);
    }
    StringBuilder line = new StringBuilder("{");
    samples.forEach(
        (name, values) ->
            line.append(String.format(Locale.ROOT, "\"%s\":%.1f,", name, values.median())));
    OUT.println(line.append(cycles(arguments.number("cycles", 10_000))).append('}'));
  }

  private static void steps() {
    long start = System.nanoTime();
    try (LaminarDB db = LaminarDB.open()) {
      start = FreshJvm.step("open_ms", start);
      db.execute(QueryRun.SOURCE);
      start = FreshJvm.step("first_source_ms", start);
      db.execute("CREATE STREAM first AS " + Workload.W2.query);
      start = FreshJvm.step("first_stream_ms", start);
      for (int i = 0; i < SHAPES.length; i++) {
        db.execute("CREATE STREAM s" + i + " AS " + SHAPES[i]);
        start = FreshJvm.step("new_shape_ms", start);
      }
      for (int i = 0; i < SHAPES.length; i++) {
        db.execute("CREATE STREAM again" + i + " AS " + SHAPES[i].replace("0", "1"));
        start = FreshJvm.step("known_shape_ms", start);
      }
    }
  }

  /** Creates and drops streams; the classes that stay loaded show a leak of generated code. */
  private static String cycles(int cycles) {
    var classes = ManagementFactory.getClassLoadingMXBean();
    try (LaminarDB db = LaminarDB.open()) { // closing fails where memory was not freed
      db.execute(QueryRun.SOURCE);
      db.start();
      long start = 0;
      int classesBefore = 0;
      int warmups = Math.min(200, cycles / 10);
      for (int i = -warmups; i < cycles; i++) {
        if (i == 0) {
          System.gc();
          classesBefore = classes.getLoadedClassCount();
          start = System.nanoTime();
        }
        String shape = SHAPES[Math.floorMod(i, SHAPES.length)];
        db.execute("CREATE STREAM cycle_" + (i + warmups) + " AS " + shape);
        db.execute("DROP STREAM cycle_" + (i + warmups));
      }
      double msPerCycle = (System.nanoTime() - start) / 1e6 / cycles;
      System.gc();
      return String.format(
          Locale.ROOT,
          "\"cycles\":%d,\"ms_per_cycle\":%.3f,\"classes_more\":%d",
          cycles,
          msPerCycle,
          classes.getLoadedClassCount() - classesBefore);
    }
  }
}
