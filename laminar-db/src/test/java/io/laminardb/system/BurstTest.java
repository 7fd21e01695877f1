package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory of an interval join is that of the rows it keeps now, not of the most it ever kept. */
class BurstTest {
  private static final String LONG = "a key that is too long for its place in a row ";
  private static final long SPAN = 1000;

  private record Pushed(boolean isLeft, String key, int value, long time) {}

  @ParameterizedTest
  @ValueSource(strings = {"JOIN", "LEFT JOIN", "FULL JOIN"})
  void memoryIsGivenBackAfterABurst(String join) {
    List<String> results = new ArrayList<>();
    List<Pushed> pushed = new ArrayList<>();
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      String columns =
          " (k VARCHAR, v INT, ts BIGINT, WATERMARK FOR ts AS ts - INTERVAL '0.1' SECOND)";
      db.execute("CREATE SOURCE a" + columns + "; CREATE SOURCE b" + columns);
      db.execute(
          "CREATE STREAM pairs AS SELECT a.k, a.v, b.k AS bk, b.v AS w FROM a "
              + join
              + " b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + "
              + SPAN);
      db.subscribe(
          "pairs",
          row ->
              results.add(
                  text(
                      row.getString("k"),
                      row.getObject("v"),
                      row.getString("bk"),
                      row.getObject("w"))));
      db.start();
      Random random = new Random(20_261_124);
      long time = trickle(db, pushed, 10_000, random);
      long before = db.metrics().query("pairs").stateBytes();
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20_000; i++) {
          push(
              db,
              pushed,
              new Pushed(
                  random.nextBoolean(),
                  LONG + random.nextInt(8_000),
                  i,
                  time + random.nextInt(90)));
        }
        assertThat(db.metrics().query("pairs").stateBytes()).isGreaterThan(8 * before);
        time = trickle(db, pushed, time + SPAN, random);
        assertThat(db.metrics().query("pairs").stateRows()).isPositive();
        assertThat(db.metrics().query("pairs").stateBytes()).isLessThan(2 * before);
      }
      db.source("a").end();
      db.source("b").end();
      db.sync();
      assertThat(db.metrics().query("pairs").stateBytes()).isLessThan(2 * before);
    }
    assertThat(results).containsExactlyInAnyOrderElementsOf(expected(pushed, join));
  }

  /** Some rows with much time between them; returns when the next ones may come. */
  private static long trickle(LaminarDB db, List<Pushed> pushed, long from, Random random) {
    long time = from;
    for (int i = 0; i < 200; i++) {
      time += 50;
      push(
          db,
          pushed,
          new Pushed(i % 2 == 0, LONG + random.nextInt(20), i, time - random.nextInt(90)));
    }
    return time;
  }

  private static void push(LaminarDB db, List<Pushed> pushed, Pushed row) {
    Source source = db.source(row.isLeft ? "a" : "b");
    source.push(row.key, row.value, row.time);
    pushed.add(row);
  }

  private static List<String> expected(List<Pushed> pushed, String join) {
    Map<String, List<Pushed>> rights = new HashMap<>();
    Map<String, List<Pushed>> lefts = new HashMap<>();
    for (Pushed row : pushed) {
      (row.isLeft ? lefts : rights).computeIfAbsent(row.key, key -> new ArrayList<>()).add(row);
    }
    List<String> results = new ArrayList<>();
    for (Pushed row : pushed) {
      boolean matched = false;
      for (Pushed other : (row.isLeft ? rights : lefts).getOrDefault(row.key, List.of())) {
        long ahead = row.isLeft ? other.time - row.time : row.time - other.time;
        if (ahead >= 0 && ahead <= SPAN) {
          matched = true;
          if (row.isLeft) {
            results.add(text(row.key, row.value, other.key, other.value));
          }
        }
      }
      if (!matched && row.isLeft && !join.equals("JOIN")) {
        results.add(text(row.key, row.value, null, null));
      } else if (!matched && !row.isLeft && join.equals("FULL JOIN")) {
        results.add(text(null, null, row.key, row.value));
      }
    }
    return results;
  }

  private static String text(Object key, Object value, Object otherKey, Object otherValue) {
    return key + " " + value + " " + otherKey + " " + otherValue;
  }
}
