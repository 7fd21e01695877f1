package io.laminardb.core.operator.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.match.BacktrackingMatcher.Condition;
import io.laminardb.core.operator.match.BacktrackingMatcher.Row;
import io.laminardb.core.operator.match.PathValue.Kind;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Random patterns and conditions over random rows, in random batches, behind random watermarks, with
 * an output that refuses and state that is rebuilt, against a matcher that tries one way after the
 * other.
 */
class MatchAgainstBacktrackingTest {
  private static final int CASES = Integer.getInteger("laminar.cases", 4_000);
  private static final long SEED = Long.getLong("laminar.seed", 20_261_123);
  private static final List<String> VARIABLES = List.of("A", "B", "C", "D");
  private static final Schema INPUT =
      new Schema(
          List.of(
              new Field("k", DataType.BIGINT, false, false),
              new Field("ts", DataType.BIGINT, false, false),
              new Field("v", DataType.BIGINT, true, false),
              new Field("id", DataType.BIGINT, false, false)),
          false);

  private final RootAllocator allocator = new RootAllocator();
  private final Map<Long, List<String>> results = new TreeMap<>();
  private Random random;
  private int failures;

  @AfterEach
  void everythingIsFreed() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @Test
  void findsWhatBacktrackingFinds() {
    int compared = 0;
    long found = 0;
    for (int i = 0; i < CASES; i++) {
      long seed = SEED + i;
      random = new Random(seed);
      int rows = compare("seed " + seed);
      compared += rows < 0 ? 0 : 1;
      found += Math.max(0, rows);
    }
    assertThat(compared).as("cases that were not too hard").isGreaterThan(CASES * 9 / 10);
    assertThat(found).isGreaterThan(CASES);
  }

  /** One case; the rows that came out, or -1 where it is too hard to try all ways. */
  private int compare(String seed) {
    RowPattern pattern = pattern(3);
    List<PathValue> asked = new ArrayList<>();
    List<Condition> conditions = new ArrayList<>();
    VARIABLES.forEach(v -> conditions.add(random.nextInt(5) == 0 ? null : condition(asked)));
    MatchSpec spec = spec(pattern, asked, conditions);
    List<Row> rows = rows();
    Map<Long, List<String>> expected = new TreeMap<>();
    int skipErrors = 0;
    try {
      for (long key = 0; key < 2; key++) {
        long k = key;
        List<Row> partition =
            rows.stream()
                .filter(r -> r.key() == k)
                .sorted(Comparator.comparing(Row::time)) // keeps the order of arrival
                .toList();
        BacktrackingMatcher matcher = new BacktrackingMatcher(spec, pattern, conditions, partition);
        List<String> lines = matcher.run();
        skipErrors += matcher.skipErrors;
        if (!lines.isEmpty()) {
          expected.put(key, lines);
        }
      }
    } catch (BacktrackingMatcher.TooHard tooHard) {
      return -1;
    }
    results.clear();
    failures = 0;
    drive(spec, rows);
    String what = seed + " " + pattern + " " + conditions + " " + spec + " " + rows;
    assertThat(results).as(what).isEqualTo(expected);
    assertThat(failures).as(what).isEqualTo(skipErrors);
    return expected.values().stream().mapToInt(List::size).sum();
  }

  // ---- random cases

  private RowPattern pattern(int depth) {
    int kind = depth == 0 ? 0 : random.nextInt(9);
    return switch (kind) {
      case 0, 1 -> new RowPattern.Variable(random.nextInt(VARIABLES.size()));
      case 2, 3, 4 -> new RowPattern.Concatenation(patterns(depth, random.nextInt(8) == 0 ? 0 : 2));
      case 5 -> new RowPattern.Alternation(patterns(depth, 2));
      case 6, 7 -> {
        int min = random.nextInt(3);
        int max = random.nextInt(3) == 0 ? min + random.nextInt(3) : RowPattern.UNBOUNDED;
        yield new RowPattern.Repetition(pattern(depth - 1), min, max, random.nextInt(3) == 0);
      }
      default ->
          random.nextBoolean()
              ? new RowPattern.Exclusion(pattern(depth - 1))
              : RowPattern.permutation(patterns(depth, 2));
    };
  }

  private List<RowPattern> patterns(int depth, int count) {
    return IntStream.range(0, count + random.nextInt(2)).mapToObj(i -> pattern(depth - 1)).toList();
  }

