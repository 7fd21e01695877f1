package io.laminardb.bench;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Random;

/**
 * What merging panes of hopping windows costs: processor time of a row, by how many panes a window is
 * made of, keys, and rows that come within a slide; one line each. Inline, so that one thread does all.
 */
public final class PaneBench {
  private static final int SLIDES = 100;
  private static final int[] KEYS = {100, 10_000, 100_000};
  private static final int[] ROWS_PER_SLIDE = {1_000, 10_000, 100_000};
  private static final int[] PANES = {1, 5, 20, 60};
  private static final long START_MS = 1_700_000_000_000L;

  private PaneBench() {}

  public static void main(String[] arguments) {
    run(10_000, 10_000, 5); // warm
    for (int keys : KEYS) {
      for (int rows : ROWS_PER_SLIDE) {
        for (int panes : PANES) {
          run(keys, rows, panes);
        }
      }
    }
  }

  private static void run(int keys, int rowsPerSlide, int panes) {
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(
          "CREATE SOURCE t (k BIGINT NOT NULL, v BIGINT NOT NULL, ts BIGINT NOT NULL, WATERMARK FOR"
              + " ts)");
      db.execute(
          "CREATE STREAM s AS SELECT k, COUNT(*) AS n, SUM(v) AS s, MAX(v) AS m FROM t GROUP BY k,"
              + " hop(ts, INTERVAL '"
              + panes
              + "' SECOND, INTERVAL '1' SECOND)");
      long[] out = new long[2]; // rows, and how often rows were counted
      db.subscribeArrow(
          "s",
          result -> {
            out[0] += result.getRowCount();
            var counts = (org.apache.arrow.vector.BigIntVector) result.getVector("n");
            for (int i = 0; i < result.getRowCount(); i++) {
              out[1] += counts.get(i);
            }
          });
      db.start();
      Source source = db.source("t");
      Random random = new Random(1);
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      int rows = rowsPerSlide * SLIDES;
      long start = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < rows; i++) {
        source.push((long) random.nextInt(keys), (long) i, START_MS + i * 1000L / rowsPerSlide);
      }
      source.end();
      double used = threads.getCurrentThreadCpuTime() - start;
      if (out[1] != (long) rows * panes) {
        throw new IllegalStateException(out[1] + " rows counted of " + (long) rows * panes);
      }
      System.out.printf(
          "{\"keys\": %d, \"rows a slide\": %d, \"panes\": %d, \"ns a row\": %.0f, \"out a row\":"
              + " %.2f}%n",
          keys, rowsPerSlide, panes, used / rows, (double) out[0] / rows);
    }
  }
}
