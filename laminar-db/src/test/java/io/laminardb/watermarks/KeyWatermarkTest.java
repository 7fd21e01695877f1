package io.laminardb.watermarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Subscription;
import io.laminardb.TestAccess;
import io.laminardb.script.Feeder;
import io.laminardb.script.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random rows of keys that go their own pace, against plain models of windows, sessions and frames per key. */
class KeyWatermarkTest {
  private static final long DELAY = 3;
  private static final long SIZE = 20;
  private static final long SLIDE = 10;
  private static final long GAP = 10;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void windowsCloseAndRowsAreLateByTheTimeOfTheirOwnKey(long seed) {
    String windows =
        "SELECT k, g, window_start AS w, SUM(v) AS total FROM s"
            + " GROUP BY k, g, hop(ts, INTERVAL '0.02' SECOND, INTERVAL '0.01' SECOND)";
    check(seed, windows, KeyWatermarkTest::model);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void sessionsEndByTheTimeOfTheirOwnKey(long seed) {
    String session =
        "SELECT k, g, window_start AS w, SUM(v) AS total FROM s"
            + " GROUP BY k, g, session(ts, INTERVAL '0.01' SECOND)";
    check(seed, session, KeyWatermarkTest::sessions);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void partitionsGoOnByTheTimeOfTheirOwnKey(long seed) {
    String over =
        "SELECT k, v AS g, ts AS w, SUM(v) OVER (PARTITION BY g, k ORDER BY ts RANGE BETWEEN"
            + " INTERVAL '0.01' SECOND PRECEDING AND INTERVAL '0.005' SECOND FOLLOWING) AS total FROM s";
    check(seed, over, KeyWatermarkTest::frames);
  }

  private static void check(
      long seed, String query, BiFunction<List<Object[]>, Map<String, Long>, Long> model) {
    List<Object[]> rows = rows(new Random(seed));
    Map<String, Long> expected = new TreeMap<>();
    long late = model.apply(rows, expected);
    for (Mode mode : Mode.ALL) {
      Map<String, Long> actual = new TreeMap<>();
      long counted = run(mode, rows, query, seed, actual);
      assertThat(actual).as("seed %d, %s", seed, mode).isEqualTo(expected);
      assertThat(counted).as("late rows, seed %d, %s", seed, mode).isEqualTo(late);
    }
  }

  private static List<Object[]> rows(Random random) {
    int keys = 1 + random.nextInt(6);
    long[] now = new long[keys];
    Arrays.setAll(now, key -> random.nextInt(2000));
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int key = random.nextInt(keys);
      now[key] += random.nextInt(8);
      long time = now[key] - random.nextInt(random.nextInt(10) == 0 ? 40 : 4);
      rows.add(new Object[] {"key " + key, random.nextInt(3), (long) i, time});
    }
    return rows;
  }

  /** Sums by key, group and window; returns how many rows are late for all of their windows. */
  private static long model(List<Object[]> rows, Map<String, Long> sums) {
    Map<Object, Long> watermarks = new HashMap<>();
    long late = 0;
    for (Object[] row : rows) {
      long time = (long) row[3];
      long watermark = watermarks.getOrDefault(row[0], Long.MIN_VALUE);
      boolean taken = false;
      for (long start = Math.floorDiv(time, SLIDE) * SLIDE; start > time - SIZE; start -= SLIDE) {
        if (start + SIZE > watermark) {
          sums.merge(row[0] + "/" + row[1] + "/" + start, (long) row[2], Long::sum);
          taken = true;
        }
      }
      late += taken ? 0 : 1;
      watermarks.merge(row[0], time - DELAY, Math::max);
    }
    return late;
  }

  /** Sums by key, group and start of the session; returns how many rows are late. */
  private static long sessions(List<Object[]> rows, Map<String, Long> sums) {
    Map<Object, Long> watermarks = new HashMap<>();
    List<Object[]> open = new ArrayList<>(); // key, group, first, last, sum
    long late = 0;
    for (Object[] row : rows) {
      long time = (long) row[3];
      long watermark = watermarks.getOrDefault(row[0], Long.MIN_VALUE);
      List<Object[]> touched =
          open.stream()
              .filter(it -> it[0].equals(row[0]) && it[1].equals(row[1]))
              .filter(it -> (long) it[3] + GAP >= watermark)
              .filter(it -> time >= (long) it[2] - GAP && time <= (long) it[3] + GAP)
              .toList();
      boolean inTime = touched.stream().anyMatch(it -> (long) it[3] + GAP > watermark);
      if (time + GAP <= watermark && !inTime) {
        late++;
      } else {
        Object[] session = {row[0], row[1], time, time, (long) row[2]};
        for (Object[] other : touched) {
          session[2] = Math.min((long) session[2], (long) other[2]);
          session[3] = Math.max((long) session[3], (long) other[3]);
          session[4] = (long) session[4] + (long) other[4];
        }
        open.removeAll(touched);
        open.add(session);
      }
      watermarks.merge(row[0], time - DELAY, Math::max);
    }
    open.forEach(it -> sums.merge(it[0] + "/" + it[1] + "/" + it[2], (long) it[4], Long::sum));
    return late;
  }

  /** Sums of what lies around each row in its partition; returns how many rows are late. */
  private static long frames(List<Object[]> rows, Map<String, Long> sums) {
    Map<Object, Long> watermarks = new HashMap<>();
    List<Object[]> taken = new ArrayList<>();
    for (Object[] row : rows) {
      if ((long) row[3] >= watermarks.getOrDefault(row[0], Long.MIN_VALUE)) {
        taken.add(row);
      }
      watermarks.merge(row[0], (long) row[3] - DELAY, Math::max);
    }
    for (Object[] row : taken) {
      long time = (long) row[3];
      long sum =
          taken.stream()
              .filter(it -> it[0].equals(row[0]) && it[1].equals(row[1]))
              .filter(it -> (long) it[3] >= time - 10 && (long) it[3] <= time + 5)
              .mapToLong(it -> (long) it[2])
              .sum();
      sums.put(row[0] + "/" + row[2] + "/" + time, sum);
    }
    return rows.size() - taken.size();
  }

  private static long run(
      Mode mode, List<Object[]> rows, String query, long seed, Map<String, Long> sums) {
    LaminarDB.Builder builder = LaminarDB.builder();
    if (!mode.threaded()) {
      builder.inline();
    }
    if (mode.tiny()) {
      builder.ringRows(4).batchRows(2);
    }
    try (BufferAllocator allocator = new RootAllocator();
        LaminarDB db = builder.build()) {
      db.execute(
          "CREATE SOURCE s (k VARCHAR, g INT, v BIGINT, ts BIGINT,"
              + " WATERMARK FOR ts AS ts - INTERVAL '0.003' SECOND PER KEY k);"
              + " CREATE STREAM sums AS "
              + query);
      Subscription results = db.subscribe("sums");
      db.start();
      Runnable between =
          () -> {
            if (mode.rebuild()) {
              db.sync();
              TestAccess.rebuildState(db);
            }
          };
      new Feeder(mode, new Random(seed), allocator, between).push(db.source("s"), rows);
      db.source("s").end();
      db.sync();
      for (Row row : results.drain()) {
        String group = row.getString("k") + "/" + row.getLong("g") + "/" + row.getLong("w");
        assertThat(sums.put(group, row.getLong("total"))).as(group).isNull();
      }
      return db.metrics().query("sums").lateRows();
    }
  }
}
