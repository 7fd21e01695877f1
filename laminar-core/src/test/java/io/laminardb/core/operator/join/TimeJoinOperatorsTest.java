package io.laminardb.core.operator.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.join.AsofSpec.Comparison;
import io.laminardb.core.operator.join.TimeJoinDriver.Row;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

/** Interval and ASOF joins of random rows against plain loops over all pairs. */
class TimeJoinOperatorsTest {
  private static final long SEED = Long.getLong("laminar.seed", 20_261_123);
  private static final int CASES = 1_500;
  private static final List<Integer> KEY = List.of(0);
  private static final List<Integer> ALL =
      JoinSpec.allColumns(JoinType.LEFT, TimeJoinDriver.ROWS, TimeJoinDriver.ROWS);

  @Test
  void intervalJoinsAnswerWhatALoopOverAllPairsDoes() {
    for (int i = 0; i < CASES; i++) {
      Random random = new Random(SEED + i);
      Case test = new Case(random);
      long lower = random.nextInt(60) - 40;
      long upper = lower + random.nextInt(60) - 10;
      JoinType type = JoinType.values()[random.nextInt(JoinType.values().length)];
      boolean eager = random.nextBoolean() && type != JoinType.INNER && type != JoinType.SEMI;
      boolean condition = random.nextInt(3) == 0;
      JoinSpec join =
          new JoinSpec(
              type,
              TimeJoinDriver.ROWS,
              TimeJoinDriver.ROWS,
              test.keys(),
              test.keys(),
              test.nullSafe(),
              condition ? IdsDiffer::new : null,
              false,
              null,
              !eager && type != JoinType.INNER && type != JoinType.SEMI,
              JoinSpec.allColumns(type, TimeJoinDriver.ROWS, TimeJoinDriver.ROWS),
              output(type.hasPairs(), eager));
      test.check(
          new IntervalJoinOperator.Factory(new IntervalJoinSpec(join, 1, 1, lower, upper), null),
          intervalJoin(test, type, lower, upper, condition),
          "interval " + type + " [" + lower + ", " + upper + "] eager " + eager);
    }
  }

  @Test
  void asofJoinsAnswerWhatALoopOverAllPairsDoes() {
    for (int i = 0; i < CASES; i++) {
      Random random = new Random(SEED + i);
      Case test = new Case(random);
      Comparison comparison = Comparison.values()[random.nextInt(4)];
      long tolerance = random.nextBoolean() ? AsofSpec.NO_TOLERANCE : random.nextInt(30);
      test.check(
          new AsofJoinOperator.Factory(test.asof(comparison, tolerance, false)),
          asofJoin(test.left, test.right, test, comparison, tolerance),
          "asof " + comparison + " within " + tolerance);
    }
  }

  @Test
  void asofJoinsCorrectThemselvesToWhatALoopOverTheRestAnswers() {
    for (int i = 0; i < CASES; i++) {
      Random random = new Random(SEED + i);
      Case test = new Case(random);
      Comparison comparison = Comparison.values()[random.nextInt(4)];
      long tolerance = random.nextBoolean() ? AsofSpec.NO_TOLERANCE : random.nextInt(30);
      List<Row> left = withRetractions(test.left, random);
      List<Row> right = withRetractions(test.right, random);
      Map<String, Integer> expected =
          asofJoin(remaining(left), remaining(right), test, comparison, tolerance);
      test.left = left;
      test.right = right;
      test.late = -1;
      test.check(
          new AsofChangesOperator.Factory(test.asof(comparison, tolerance, true)),
          expected,
          "changes " + comparison + " within " + tolerance);
    }
  }

  @Test
  void intervalJoinsKeepNoMoreThanTheInterval() {
    JoinSpec join =
        new JoinSpec(
            JoinType.INNER,
            TimeJoinDriver.ROWS,
            TimeJoinDriver.ROWS,
            KEY,
            KEY,
            List.of(false),
            null,
            false,
            null,
            false,
            ALL,
            TimeJoinDriver.pairs(false));
    TimeJoinDriver driver =
        longRun(new IntervalJoinOperator.Factory(new IntervalJoinSpec(join, 1, 1, -5, 5), null));
    assertThat(driver.mostStateRows()).isBetween(5L, 100L);
    assertThat(driver.rowsAtEnd()).isZero();
  }

