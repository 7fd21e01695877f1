package io.laminardb.bench;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.RowWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long a database with much state takes to open in a fresh JVM, as its user sees it: until {@code open} has
 * returned, and until a SELECT COUNT(*) of a view with all keys is answered; from {@code main} on, and
 * ({@code process_ms}) from before the process. Prints a JSON line of medians, in milliseconds.
 *
 * <pre>
 * ReopenBench [--keys 1000000] [--jvms 5]
 * </pre>
 */
public final class ReopenBench {
  private static final String STATEMENTS =
      "CREATE SOURCE trades (k BIGINT NOT NULL, v BIGINT NOT NULL);"
          + "CREATE MATERIALIZED VIEW sums AS"
          + " SELECT k, SUM(v) AS s, COUNT(*) AS c FROM trades GROUP BY k";

  private ReopenBench() {}

  /** With {@code --directory}: opens it in this JVM. */
  public static void main(String[] args) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Arguments arguments = new Arguments(args, List.of("keys", "jvms", "directory"));
    int keys = arguments.number("keys", 1_000_000);
    String there = arguments.text("directory", null);
    if (there != null) {
      reopen(Path.of(there), keys, start);
      return;
    }
    try (TemporaryDirectory directory = new TemporaryDirectory()) {
      Path path = directory.path().resolve("db");
      fill(path, keys);
      Map<String, Samples> samples = new TreeMap<>();
      for (int i = 0; i < arguments.number("jvms", 5); i++) {
        FreshJvm.run(
            ReopenBench.class,
            List.of("--directory", path.toString(), "--keys", String.valueOf(keys)),
            samples);
      }
      StringBuilder line = new StringBuilder("{\"measure\":\"reopen\",\"keys\":" + keys);
      samples.forEach(
          (name, values) ->
              line.append(String.format(Locale.ROOT, ",\"%s\":%.0f", name, values.median())));
      System.out.println(line.append('}'));
    }
  }

  private static LaminarDB open(Path directory) {
    return LaminarDB.builder()
        .memoryBudget(8L << 30)
        .storageDir(directory)
        .checkpoint(CheckpointConfig.every(Duration.ofDays(1)))
        .build();
  }

  private static void fill(Path directory, int keys) {
    try (LaminarDB db = open(directory)) {
      db.execute(STATEMENTS);
      db.start();
      RowWriter writer = db.source("trades").rows();
      for (int i = 0; i < keys; i++) {
        writer.begin().setLong(0, i).setLong(1, i).endRow();
      }
      db.sync();
    }
  }

  private static void reopen(Path directory, int keys, long startNs) {
    try (LaminarDB db = open(directory)) {
      double openedMs = (System.nanoTime() - startNs) / 1e6;
      long count = db.query("SELECT COUNT(*) FROM sums").drain().get(0).getLong(0);
      if (count != keys) {
        throw new IllegalStateException(count + " keys instead of " + keys);
      }
      FreshJvm.step("answered_ms", startNs);
      System.out.println("opened_ms " + openedMs);
    }
  }
}