  private Condition condition(List<PathValue> asked) {
    int right = random.nextInt(3) == 0 ? -1 : index(asked);
    return new Condition(index(asked), random.nextInt(4), right, random.nextInt(4));
  }

  private int index(List<PathValue> asked) {
    PathValue value;
    do {
      value =
          random.nextInt(3) == 0
              ? new PathValue(Kind.LAST, PathValue.ALL, 2, 0, random.nextBoolean() ? 0 : -1, false)
              : value(false);
    } while (value.kind() == Kind.CLASSIFIER);
    if (!asked.contains(value)) {
      asked.add(value);
    }
    return asked.indexOf(value);
  }

  private PathValue value(boolean isMeasure) {
    Kind[] kinds = Kind.values();
    Kind kind = kinds[1 + random.nextInt(kinds.length - 1)];
    long variables = random.nextInt(4) == 0 ? PathValue.ALL : 1 + random.nextInt(15);
    boolean isNavigation = kind == Kind.FIRST || kind == Kind.LAST;
    int column =
        switch (kind) {
          case CLASSIFIER, MATCH_NUMBER -> -1;
          case COUNT -> random.nextBoolean() ? -1 : 2;
          default -> isMeasure && isNavigation ? 3 : 2;
        };
    return new PathValue(
        kind,
        variables,
        column,
        isNavigation ? random.nextInt(3) : 0,
        isNavigation && random.nextInt(3) == 0 ? random.nextInt(4) - 2 : 0,
        isMeasure && random.nextInt(3) == 0);
  }

  private MatchSpec spec(RowPattern pattern, List<PathValue> asked, List<Condition> conditions) {
    List<PathValue> measures = new ArrayList<>();
    measures.add(new PathValue(Kind.CURRENT, PathValue.ALL, 0, 0, 0, false));
    measures.add(new PathValue(Kind.CLASSIFIER, PathValue.ALL, -1, 0, 0, false));
    for (int i = random.nextInt(5); i > 0; i--) {
      measures.add(value(true));
    }
    MatchSpec.Rows[] kinds = MatchSpec.Rows.values();
    MatchSpec.Rows kind = kinds[random.nextInt(kinds.length)];
    if (kind != MatchSpec.Rows.ONE) {
      measures.add(new PathValue(Kind.CURRENT, PathValue.ALL, 3, 0, 0, false));
    }
    MatchSpec.Skip.To[] skips = MatchSpec.Skip.To.values();
    MatchSpec.Skip skip =
        new MatchSpec.Skip(skips[random.nextInt(skips.length)], 1 + random.nextInt(15), "X");
    List<Field> conditionInput =
        IntStream.range(0, asked.size()).mapToObj(i -> field("c" + i, asked.get(i))).toList();
    List<List<Integer>> used = new ArrayList<>();
    for (Condition condition : conditions) {
      used.add(
          condition == null
              ? null
              : condition.right() < 0
                  ? List.of(condition.left())
                  : List.of(condition.left(), condition.right()));
    }
    return new MatchSpec(
        INPUT,
        List.of(0),
        List.of(new SortOperator.Key(1, false, false)),
        VARIABLES,
        PatternAutomaton.of(pattern),
        asked,
        new Schema(conditionInput, false),
        new MatchSpec.Conditions(() -> new ComparingKernel(conditions, asked), used),
        random.nextBoolean() ? MatchSpec.UNBOUNDED : 1 + random.nextInt(12),
        kind,
        skip,
        measures,
        new Schema(
            IntStream.range(0, measures.size())
                .mapToObj(i -> field("m" + i, measures.get(i)))
                .toList(),
            false));
  }

