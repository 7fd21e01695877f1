package io.laminardb.core.operator.join;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

/**
 * Joins and set operations against plain Java: after every batch what was emitted must add up to the
 * answer, whatever the batching, however often the output refuses, and across restarts.
 */
class JoinOperatorTest {
  private static final long MS = 1_000_000L;
  private static final String[] TEXTS = {"", "short", "a text that is longer than twelve bytes"};

  /** A row (k, time, v, text); equal rows are equal. */
  private record Row(Long k, long time, Long v, String text) {}

  @Test
  void joinsOfChangesAddUpAfterEveryBatch() {
    for (long seed = 0; seed < 200; seed++) {
      run(new Case(seed, false));
    }
  }

  @Test
  void joinsByTimeForgetWhatIsOver() {
    for (long seed = 10_000; seed < 10_150; seed++) {
      run(new Case(seed, true));
    }
  }

  @Test
  void setOperationsAddUpAfterEveryBatch() {
    for (long seed = 20_000; seed < 20_100; seed++) {
      run(new SetCase(seed));
    }
  }

  private static void run(Trial trial) {
    try {
      trial.run();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + trial.seed + ": " + e, e);
    }
  }

  /** The condition v of the left row &lt; v of the right one, as a generated class would have it. */
  private static final class Less extends PairKernel {
    private Batch pairs;

    @Override
    public void bind(Batch newPairs) {
      pairs = newPairs;
    }

    @Override
    public int select(int limit, int[] selected) {
      int count = 0;
      for (row = 0; row < limit; row++) {
        Column left = pairs.column(2);
        Column right = pairs.column(6);
        if (!left.isNull(row) && !right.isNull(row) && left.getLong(row) < right.getLong(row)) {
          selected[count++] = row;
        }
      }
      return count;
    }
  }

  /** An operator, the rows of its two inputs so far, and what came out. */
  private abstract static class Trial implements Output, OperatorContext {
    final long seed;
    final Random random;
    final BufferAllocator allocator = new RootAllocator();
    final boolean[] changelog;
    final List<List<Row>> present = List.of(new ArrayList<>(), new ArrayList<>());
    final Map<List<Object>, Integer> emitted = new HashMap<>();
    final List<Long> passedOn = new ArrayList<>();
    Operator operator;

    Trial(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.changelog = new boolean[] {random.nextBoolean(), random.nextBoolean()};
    }

    abstract OperatorFactory factory();

    abstract List<List<Object>> answer();

    /** Whether the answer so far is more than what is emitted so far. */
    boolean waits() {
      return false;
    }

    /** Event time may move before a batch. */
    void beforePush() {}

    long time() {
      return 0;
    }

    boolean mayRetract(Row row) {
      return true;
    }

    void run() {
      OperatorFactory factory = factory();
      operator = factory.create(this);
      try {
        int steps = random.nextInt(20);
        for (int step = 0; step < steps; step++) {
          if (random.nextInt(4) == 0) {
            restart(factory);
          }
          beforePush();
          push(random.nextInt(2));
          if (!waits()) {
            check(answer());
          }
        }
        mark(0, Watermark.END);
        mark(1, Watermark.END);
        check(answer());
        assertThat(passedOn).endsWith(Watermark.END).isSorted();
        assertThat(operator.stateRows()).isZero();
      } finally {
        operator.close();
        assertThat(allocator.getAllocatedMemory()).isZero();
        allocator.close();
      }
    }

    private void restart(OperatorFactory factory) {
      StateWriter writer = new StateWriter();
      operator.snapshot(writer);
      long rows = operator.stateRows();
      operator.close();
      operator = factory.create(this);
      operator.restore(new StateReader(writer.toBytes()));
      assertThat(operator.stateRows()).isEqualTo(rows);
    }

    private void push(int port) {
      int count = 1 + random.nextInt(6);
      try (Batch batch = new Batch(schema(port), count + 3, allocator)) {
        for (int i = 0; i < count + 3; i++) {
          boolean lent = i >= 2 && i < count + 2;
          List<Row> rows = present.get(port);
          Row gone = rows.isEmpty() ? null : rows.get(random.nextInt(rows.size()));
          boolean retract =
              lent && changelog[port] && gone != null && random.nextBoolean() && mayRetract(gone);
          Row row = retract ? gone : row();
          if (retract) {
            rows.remove(gone);
          }
          append(row, batch, changelog[port], retract ? -1 : 1);
          if (lent && !retract) {
            rows.add(row);
          }
        }
        batch.range(2, count + 2);
        while (operator.process(port, batch, this) == Progress.BLOCKED) {}
      }
    }

    final void mark(int port, long watermarkNs) {
      while (operator.watermark(port, watermarkNs, this) == Progress.BLOCKED) {}
    }

    private Row row() {
      return new Row(
          random.nextInt(6) == 0 ? null : (Long) (long) random.nextInt(3),
          time(),
          random.nextInt(6) == 0 ? null : (Long) (long) random.nextInt(4),
          TEXTS[random.nextInt(3)]);
    }

    final Schema schema(int port) {
      return fields(false).withChangelog(changelog[port]);
    }

    static Schema fields(boolean nullable) {
      return Schema.appendOnly(
          Field.of("k", DataType.BIGINT),
          nullable ? Field.of("t", DataType.BIGINT) : Field.notNull("t", DataType.BIGINT),
          Field.of("v", DataType.BIGINT),
          nullable ? Field.of("s", DataType.VARCHAR) : Field.notNull("s", DataType.VARCHAR));
    }

    private static void append(Row row, Batch batch, boolean weighted, int weight) {
      int at = batch.rowCount();
      put(batch.column(0), at, row.k());
      put(batch.column(1), at, row.time());
      put(batch.column(2), at, row.v());
      byte[] text = row.text().getBytes(java.nio.charset.StandardCharsets.UTF_8);
      batch.column(3).putBytes(at, text, 0, text.length);
      if (weighted) {
        batch.endRow(weight);
      } else {
        batch.endRow();
      }
    }

    private static void put(Column column, int row, Long value) {
      if (value == null) {
        column.setNull(row);
      } else {
        column.putLong(row, value);
      }
    }

    private void check(List<List<Object>> answer) {
      Map<List<Object>, Integer> expected = new HashMap<>();
      answer.forEach(row -> expected.merge(row, 1, Integer::sum));
      assertThat(emitted).isEqualTo(expected);
    }

    static List<Object> values(Row row) {
      return row == null
          ? java.util.Collections.nCopies(4, null)
          : new ArrayList<>(java.util.Arrays.asList(row.k(), row.time(), row.v(), row.text()));
    }

    // ---- Output: refuses every third offer

    @Override
    public boolean offer(Batch batch) {
      if (random.nextInt(3) == 0) {
        return false;
      }
      for (int row = batch.from(); row < batch.to(); row++) {
        List<Object> values = new ArrayList<>();
        for (int c = 0; c < batch.schema().size(); c++) {
          values.add(value(batch.column(c), row));
        }
        if (emitted.merge(values, batch.weight(row), Integer::sum) == 0) {
          emitted.remove(values);
        }
      }
      return true;
    }

    private static Object value(Column column, int row) {
      if (column.isNull(row)) {
        return null;
      }
      if (column.type().isVariableWidth()) {
        Utf8 view = new Utf8();
        column.getBytes(row, view);
        return view.toString();
      }
      return column.getLong(row);
    }

    @Override
    public boolean watermark(long watermarkNs) {
      if (random.nextInt(3) == 0) {
        return false;
      }
      passedOn.add(watermarkNs);
      return true;
    }

    // ---- OperatorContext

    @Override
    public BufferAllocator allocator() {
      return allocator;
    }

    @Override
    public int batchCapacity() {
      return 3;
    }

    @Override
    public long nowEpochNs() {
      return 0;
    }

    @Override
    public void timerAt(long epochNs) {}

    @Override
    public void lateRow(Batch batch, int row) {
      throw new AssertionError("late");
    }

    @Override
    public void nullTimeRow() {
      throw new AssertionError("NULL time");
    }

    @Override
    public void rowFailed(Batch batch, int row, RuntimeException failure) {
      throw failure;
    }
  }

  /** A join. */
  private static final class Case extends Trial {
    private final boolean timed;
    private final JoinType type = JoinType.values()[random.nextInt(6)];
    private final boolean keyed = random.nextInt(4) > 0;
    private final boolean nullSafe = random.nextInt(4) == 0;
    private final boolean less = random.nextBoolean();
    private final boolean atEnd = random.nextBoolean() && !changelog[0] && !changelog[1];
    private long watermark = -5;

    Case(long seed, boolean timed) {
      super(seed);
      this.timed = timed;
    }

    @Override
    OperatorFactory factory() {
      List<Integer> keys = new ArrayList<>(keyed ? List.of(0) : List.of());
      List<Boolean> safe = new ArrayList<>(keyed ? List.of(nullSafe) : List.of());
      if (timed) {
        keys.add(1);
        safe.add(false);
      }
      List<Field> fields = new ArrayList<>(fields(true).fields());
      if (type.hasPairs()) {
        fields.addAll(fields(true).fields());
      }
      boolean grows = type == JoinType.INNER || type == JoinType.SEMI || atEnd;
      Supplier<PairKernel> condition = less ? Less::new : null;
      return new JoinOperator.Factory(
          new JoinSpec(
              type,
              schema(0),
              schema(1),
              keys,
              keys,
              safe,
              condition,
              random.nextBoolean(),
              timed ? new JoinSpec.Time(1, 1, MS) : null,
              atEnd,
              JoinSpec.allColumns(type, schema(0), schema(1)),
              new Schema(fields, changelog[0] || changelog[1] || !grows)),
          null);
    }

    @Override
    boolean waits() {
      return atEnd && type != JoinType.INNER && type != JoinType.SEMI;
    }

    /** Rows come within three units of time from the watermark, which moves now and then. */
    @Override
    void beforePush() {
      if (timed && random.nextInt(2) == 0) {
        watermark++;
        mark(random.nextInt(2), watermark * MS);
      }
    }

    @Override
    long time() {
      return timed ? watermark + random.nextInt(3) : 0;
    }

    @Override
    boolean mayRetract(Row row) {
      return !timed || row.time() >= watermark;
    }

    private boolean matches(Row left, Row right) {
      return (!keyed
              || (nullSafe
                  ? Objects.equals(left.k(), right.k())
                  : left.k() != null && left.k().equals(right.k())))
          && (!timed || left.time() == right.time())
          && (!less || left.v() != null && right.v() != null && left.v() < right.v());
    }

    @Override
    List<List<Object>> answer() {
      List<List<Object>> answer = new ArrayList<>();
      List<Row> unmatched = new ArrayList<>(present.get(1));
      for (Row left : present.get(0)) {
        List<Row> right = present.get(1).stream().filter(r -> matches(left, r)).toList();
        unmatched.removeIf(r -> matches(left, r));
        if (type.hasPairs()) {
          right.forEach(r -> answer.add(pair(left, r)));
        }
        if (right.isEmpty() ? type.keepsUnmatched(0) : type.passesMatched(0)) {
          answer.add(type.hasPairs() ? pair(left, null) : values(left));
        }
      }
      if (type.keepsUnmatched(1)) {
        unmatched.forEach(right -> answer.add(pair(null, right)));
      }
      return answer;
    }

    private static List<Object> pair(Row left, Row right) {
      List<Object> pair = new ArrayList<>(values(left));
      pair.addAll(values(right));
      return pair;
    }
  }

  /** A set operation. */
  private static final class SetCase extends Trial {
    private final SetOperation operation = SetOperation.values()[random.nextInt(4)];
    private final boolean atEnd = random.nextBoolean() && !changelog[0] && !changelog[1];

    SetCase(long seed) {
      super(seed);
    }

    @Override
    OperatorFactory factory() {
      boolean grows = operation.onlyGrows() && !changelog[0] && !changelog[1] || atEnd;
      return new SetOperator.Factory(operation, 2, atEnd, 0, fields(true).withChangelog(!grows));
    }

    @Override
    boolean waits() {
      return atEnd;
    }

    @Override
    List<List<Object>> answer() {
      List<List<Object>> answer = new ArrayList<>();
      for (Row row : present.get(0).stream().distinct().toList()) {
        long left = present.get(0).stream().filter(row::equals).count();
        long right = present.get(1).stream().filter(row::equals).count();
        long times =
            switch (operation) {
              case INTERSECT -> right > 0 ? 1 : 0;
              case INTERSECT_ALL -> Math.min(left, right);
              case EXCEPT -> right == 0 ? 1 : 0;
              case EXCEPT_ALL -> Math.max(0, left - right);
            };
        for (long i = 0; i < times; i++) {
          answer.add(values(row));
        }
      }
      return answer;
    }
  }
}
