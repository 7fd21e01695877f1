package io.laminardb.oracle;

import io.laminardb.oracle.StreamCase.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Windows that rows come late for, one by one: with an {@code allowed_lateness} of their own, answered
 * once or with changes, or asked for while they are open. Which rows count in which window is worked out here; DuckDB is given a row for
 * each.
 *
 * @param kind tumble, hop or cumulate
 * @param slideMs of hop, step of cumulate
 */
record LateCases(
    String kind, long sizeMs, long slideMs, long offsetMs, long delayMs, long latenessMs) {
  private static final String COLUMNS = "id INT, k VARCHAR, v INT, d DECIMAL(10, 2), ts BIGINT";

  static StreamCase generate(long seed) {
    Random random = StreamCase.random(seed);
    String kind = List.of("tumble", "hop", "cumulate").get(random.nextInt(3));
    long slide = 500L * (1 + random.nextInt(8));
    long size =
        switch (kind) {
          case "tumble" -> slide;
          case "hop" -> random.nextInt(4) == 0 ? slide / 2 + 250 : slide * (1 + random.nextInt(4));
          default -> slide * (1 + random.nextInt(4));
        };
    LateCases windows =
        new LateCases(
            kind,
            size,
            slide,
            random.nextInt(3) == 0 ? random.nextInt((int) slide) : 0,
            random.nextInt(3) == 0 ? 0 : random.nextInt(1500),
            random.nextInt(3) == 0 ? 0 : random.nextInt(4000));
    return windows.draw(seed, random);
  }

  private StreamCase draw(long seed, Random random) {
    String key = random.nextInt(3) == 0 ? "" : "k, ";
    String measures =
        List.of(
                "COUNT(*) AS n, SUM(v) AS s",
                "MIN(v) AS l, MAX(d) AS h",
                "COUNT(DISTINCT v) AS n, SUM(DISTINCT d) AS s",
                "SUM(d) FILTER (WHERE v > 3) AS s, COUNT(v) AS n",
                "ARRAY_AGG(id ORDER BY id) AS ids",
                "QUANTILE_DISC(v, 0.5) AS m, STRING_AGG(CAST(v AS VARCHAR), ',' ORDER BY id) AS t")
            .get(random.nextInt(6));
    String having = random.nextInt(4) == 0 ? " HAVING COUNT(*) > 1" : "";
    String select = "SELECT " + key + "window_start, window_end, " + measures;
    String with = latenessMs == 0 ? "" : " WITH (allowed_lateness = " + interval(latenessMs) + ")";
    String create =
        List.of("STREAM q AS %s EMIT CHANGES", "STREAM q AS %s", "MATERIALIZED VIEW q AS %s")
            .get(random.nextInt(3));
    boolean askedBefore = random.nextInt(4) == 0;
    if (askedBefore) {
      create = "MATERIALIZED VIEW q AS %s" + (random.nextBoolean() ? " EMIT ON WINDOW CLOSE" : "");
    }
    String where = random.nextInt(4) == 0 ? " WHERE v <> 2" : "";
    String query = select + " FROM t" + where + " GROUP BY " + key + window() + having;
    List<Object[]> rows = new ArrayList<>();
    long clock = 100_000;
    for (int id = 0, count = random.nextInt(60); id < count; id++) {
      clock += random.nextInt(3) == 0 ? 0 : random.nextInt(700);
      rows.add(
          new Object[] {
            id,
            random.nextInt(8) == 0 ? null : "the key number " + random.nextInt(2),
            random.nextInt(8) == 0 ? null : (Object) random.nextInt(6),
            random.nextInt(8) == 0
                ? null
                : java.math.BigDecimal.valueOf(random.nextInt(8) * 25L, 2),
            random.nextInt(15) == 0 ? null : (Object) (clock - random.nextInt(5000))
          });
    }
    return new StreamCase(
        seed,
        List.of(
            "CREATE SOURCE t (" + COLUMNS + ", WATERMARK FOR ts AS ts - " + interval(delayMs) + ")",
            "CREATE " + create.formatted(query) + with),
        askedBefore ? "SELECT * FROM q INCLUDE OPEN" : null,
        StreamCase.added("t", rows),
        (duckDb, changes) -> {
          String table = "CREATE TABLE t (" + COLUMNS + ", window_start BIGINT, window_end BIGINT)";
          duckDb.table("t", table, counted(changes));
          String open = ", window_end + " + latenessMs + " > " + watermark(changes) + " AS is_open";
          return duckDb.query(
              select
                  + (askedBefore ? open : "")
                  + " FROM t"
                  + where
                  + " GROUP BY "
                  + key
                  + "window_start, window_end"
                  + having);
        });
  }

  private String window() {
    String arguments =
        kind.equals("tumble") ? interval(sizeMs) : interval(sizeMs) + ", " + interval(slideMs);
    return kind + "(ts, " + arguments + (offsetMs == 0 ? "" : ", " + interval(offsetMs)) + ")";
  }

  private static String interval(long ms) {
    return "INTERVAL '%d.%03d' SECOND".formatted(ms / 1000, ms % 1000);
  }

  /** A row for each row and each of its windows that was open when it came. */
  private List<Object[]> counted(List<Change> changes) {
    List<Object[]> counted = new ArrayList<>();
    long watermark = Long.MIN_VALUE;
    for (Change change : changes) {
      Object[] row = change.row();
      if (row[4] == null) {
        continue;
      }
      long ts = (Long) row[4];
      for (long[] bounds : windows(ts)) {
        if (bounds[1] + latenessMs > watermark) {
          counted.add(new Object[] {row[0], row[1], row[2], row[3], row[4], bounds[0], bounds[1]});
        }
      }
      watermark = Math.max(watermark, ts - delayMs);
    }
    return counted;
  }

  private long watermark(List<Change> changes) {
    return changes.stream()
        .filter(change -> change.row()[4] != null)
        .mapToLong(change -> (Long) change.row()[4] - delayMs)
        .max()
        .orElse(0);
  }

  private List<long[]> windows(long ts) {
    List<long[]> windows = new ArrayList<>();
    if (kind.equals("cumulate")) {
      long start = Math.floorDiv(ts - offsetMs, sizeMs) * sizeMs + offsetMs;
      for (long end = start + slideMs; end <= start + sizeMs; end += slideMs) {
        if (ts < end) {
          windows.add(new long[] {start, end});
        }
      }
      return windows;
    }
    long last = Math.floorDiv(ts - offsetMs, slideMs) * slideMs + offsetMs;
    for (long start = last; start + sizeMs > ts; start -= slideMs) {
      windows.add(new long[] {start, start + sizeMs});
    }
    return windows;
  }
}