  private static Field field(String name, PathValue value) {
    DataType type =
        switch (value.kind()) {
          case CLASSIFIER -> DataType.VARCHAR;
          case AVG -> DataType.DOUBLE;
          default -> DataType.BIGINT;
        };
    return new Field(name, type, true, false);
  }

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    long time = 0;
    for (int i = random.nextInt(25); i > 0; i--) {
      time += random.nextInt(3);
      Long value = random.nextInt(8) == 0 ? null : (Long) (long) random.nextInt(4);
      rows.add(new Row(random.nextInt(2), time + random.nextInt(3), value, rows.size()));
    }
    return rows;
  }

  /** What generated code does. */
  private static final class ComparingKernel extends MatchKernel {
    private final List<Condition> conditions;
    private final List<PathValue> asked;
    private Batch values;

    ComparingKernel(List<Condition> conditions, List<PathValue> asked) {
      this.conditions = conditions;
      this.asked = asked;
    }

    @Override
    public void bind(Batch newValues) {
      values = newValues;
    }

    @Override
    public boolean test(int variable) {
      Condition condition = conditions.get(variable);
      return condition.holds(
          value(condition.left()), condition.right() < 0 ? null : value(condition.right()));
    }

    private Double value(int index) {
      Column column = values.column(index);
      return column.isNull(0)
          ? null
          : asked.get(index).kind() == Kind.AVG
              ? Double.valueOf(column.getDouble(0))
              : Double.valueOf(column.getLong(0));
    }
  }

  // ---- the operator

  private void drive(MatchSpec spec, List<Row> rows) {
    Operator operator = create(spec);
    Output output = output();
    int next = 0;
    while (next < rows.size()) {
      int count = Math.min(rows.size() - next, 1 + random.nextInt(5));
      try (Batch batch = batch(rows.subList(next, next + count))) {
        while (operator.process(0, batch, output) == Progress.BLOCKED) {
          batch.range(0, count);
        }
      }
      next += count;
      long earliest =
          rows.subList(next, rows.size()).stream().mapToLong(Row::time).min().orElse(100);
      if (random.nextBoolean()) {
        watermark(operator, random.nextInt((int) earliest + 1) * 1_000_000L, output);
      }
      if (random.nextInt(4) == 0) {
        StateWriter writer = new StateWriter();
        operator.snapshot(writer);
        operator.close();
        operator = create(spec);
        operator.restore(new StateReader(writer.toBytes()));
      }
    }
    watermark(operator, Watermark.END, output);
    operator.close();
  }

  private long passed = Long.MIN_VALUE;

  private void watermark(Operator operator, long ns, Output output) {
    if (ns != Watermark.END && ns < passed) {
      return;
    }
    passed = ns == Watermark.END ? Long.MIN_VALUE : ns;
    while (operator.watermark(0, ns, output) == Progress.BLOCKED) {
      assertThat(ns).isNotEqualTo(Watermark.NONE);
    }
  }

  private Operator create(MatchSpec spec) {
    return new MatchOperator.Factory(spec, null, "", null).create(context());
  }

  private Batch batch(List<Row> rows) {
    Batch batch = new Batch(INPUT, rows.size(), allocator);
    for (Row row : rows) {
      int at = batch.rowCount();
      batch.column(0).putLong(at, row.key());
      batch.column(1).putLong(at, row.time());
      if (row.value() == null) {
        batch.column(2).setNull(at);
      } else {
        batch.column(2).putLong(at, row.value());
      }
      batch.column(3).putLong(at, row.id());
      batch.endRow();
    }
    return batch;
  }

  /** Takes one offer in two. */
  private Output output() {
    return new Output() {
      @Override
      public boolean offer(Batch batch) {
        if (random.nextBoolean()) {
          return false;
        }
        for (int row = batch.from(); row < batch.to(); row++) {
          StringBuilder text = new StringBuilder();
          for (int c = 0; c < batch.schema().size(); c++) {
            text.append(' ').append(text(batch.column(c), row));
          }
          results
              .computeIfAbsent(batch.column(0).getLong(row), key -> new ArrayList<>())
              .add(text.toString());
        }
        return true;
      }

      @Override
      public boolean watermark(long watermarkNs) {
        return random.nextBoolean();
      }
    };
  }

  private static Object text(Column column, int row) {
    if (column.isNull(row)) {
      return null;
    }
    switch (column.type().kind()) {
      case VARCHAR -> {
        Utf8 view = new Utf8();
        column.getBytes(row, view);
        return view;
      }
      case DOUBLE -> {
        return column.getDouble(row);
      }
      default -> {
        return column.getLong(row);
      }
    }
  }

  private OperatorContext context() {
    int capacity = 1 + random.nextInt(6);
    return new OperatorContext() {
      @Override
      public BufferAllocator allocator() {
        return allocator;
      }

      @Override
      public int batchCapacity() {
        return capacity;
      }

      @Override
      public long nowEpochNs() {
        return 0;
      }

      @Override
      public void timerAt(long epochNs) {
        throw new AssertionError("no timer expected");
      }

      @Override
      public void lateRow(Batch batch, int row) {
        throw new AssertionError("no late row expected");
      }

      @Override
      public void nullTimeRow() {
        throw new AssertionError("no row without time expected");
      }

      @Override
      public void rowFailed(Batch batch, int row, RuntimeException failure) {
        failures++;
      }
    };
  }
}
