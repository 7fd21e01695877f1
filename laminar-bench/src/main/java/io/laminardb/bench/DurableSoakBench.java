package io.laminardb.bench;

import io.laminardb.CheckpointConfig;
import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.RowWriter;
import io.laminardb.Subscriber;
import io.laminardb.bench.Gauges.Gauge;
import io.laminardb.core.durable.CheckpointInfo;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Whether a durable database that runs for long stays as it is: rows come as fast as they are taken, keys
 * come and go, a subscriber acknowledges, a file is written, and a checkpoint is taken every second. What
 * it holds of memory and disk is sampled, a JSON line each; the means of the second and the last quarter
 * of the time are compared. Exits with 1 where something has grown.
 *
 * <pre>
 * DurableSoakBench [--seconds 1200] [--sample 5]
 * </pre>
 */
public final class DurableSoakBench {
  private static final PrintStream OUT = System.out;

  /** Keys that are alive at a time; each of them gives way to a new one some time. */
  private static final int KEYS = 10_000;

  private static final int ROWS_PER_KEY = 50;
  private static final int ROWS_PER_MILLI = 100;
  private static final String COLUMNS =
      " (k BIGINT NOT NULL, v BIGINT NOT NULL, ts BIGINT NOT NULL, WATERMARK FOR ts)"
          + " WITH (watermark_group = 'market', max_drift = INTERVAL '1' SECOND)";
  private static final String OBJECTS =
      "CREATE SOURCE trades"
          + COLUMNS
          + ";"
          + "CREATE SOURCE orders"
          + COLUMNS
          + ";"
          + "CREATE TABLE positions (k BIGINT PRIMARY KEY, desk BIGINT, v BIGINT);"
          + "CREATE STREAM volumes AS SELECT k, SUM(v) AS s, COUNT(*) AS c FROM trades"
          + " GROUP BY k, TUMBLE(ts, INTERVAL '1' SECOND);"
          + "CREATE STREAM smooth AS SELECT MOD(k, 100) AS g, AVG(v) AS a FROM trades"
          + " GROUP BY MOD(k, 100), HOP(ts, INTERVAL '1' SECOND, INTERVAL '10' SECOND);"
          + "CREATE MATERIALIZED VIEW desks AS SELECT desk, SUM(v) AS s, COUNT(*) AS c, MAX(v) AS m"
          + " FROM positions GROUP BY desk;"
          + "CREATE STREAM matched AS SELECT o.k, o.v, t.v AS w, o.ts FROM orders o JOIN trades t"
          + " ON o.k = t.k AND t.ts BETWEEN o.ts - INTERVAL '1' SECOND AND o.ts;"
          + "CREATE STREAM held AS SELECT o.k, o.v, p.desk FROM orders o JOIN positions"
          + " FOR SYSTEM_TIME AS OF PROCTIME() AS p ON o.k = p.k;"
          + "CREATE STREAM matches AS SELECT MOD(k, 100) AS g, COUNT(*) AS c FROM matched"
          + " GROUP BY MOD(k, 100), TUMBLE(ts, INTERVAL '1' SECOND);";

  private final LaminarDB db;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private volatile boolean ended;
  private volatile long rows;
  private volatile long acknowledged;

  private DurableSoakBench(LaminarDB db) {
    this.db = db;
  }

  public static void main(String[] args) throws InterruptedException {
    Arguments arguments = new Arguments(args, List.of("seconds", "sample"));
    boolean flat;
    try (TemporaryDirectory directory = new TemporaryDirectory()) {
      Path path = directory.path().resolve("db");
      try (LaminarDB db =
          LaminarDB.builder()
              .memoryBudget(8L << 30)
              .storageDir(path)
              .checkpoint(CheckpointConfig.every(Duration.ofSeconds(1)))
              .build()) {
        db.execute(OBJECTS);
        db.execute(
            "CREATE SINK smoothed INTO FILES (path = '"
                + directory.path().resolve("smooth.csv")
                + "', mode = 'append') AS SELECT * FROM smooth");
        flat =
            new DurableSoakBench(db)
                .run(
                    new Gauges(db, path),
                    arguments.number("seconds", 1200),
                    arguments.number("sample", 5));
      }
    }
    System.exit(flat ? 0 : 1);
  }

