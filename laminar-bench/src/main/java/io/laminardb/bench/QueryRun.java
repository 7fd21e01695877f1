package io.laminardb.bench;

import io.laminardb.LaminarDB;
import io.laminardb.Subscription;

/**
 * One run of a workload's query in a database of its own.
 *
 * @param seconds from the first push to the last result
 * @param pushCpuNs processor time of the pushing thread
 * @param otherCpuNs processor time of the reactor's thread, where it has one
 * @param allocatedBytes what all threads allocated on the heap meanwhile
 * @param resultRows rows the listener got
 * @param checksum of these
 */
record QueryRun(
    double seconds,
    long pushCpuNs,
    long otherCpuNs,
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
    THREADED
  }

  /** What a listener has seen; the reactor's thread writes it, {@code sync} publishes it. */
  private static final class Results {
    long rows;
    long checksum;
  }

  static QueryRun run(Workload workload, Data data, Feed feed, Mode mode) {
    LaminarDB.Builder builder = LaminarDB.builder().memoryBudget(8L << 30);
    try (LaminarDB db = (mode == Mode.INLINE ? builder.inline() : builder).build()) {
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
        db.sync();
        double seconds = (System.nanoTime() - start) / 1e9;
        long own = Threads.ownCpuNs() - ownBefore;
        long other = Threads.cpuNs() - cpuBefore - own;
        long allocated = Threads.allocatedBytes() - allocatedBefore;
        subscription.poll(); // throws what the query failed of
        if (!subscription.isEnded()) {
          throw new IllegalStateException(workload + " has not ended");
        }
        return new QueryRun(seconds, own, other, allocated, results.rows, results.checksum);
      }
    }
  }
}
