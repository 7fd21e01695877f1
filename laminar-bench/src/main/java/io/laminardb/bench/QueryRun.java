package io.laminardb.bench;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.Subscription;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * One run of a workload's query in a database of its own.
 *
 * @param seconds from the first push to the last result
 * @param pushCpuNs processor time of the pushing thread
 * @param otherCpuNs processor time of the other threads: the reactor's and the journal's, where there are
 * @param journalBytes size of the journal's files, where there is one
 * @param allocatedBytes what all threads allocated on the heap meanwhile
 * @param resultRows rows the listener got
 * @param checksum of these
 */
record QueryRun(
    double seconds,
    long pushCpuNs,
    long otherCpuNs,
    long journalBytes,
    long allocatedBytes,
    long resultRows,
    long checksum) {
  static final String SOURCE =
      "CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE NOT NULL,"
          + " volume BIGINT NOT NULL, ts BIGINT NOT NULL)";

  /** With event time declared, which OVER asks for. */
  private static final String ORDERED =
      SOURCE.substring(0, SOURCE.length() - 1) + ", WATERMARK FOR ts)";

  /** How the database runs. */
  enum Mode {
    INLINE,
    THREADED,
    /** Inline, with a journal that is written in the background and not waited for. */
    DURABLE
  }

  /** What a listener has seen; the reactor's thread writes it, {@code sync} publishes it. */
  private static final class Results {
    long rows;
    long checksum;
  }

  static QueryRun run(Workload workload, Data data, Feed feed, Mode mode) {
    LaminarDB.Builder builder = LaminarDB.builder().memoryBudget(8L << 30);
    if (mode != Mode.THREADED) {
      builder.inline();
    }
    if (mode != Mode.DURABLE) {
      return run(workload, data, feed, builder, () -> 0);
    }
    try (TemporaryDirectory directory = new TemporaryDirectory()) {
      builder.storageDir(directory.path()).checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
      return run(workload, data, feed, builder, directory::bytes);
    }
  }

  private static QueryRun run(
      Workload workload,
      Data data,
      Feed feed,
      LaminarDB.Builder builder,
      LongSupplier journalBytes) {
    try (LaminarDB db = builder.build()) {
      db.execute(workload == Workload.W9_LAG ? ORDERED : SOURCE);
      if (workload.joins()) {
        db.execute(SOURCE.replace("trades", "orders"));
      }
      db.execute("CREATE STREAM results AS " + workload.query);
      Results results = new Results();
      try (Subscription subscription =
          db.subscribeArrow(
              "results",
              root -> {
                results.rows += root.getRowCount();
                results.checksum += workload.checksum(root);
              })) {
        db.start();
        db.sync();
        long allocatedBefore = Threads.allocatedBytes();
        long ownBefore = Threads.ownCpuNs();
        long cpuBefore = Threads.cpuNs();
        long start = System.nanoTime();
        if (workload.joins()) {
          Feed.pushJoined(data, db);
        } else {
          feed.push(data, db);
        }
        db.source("trades").end();
        while (!subscription.isEnded()) {
          Thread.onSpinWait(); // sync() would wait for the disk, too
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long own = Threads.ownCpuNs() - ownBefore;
        long other = Threads.cpuNs() - cpuBefore - own;
        long allocated = Threads.allocatedBytes() - allocatedBefore;
        subscription.poll(); // throws what the query failed of
        if (journalBytes.getAsLong() > 0) {
          db.sync(); // all of it is written
        }
        return new QueryRun(
            seconds,
            own,
            other,
            journalBytes.getAsLong(),
            allocated,
            results.rows,
            results.checksum);
      }
    }
  }
}