  private boolean run(Gauges gauges, int seconds, int everySeconds) throws InterruptedException {
    DurableSubscription subscription = db.subscribe("volumes", Subscriber.durable("billing"));
    db.start();
    List<Thread> threads =
        List.of(thread("soak-push", this::push), thread("soak-read", () -> read(subscription)));
    long start = System.nanoTime();
    for (int sample = 1; sample <= seconds / everySeconds && failure.get() == null; sample++) {
      long due = start + TimeUnit.SECONDS.toNanos((long) sample * everySeconds);
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      report(gauges.sample(keptRows()), (System.nanoTime() - start) / 1e9);
    }
    ended = true;
    for (Thread thread : threads) {
      thread.join();
    }
    if (failure.get() != null) {
      throw new IllegalStateException("it has failed", failure.get());
    }
    return verdict(gauges);
  }

  private Thread thread(String name, Runnable action) {
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
              } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
              }
            },
            name);
    thread.start();
    return thread;
  }

  /** Rows in event time; a key lives for so many rows, and the oldest one gives way to a new one. */
  private void push() {
    SplittableRandom random = new SplittableRandom(42);
    RowWriter trades = db.source("trades").rows();
    RowWriter orders = db.source("orders").rows();
    var positions = db.table("positions");
    RowWriter upserts = positions.rows();
    for (long row = 0; !ended; row++) {
      long oldest = row / ROWS_PER_KEY;
      long key = oldest + random.nextInt(KEYS);
      long time = 1_700_000_000_000L + row / ROWS_PER_MILLI;
      trades.begin().setLong(0, key).setLong(1, random.nextInt(1000)).setLong(2, time).endRow();
      if (row % 20 == 0) {
        orders.begin().setLong(0, key).setLong(1, row).setLong(2, time).endRow();
      }
      if (row % 25 == 0) {
        upserts.begin().setLong(0, key).setLong(1, key % 1000).setLong(2, row).endRow();
      }
      if (row % ROWS_PER_KEY == 0) {
        positions.delete(oldest);
      }
      rows = row + 1;
    }
  }

  private void read(DurableSubscription subscription) {
    while (!ended) {
      if (subscription.drain().isEmpty()) {
        LockSupport.parkNanos(1_000_000);
      } else {
        subscription.ack();
        acknowledged = subscription.acknowledged();
      }
    }
  }

  private long keptRows() {
    return db.query("SHOW SUBSCRIPTIONS").drain().get(0).getLong("waiting_rows");
  }

  private void report(Map<Gauge, Double> sample, double seconds) {
    List<String> fields = new ArrayList<>();
    sample.forEach(
        (gauge, value) ->
            fields.add(
                String.format(
                    Locale.ROOT, "\"%s\":%.0f", gauge.name().toLowerCase(Locale.ROOT), value)));
    CheckpointInfo last = db.checkpoints().get(db.checkpoints().size() - 1);
    OUT.printf(
        Locale.ROOT,
        "{\"seconds\":%.0f,\"rows\":%d,\"acknowledged\":%d,\"checkpoints\":%d,"
            + "\"checkpoint_ms\":%.0f,%s}%n",
        seconds,
        rows,
        acknowledged,
        last.id(),
        last.durationNs() / 1e6,
        String.join(",", fields));
  }

  private static boolean verdict(Gauges gauges) {
    for (Gauge gauge : Gauge.values()) {
      OUT.printf(
          Locale.ROOT,
          "{\"gauge\":\"%s\",\"second_quarter\":%.0f,\"last_quarter\":%.0f}%n",
          gauge.name().toLowerCase(Locale.ROOT),
          gauges.mean(gauge, 2),
          gauges.mean(gauge, 4));
    }
    List<String> grown = gauges.grown();
    OUT.printf(
        "{\"verdict\":\"%s\"}%n", grown.isEmpty() ? "flat" : "grown: " + String.join(", ", grown));
    return grown.isEmpty();
  }
}