  @Test
  void asofJoinsKeepOneRowAKey() {
    for (Comparison comparison : Comparison.values()) {
      for (long tolerance : new long[] {50, AsofSpec.NO_TOLERANCE}) {
        AsofSpec spec =
            new AsofSpec(
                comparison,
                TimeJoinDriver.ROWS,
                TimeJoinDriver.ROWS,
                KEY,
                KEY,
                List.of(false),
                1,
                1,
                tolerance,
                true,
                ALL,
                TimeJoinDriver.pairs(false));
        TimeJoinDriver driver = longRun(new AsofJoinOperator.Factory(spec));
        assertThat(driver.mostStateRows()).as(spec.toString()).isBetween(5L, 100L);
        boolean keepsLast = comparison.isBackward() && tolerance == AsofSpec.NO_TOLERANCE;
        assertThat(driver.rowsAtEnd()).as(spec.toString()).isEqualTo(keepsLast ? 3 : 0);
      }
    }
  }

  private static TimeJoinDriver longRun(OperatorFactory factory) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      rows.add(new Row("k" + i % 3, (long) i, i, 1));
    }
    try (RootAllocator allocator = new RootAllocator()) {
      TimeJoinDriver driver = new TimeJoinDriver(allocator, new Random(SEED), 0);
      driver.balance();
      driver.run(factory, List.of(rows, rows), false);
      return driver;
    }
  }

  private static Schema output(boolean pairs, boolean changelog) {
    return pairs ? TimeJoinDriver.pairs(changelog) : TimeJoinDriver.ROWS.withChangelog(changelog);
  }

  /** Rows of both sides, with disorder, ties and NULLs. */
  private static final class Case {
    final long delay;
    final Random random;
    final boolean keyed;
    final boolean nullSafe;
    List<Row> left;
    List<Row> right;
    int late;

    Case(Random random) {
      this.random = random;
      delay = random.nextInt(3) * 20L;
      keyed = random.nextInt(4) != 0;
      nullSafe = random.nextInt(3) == 0;
      left = rows();
      right = rows();
    }

    private List<Row> rows() {
      List<Row> rows = new ArrayList<>();
      long max = Long.MIN_VALUE;
      int count = random.nextInt(120);
      for (int i = 0; i < count; i++) {
        int key = random.nextInt(5);
        String text = key == 0 ? null : key == 1 ? "a key of more than twelve bytes" : "k" + key;
        Long time = random.nextInt(15) == 0 ? null : Long.valueOf(i + random.nextInt(30) - 200L);
        rows.add(new Row(text, time, i, 1));
        late += time != null && max != Long.MIN_VALUE && time < max - delay ? 1 : 0;
        max = time == null ? max : Math.max(max, time);
      }
      return rows;
    }

    /** The rows that are not late. */
    List<Row> inTime(List<Row> rows) {
      List<Row> inTime = new ArrayList<>();
      long max = Long.MIN_VALUE;
      for (Row row : rows) {
        if (row.time() == null || max == Long.MIN_VALUE || row.time() >= max - delay) {
          inTime.add(row);
        }
        max = row.time() == null ? max : Math.max(max, row.time());
      }
      return inTime;
    }

    List<Integer> keys() {
      return keyed ? KEY : List.of();
    }

    List<Boolean> nullSafe() {
      return keyed ? List.of(nullSafe) : List.of();
    }

    boolean sameKey(Row one, Row other) {
      return !keyed
          || (one.key() == null ? nullSafe && other.key() == null : one.key().equals(other.key()));
    }

    AsofSpec asof(Comparison comparison, long tolerance, boolean changelog) {
      return new AsofSpec(
          comparison,
          TimeJoinDriver.ROWS.withChangelog(changelog),
          TimeJoinDriver.ROWS.withChangelog(changelog),
          keys(),
          keys(),
          nullSafe(),
          1,
          1,
          tolerance,
          true,
          ALL,
          TimeJoinDriver.pairs(changelog));
    }

    /** Runs it in two interleavings. */
    void check(OperatorFactory factory, Map<String, Integer> expected, String what) {
      for (int run = 0; run < 2; run++) {
        try (RootAllocator allocator = new RootAllocator()) {
          TimeJoinDriver driver = new TimeJoinDriver(allocator, random, delay);
          Map<String, Integer> answer = driver.run(factory, List.of(left, right), run == 1);
          String text = what + " delay " + delay + " seed " + SEED + "\n" + left + "\n" + right;
          assertThat(answer).as(text).isEqualTo(expected);
          assertThat(driver.isBehind()).as(text).isFalse();
          if (late >= 0) {
            assertThat(driver.late()).as(text).isEqualTo(late);
          }
          assertThat(allocator.getAllocatedMemory()).isZero();
        }
      }
    }
  }

  private static Map<String, Integer> intervalJoin(
      Case test, JoinType type, long lower, long upper, boolean condition) {
    Map<String, Integer> answer = new TreeMap<>();
    List<Row> rights = test.inTime(test.right);
    Set<Row> matchedRights = new HashSet<>();
    for (Row left : test.inTime(test.left)) {
      boolean matched = false;
      for (Row right : rights) {
        if (left.time() != null
            && right.time() != null
            && test.sameKey(left, right)
            && right.time() - left.time() >= lower
            && right.time() - left.time() <= upper
            && (!condition || (left.id() + right.id()) % 3 != 0)) {
          matched = true;
          matchedRights.add(right);
          if (type.hasPairs()) {
            answer.merge(left + " " + right, 1, Integer::sum);
          }
        }
      }
      if (type == JoinType.SEMI && matched) {
        answer.merge(left.toString(), 1, Integer::sum);
      } else if (!matched && type.keepsUnmatched(0)) {
        answer.merge(type.hasPairs() ? left + " -" : left.toString(), 1, Integer::sum);
      }
    }
    for (Row right : rights) {
      if (type.keepsUnmatched(1) && !matchedRights.contains(right)) {
        answer.merge("- " + right, 1, Integer::sum);
      }
    }
    return answer;
  }

  private static Map<String, Integer> asofJoin(
      List<Row> allLefts, List<Row> allRights, Case test, Comparison comparison, long tolerance) {
    boolean all = test.late < 0 || allLefts != test.left;
    Map<String, Integer> answer = new TreeMap<>();
    List<Row> rights = all ? allRights : test.inTime(allRights);
    for (Row left : all ? allLefts : test.inTime(allLefts)) {
      Row best = null;
      for (Row right : rights) {
        if (left.time() == null || right.time() == null || !test.sameKey(left, right)) {
          continue;
        }
        long ahead = right.time() - left.time();
        boolean matches =
            switch (comparison) {
              case GREATER_OR_EQUAL -> ahead <= 0;
              case GREATER -> ahead < 0;
              case LESS_OR_EQUAL -> ahead >= 0;
              case LESS -> ahead > 0;
            };
        boolean nearer =
            best == null
                || (comparison.isBackward()
                    ? right.time() >= best.time()
                    : right.time() < best.time());
        if (matches && Math.abs(ahead) <= tolerance && nearer) {
          best = right;
        }
      }
      answer.merge(left + " " + (best == null ? "-" : best), 1, Integer::sum);
    }
    return answer;
  }

  /** Some rows are taken back later on. */
  private static List<Row> withRetractions(List<Row> rows, Random random) {
    List<Row> changes = new ArrayList<>();
    List<Row> present = new ArrayList<>();
    for (Row row : rows) {
      changes.add(row);
      present.add(row);
      if (random.nextInt(3) == 0) {
        Row gone = present.remove(random.nextInt(present.size()));
        changes.add(new Row(gone.key(), gone.time(), gone.id(), -1));
      }
    }
    return changes;
  }

  private static List<Row> remaining(List<Row> changes) {
    List<Row> present = new ArrayList<>();
    for (Row change : changes) {
      Row row = new Row(change.key(), change.time(), change.id(), 1);
      if (change.weight() > 0) {
        present.add(row);
      } else {
        present.remove(row);
      }
    }
    return present;
  }

  /** A condition on both rows. */
  private static final class IdsDiffer extends PairKernel {
    private Batch pairs;

    @Override
    public void bind(Batch batch) {
      pairs = batch;
    }

    @Override
    public int select(int limit, int[] selected) {
      int count = 0;
      for (int pair = 0; pair < limit; pair++) {
        if ((pairs.column(2).getLong(pair) + pairs.column(5).getLong(pair)) % 3 != 0) {
          selected[count++] = pair;
        }
      }
      return count;
    }
  }
}
