package io.laminardb.core.operator.over;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
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
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Random rows and retractions through operators whose output refuses at random and whose state is
 * rebuilt between batches, against a plain computation.
 */
class OverOperatorsTest {
  private static final Field KEY = new Field("k", DataType.BIGINT, true, false);
  private static final Field VALUE = new Field("v", DataType.BIGINT, true, false);
  private static final Field ID = new Field("id", DataType.BIGINT, false, false);
  private static final Schema ROWS = new Schema(List.of(KEY, VALUE, ID), true);
  private static final List<SortOperator.Key> ORDER =
      List.of(new SortOperator.Key(1, true, false), new SortOperator.Key(2, false, false));
  private static final long SEED = Long.getLong("laminar.seed", 20_261_123);

  private record Row(long key, Long value, long id) {}

  private final RootAllocator allocator = new RootAllocator();
  private final Random random = new Random(SEED);
  private final Map<String, Integer> net = new TreeMap<>();
  private int late;

  @AfterEach
  void everythingIsFreed() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @Test
  void keepsTheFirstRowsOfAChangelog() {
    Schema output = new Schema(List.of(KEY, VALUE, ID, bigint("rank")), true);
    OperatorFactory factory =
        new TopNOperator.Factory(
            ROWS, List.of(0), ORDER, RankKind.ROW_NUMBER, 2, 4, OverMode.CHANGES, output);
    List<Row> left = change(factory, true);
    assertThat(net).as("seed " + SEED).isEqualTo(expected(left, true));
  }

  @Test
  void forgetsRowsThatCannotBeAmongTheFirst() {
    Schema input = ROWS.withChangelog(false);
    OperatorFactory factory =
        new TopNOperator.Factory(
            input, List.of(0), ORDER, RankKind.ROW_NUMBER, 1, 3, OverMode.CHANGES, ROWS);
    List<Row> all = change(factory, false);
    Map<String, Integer> expected = new TreeMap<>();
    numbered(
        all,
        (row, number, before) -> {
          if (number <= 3) {
            expected.merge(row.key() + " " + row.value() + " " + row.id(), 1, Integer::sum);
          }
        });
    assertThat(net).as("seed " + SEED).isEqualTo(expected);
  }

  @Test
  void numbersTheRowsOfAChangelog() {
    List<Row> left = change(new OverOperator.Factory(spec(true), OverMode.CHANGES, null), true);
    assertThat(net).as("seed " + SEED).isEqualTo(expected(left, false));
  }

  @Test
  void emitsRowsOnceInTheOrderOfTime() {
    List<SortOperator.Key> byTime = List.of(new SortOperator.Key(1, false, false));
    OverSpec spec =
        new OverSpec(
            ROWS.withChangelog(false),
            List.of(0),
            byTime,
            List.of(),
            List.of(
                call(OverFunction.ROW_NUMBER, -1),
                call(OverFunction.LAG, 2),
                call(OverFunction.LEAD, 2)),
            new Schema(List.of(KEY, VALUE, ID, bigint("n"), bigint("p"), bigint("q")), false));
    Supplier<Operator> create =
        () -> new TimeOrderOverOperator.Factory(spec, null, null).create(context());
    Operator operator = create.get();
    List<Row> rows = new ArrayList<>();
    long clock = 0;
    for (int i = 0; i < 400; i++) {
      clock += random.nextInt(3);
      Row row = new Row(random.nextInt(5), clock + random.nextInt(6), i);
      rows.add(row);
      try (Batch batch = batch(List.of(row), 1, false)) {
        drive(operator, batch);
      }
      watermark(operator, clock * 1_000_000);
      operator = rebuilt(operator, create);
    }
    watermark(operator, Watermark.END);
    operator.close();
    assertThat(late).isZero();
    Map<String, Integer> expected = new TreeMap<>();
    for (long key = 0; key < 5; key++) {
      long k = key;
      List<Row> partition =
          rows.stream()
              .filter(r -> r.key() == k)
              .sorted(Comparator.comparing(Row::value).thenComparing(Row::id))
              .toList();
      for (int i = 0; i < partition.size(); i++) {
        Row row = partition.get(i);
        String text =
            row.key()
                + " "
                + row.value()
                + " "
                + row.id()
                + " "
                + (i + 1)
                + " "
                + (i == 0 ? null : partition.get(i - 1).id())
                + " "
                + (i + 1 == partition.size() ? null : partition.get(i + 1).id());
        expected.merge(text, 1, Integer::sum);
      }
    }
    assertThat(net).as("seed " + SEED).isEqualTo(expected);
  }

  private static Field bigint(String name) {
    return new Field(name, DataType.BIGINT, true, false);
  }

  private static OverSpec.Call call(OverFunction function, int argument) {
    return new OverSpec.Call(function, argument, 1, -1, false, -1, -1);
  }

  private static OverSpec spec(boolean changelog) {
    return new OverSpec(
        ROWS,
        List.of(0),
        ORDER,
        List.of(),
        List.of(call(OverFunction.ROW_NUMBER, -1), call(OverFunction.LAG, 2)),
        new Schema(List.of(KEY, VALUE, ID, bigint("n"), bigint("p")), changelog));
  }

  /** Pushes random rows, and takes some back; returns those that are left. */
  private List<Row> change(OperatorFactory factory, boolean retracts) {
    Supplier<Operator> create = () -> factory.create(context());
    Operator operator = create.get();
    List<Row> left = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      List<Row> rows = new ArrayList<>();
      boolean back = retracts && random.nextInt(3) == 0;
      for (int n = random.nextInt(5); n >= 0; n--) {
        if (!back) {
          Long value = random.nextInt(8) == 0 ? null : (Long) (long) random.nextInt(20);
          rows.add(new Row(random.nextInt(4), value, 10L * i + n));
        } else if (!left.isEmpty()) {
          rows.add(left.remove(random.nextInt(left.size())));
        }
      }
      if (!back) {
        left.addAll(rows);
      }
      Operator present = operator;
      try (Batch batch = batch(rows, back ? -1 : 1, retracts)) {
        drive(present, batch);
      }
      operator = rebuilt(operator, create);
    }
    operator.close();
    return left;
  }

  private Operator rebuilt(Operator operator, Supplier<Operator> create) {
    if (random.nextInt(5) > 0) {
      return operator;
    }
    StateWriter writer = new StateWriter();
    operator.snapshot(writer);
    operator.close();
    Operator fresh = create.get();
    fresh.restore(new StateReader(writer.toBytes()));
    return fresh;
  }

  private Batch batch(List<Row> rows, int weight, boolean changelog) {
    Batch batch = new Batch(ROWS.withChangelog(changelog), Math.max(1, rows.size()), allocator);
    for (Row row : rows) {
      int at = batch.rowCount();
      batch.column(0).putLong(at, row.key());
      if (row.value() == null) {
        batch.column(1).setNull(at);
      } else {
        batch.column(1).putLong(at, row.value());
      }
      batch.column(2).putLong(at, row.id());
      if (changelog) {
        batch.endRow(weight);
      } else {
        batch.endRow();
      }
    }
    return batch;
  }

  private void drive(Operator operator, Batch batch) {
    Output output = output();
    while (operator.process(0, batch, output) == Progress.BLOCKED) {
      assertThat(batch.from()).isZero();
    }
  }

  private void watermark(Operator operator, long ns) {
    Output output = output();
    while (operator.watermark(0, ns, output) == Progress.BLOCKED) {
      assertThat(ns).isNotEqualTo(Watermark.NONE);
    }
  }

  private interface Numbered {
    void accept(Row row, int number, Row before);
  }

  private static void numbered(List<Row> rows, Numbered each) {
    Comparator<Row> order =
        Comparator.comparing(
                Row::value, Comparator.nullsLast(Comparator.<Long>naturalOrder().reversed()))
            .thenComparing(Row::id);
    for (long key = 0; key < 4; key++) {
      long k = key;
      List<Row> partition = rows.stream().filter(r -> r.key() == k).sorted(order).toList();
      for (int i = 0; i < partition.size(); i++) {
        each.accept(partition.get(i), i + 1, i == 0 ? null : partition.get(i - 1));
      }
    }
  }

  private static Map<String, Integer> expected(List<Row> rows, boolean topN) {
    Map<String, Integer> expected = new TreeMap<>();
    numbered(
        rows,
        (row, number, before) -> {
          String text = row.key() + " " + row.value() + " " + row.id() + " " + number;
          if (!topN) {
            expected.merge(text + " " + (before == null ? null : before.id()), 1, Integer::sum);
          } else if (number >= 2 && number <= 4) {
            expected.merge(text, 1, Integer::sum);
          }
        });
    return expected;
  }

  /** Takes one offer in two, and adds up what it takes. */
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
            text.append(c == 0 ? "" : " ");
            text.append(batch.column(c).isNull(row) ? null : batch.column(c).getLong(row));
          }
          net.merge(text.toString(), batch.weight(row), Integer::sum);
          net.values().removeIf(count -> count == 0);
        }
        return true;
      }

      @Override
      public boolean watermark(long watermarkNs) {
        return random.nextBoolean();
      }
    };
  }

  private OperatorContext context() {
    int capacity = 2 + random.nextInt(6);
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
      public void timerAt(long epochNs) {}

      @Override
      public void lateRow(Batch batch, int row) {
        late++;
      }

      @Override
      public void nullTimeRow() {}

      @Override
      public void rowFailed(Batch batch, int row, RuntimeException failure) {
        throw failure;
      }
    };
  }
}
