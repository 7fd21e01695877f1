package io.laminardb.sql.codegen.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.time.Watermark;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.PlanNode.Emission;
import io.laminardb.sql.plan.WindowSpec;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.calcite.jdbc.JavaTypeFactoryImpl;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.type.SqlTypeName;
import org.junit.jupiter.api.Test;

/** Aggregate operators against plain Java, over random rows, queries, batchings and restarts. */
class AggregateOperatorTest {
  /** Those that the model computes; the others have scripts. */
  private static final List<AggregateKind> KINDS =
      List.of(
          AggregateKind.COUNT,
          AggregateKind.SUM,
          AggregateKind.AVG,
          AggregateKind.MIN,
          AggregateKind.MAX,
          AggregateKind.FIRST,
          AggregateKind.LAST,
          AggregateKind.STDDEV_POP,
          AggregateKind.STDDEV_SAMP,
          AggregateKind.VAR_POP,
          AggregateKind.VAR_SAMP);

  static final RelDataTypeFactory TYPES = new JavaTypeFactoryImpl();
  static final RexBuilder REX = new RexBuilder(TYPES);
  private static final int ROUNDS = 6;
  private static final long MS = 1_000_000L;
  private static final int K = 0;
  private static final int G = 1;
  private static final int X = 2;
  private static final int Y = 3;
  private static final int D = 4;
  private static final int F = 5;
  private static final int S = 6;
  private static final int TS = 7;
  private static final int N = 8;
  private static final Field[] FIELDS = {
    Field.of("k", DataType.VARCHAR),
    Field.of("g", DataType.DOUBLE),
    Field.of("x", DataType.BIGINT),
    Field.of("y", DataType.DOUBLE),
    Field.of("d", DataType.decimal(12, 2)),
    Field.of("f", DataType.BOOLEAN),
    Field.of("s", DataType.VARCHAR),
    Field.of("ts", DataType.BIGINT),
    Field.notNull("n", DataType.BIGINT),
  };

  @Test
  void runningAggregatesEqualPlainJava() {
    for (long seed = 0; seed < 150; seed++) {
      run(seed, null);
    }
  }

  @Test
  void tumblingWindowsEqualPlainJava() {
    for (long seed = 10_000; seed < 10_150; seed++) {
      run(seed, WindowSpec.Kind.TUMBLE);
    }
  }

  @Test
  void hoppingWindowsEqualPlainJava() {
    for (long seed = 20_000; seed < 20_150; seed++) {
      run(seed, WindowSpec.Kind.HOP);
    }
  }

  @Test
  void cumulatingWindowsEqualPlainJava() {
    for (long seed = 30_000; seed < 30_150; seed++) {
      run(seed, WindowSpec.Kind.CUMULATE);
    }
  }

  @Test
  void sessionsEqualPlainJava() {
    for (long seed = 40_000; seed < 40_150; seed++) {
      run(seed, WindowSpec.Kind.SESSION);
    }
  }

  private static void run(long seed, WindowSpec.Kind kind) {
    try {
      new Case(new Random(seed), kind).check();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e, e);
    }
  }

  static RexNode ref(Schema input, int column) {
    Field field = input.field(column);
    SqlTypeName name =
        switch (field.type().kind()) {
          case VARCHAR -> SqlTypeName.VARCHAR;
          case DOUBLE -> SqlTypeName.DOUBLE;
          case BOOLEAN -> SqlTypeName.BOOLEAN;
          case DECIMAL -> SqlTypeName.DECIMAL;
          default -> SqlTypeName.BIGINT;
        };
    RelDataType type =
        name == SqlTypeName.DECIMAL
            ? TYPES.createSqlType(name, field.type().precision(), field.type().scale())
            : TYPES.createSqlType(name);
    return REX.makeInputRef(TYPES.createTypeWithNullability(type, field.nullable()), column);
  }

  private static final class Session {
    final List<Object> key;
    final List<List<Object>> rows = new ArrayList<>();
    long first;
    long last;

    Session(List<Object> key) {
      this.key = key;
    }
  }

  /** One random query over random rows. */
  private static final class Case {
    final Random random;
    final boolean changelog;
    final Schema input;
    final WindowSpec window;
    final Emission emission;
    final long latenessNs;
    final List<Integer> keys = new ArrayList<>();
    final List<AggregateCall> calls = new ArrayList<>();
    final RexNode condition;
    final Map<String, List<List<Object>>> groups = new LinkedHashMap<>();
    final Map<String, List<Object>> keyOfGroup = new HashMap<>();
    final List<Session> open = new ArrayList<>();
    final Map<List<Object>, Integer> arrival = new IdentityHashMap<>();
    long watermarkNs = Watermark.NONE;
    int late;
    int nullTimes;

    Case(Random random, WindowSpec.Kind kind) {
      this.random = random;
      this.changelog = random.nextInt(3) == 0;
      this.input = new Schema(List.of(FIELDS), changelog);
      this.window = kind == null ? null : window(kind);
      this.emission =
          switch (random.nextInt(3)) {
            case 0 -> Emission.CHANGES;
            case 1 -> Emission.EVERY;
            default -> kind == null ? Emission.ON_END : Emission.ON_WINDOW_CLOSE;
          };
      this.latenessNs = kind != null && random.nextInt(3) == 0 ? random.nextInt(30) * MS : 0;
      this.condition = random.nextInt(4) == 0 ? ref(input, F) : null;
      for (int column : new int[] {K, G, N, D, F}) {
        if (random.nextInt(3) == 0) {
          keys.add(column);
        }
      }
      for (int i = random.nextInt(6) + (keys.isEmpty() ? 1 : 0); i > 0; i--) {
        calls.add(call(i));
      }
    }

    private WindowSpec window(WindowSpec.Kind kind) {
      long size;
      long slide;
      switch (kind) {
        case TUMBLE -> slide = size = 1 + random.nextInt(40);
        case SESSION -> {
          size = 1 + random.nextInt(20);
          slide = 0;
        }
        case HOP -> {
          size = 1 + random.nextInt(40);
          slide = 1 + random.nextInt(30);
        }
        default -> {
          slide = 1 + random.nextInt(15);
          size = slide * (1 + random.nextInt(5));
        }
      }
      long offset = slide == 0 || random.nextBoolean() ? 0 : random.nextInt((int) slide);
      return new WindowSpec(kind, ref(input, TS), DataType.BIGINT, size, slide, offset);
    }

    private AggregateCall call(int index) {
      AggregateKind kind = KINDS.get(random.nextInt(KINDS.size()));
      int[] columns =
          switch (kind) {
            case SUM, AVG -> new int[] {X, Y, D, N};
            case STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP -> new int[] {X, Y, N};
            default -> new int[] {X, Y, D, F, S, K, N};
          };
      int column = columns[random.nextInt(columns.length)];
      boolean star = kind == AggregateKind.COUNT && random.nextBoolean();
      boolean timed = kind == AggregateKind.FIRST || kind == AggregateKind.LAST;
      DataType type = FIELDS[column].type();
      DataType result =
          switch (kind) {
            case COUNT -> DataType.BIGINT;
            case SUM -> type.kind() == DataType.Kind.DECIMAL ? DataType.decimal(38, 2) : type;
            case AVG ->
                type.kind() == DataType.Kind.DECIMAL ? DataType.decimal(38, 6) : DataType.DOUBLE;
            case MIN, MAX, FIRST, LAST -> type;
            default -> DataType.DOUBLE;
          };
      return new AggregateCall(
          kind,
          star ? List.of() : List.of(ref(input, column)),
          !star && !timed && random.nextInt(3) == 0,
          random.nextInt(4) == 0 ? ref(input, F) : null,
          timed && (changelog || window != null || random.nextBoolean())
              ? ref(input, changelog || window == null ? N : TS)
              : null,
          kind == AggregateKind.COUNT
              ? Field.notNull("c" + index, result)
              : Field.of("c" + index, result));
    }

    private PlanNode.Aggregate plan() {
      List<Field> fields = new ArrayList<>();
      List<RexNode> keyNodes = new ArrayList<>();
      for (int key : keys) {
        fields.add(FIELDS[key]);
        keyNodes.add(ref(input, key));
      }
      if (window != null) {
        fields.add(Field.notNull("window_start", DataType.BIGINT));
        fields.add(Field.notNull("window_end", DataType.BIGINT));
      }
      calls.forEach(call -> fields.add(call.output()));
      boolean changes = emission == Emission.CHANGES || emission == Emission.EVERY;
      return new PlanNode.Aggregate(
          new PlanNode.Scan("t", input),
          condition,
          keyNodes,
          window,
          calls,
          emission,
          emission == Emission.EVERY ? 100 : 0,
          latenessNs,
          new Schema(fields, changes));
    }

    void check() {
      PlanNode.Aggregate plan = plan();
      OperatorFactory factory = AggregateCompiler.aggregate(plan, "test");
      for (int round = 0; round < ROUNDS; round++) {
        check(plan, factory);
      }
    }

    private void check(PlanNode.Aggregate plan, OperatorFactory factory) {
      groups.clear();
      keyOfGroup.clear();
      open.clear();
      watermarkNs = Watermark.NONE;
      late = 0;
      nullTimes = 0;
      List<Object> script = script();
      Map<String, Long> expected = new TreeMap<>();
      if (window == null && keys.isEmpty()) {
        keyOfGroup.put("", List.of());
        groups.put("", new ArrayList<>());
      }
      script.forEach(this::oracle);
      open.forEach(this::closeSession);
      groups.forEach(
          (name, rows) -> {
            if (!rows.isEmpty() || (keys.isEmpty() && window == null)) {
              expected.merge(canonical(resultOf(name, rows)), 1L, Long::sum);
            }
          });
      try (OperatorHarness harness =
          new OperatorHarness(factory, input, random, random.nextInt(5) > 0)) {
        feed(harness, script);
        assertThat(net(harness.emitted)).as(plan.toString()).isEqualTo(expected);
        assertThat(harness.failures).isEmpty();
        assertThat(harness.late).hasSize(late);
        assertThat(harness.nullTimes).isEqualTo(nullTimes);
        assertThat(harness.watermarks).isSorted();
        if (window != null) {
          assertThat(harness.operator.stateRows()).isZero();
        }
      }
    }

    private List<Object> script() {
      List<Object> script = new ArrayList<>();
      List<List<Object>> present = new ArrayList<>();
      long time = random.nextInt(100) - 50;
      int steps = random.nextInt(60);
      for (int i = 0; i < steps; i++) {
        if (random.nextInt(6) == 0) {
          script.add(time * MS - random.nextInt(20) * MS);
          time += random.nextInt(4) == 0 ? random.nextInt(1_000_000) : 0;
        } else if (changelog && !present.isEmpty() && random.nextInt(3) == 0) {
          List<Object> gone = new ArrayList<>(present.remove(random.nextInt(present.size())));
          gone.set(gone.size() - 1, -1L);
          script.add(gone);
        } else {
          time += random.nextInt(6);
          List<Object> row = row(time - random.nextInt(25), i);
          present.add(row);
          script.add(row);
        }
      }
      return script;
    }

    private List<Object> row(long time, int index) {
      String[] texts = {"", "a", "AAPL", "exactly12byt", "thirteen chars", "thirteen chars, no"};
      Object[] values = {
        texts[random.nextInt(texts.length)],
        new double[] {0.0, -0.0, 1.5, Double.NaN}[random.nextInt(4)],
        (long) random.nextInt(9) - 4,
        (random.nextInt(17) - 8) / 4.0,
        BigDecimal.valueOf(random.nextInt(900) - 450, 2),
        random.nextBoolean(),
        texts[random.nextInt(texts.length)] + random.nextInt(3),
        time,
        changelog || window == null ? (long) index : (long) random.nextInt(4),
        1L,
      };
      List<Object> row = new ArrayList<>(List.of(values));
      for (int i = 0; i < N; i++) {
        if (random.nextInt(8) == 0) {
          row.set(i, null);
        }
      }
      return row;
    }

    private void oracle(Object step) {
      if (step instanceof Long ns) {
        if (ns <= watermarkNs) {
          return;
        }
        watermarkNs = ns;
        for (Session session : List.copyOf(open)) {
          if ((session.last + window.size()) * MS + latenessNs < watermarkNs) {
            closeSession(session);
            open.remove(session);
          }
        }
        return;
      }
      @SuppressWarnings("unchecked")
      List<Object> row = (List<Object>) step;
      if (condition != null && !Boolean.TRUE.equals(row.get(F))) {
        return;
      }
      if (window == null) {
        toGroup(row, 0, 0);
        return;
      }
      if (row.get(TS) == null) {
        nullTimes++;
        return;
      }
      long time = (Long) row.get(TS);
      if (window.kind() == WindowSpec.Kind.SESSION) {
        toSession(row, time);
        return;
      }
      int windows = 0;
      int taken = 0;
      for (long[] bounds : windowsOf(time)) {
        windows++;
        if (watermarkNs == Watermark.NONE || bounds[1] * MS + latenessNs > watermarkNs) {
          taken++;
          toGroup(row, bounds[0], bounds[1]);
        }
      }
      late += windows > 0 && taken == 0 ? 1 : 0;
    }

    private void toSession(List<Object> row, long time) {
      if ((Long) row.get(FIELDS.length) < 0) {
        fromSession(row);
        return;
      }
      List<Object> key = new ArrayList<>();
      keys.forEach(column -> key.add(row.get(column)));
      List<Session> touched = new ArrayList<>();
      long last = time;
      for (Session session : open) {
        if (canonical(session.key).equals(canonical(key))
            && time >= session.first - window.size()
            && time <= session.last + window.size()) {
          touched.add(session);
          last = Math.max(last, session.last);
        }
      }
      if (watermarkNs != Watermark.NONE
          && (last + window.size()) * MS + latenessNs <= watermarkNs) {
        late++;
        return;
      }
      Session joined = touched.isEmpty() ? new Session(key) : touched.get(0);
      if (touched.isEmpty()) {
        joined.first = time;
        joined.last = time;
        open.add(joined);
      }
      for (Session session : touched.subList(Math.min(1, touched.size()), touched.size())) {
        joined.rows.addAll(session.rows);
        joined.first = Math.min(joined.first, session.first);
        joined.last = Math.max(joined.last, session.last);
        open.remove(session);
      }
      joined.first = Math.min(joined.first, time);
      joined.last = Math.max(joined.last, time);
      arrival.putIfAbsent(row, arrival.size());
      joined.rows.add(row);
    }

    /** Takes a row back: the rows left of its session are one or two, or none. */
    private void fromSession(List<Object> gone) {
      List<Object> row = new ArrayList<>(gone);
      row.set(FIELDS.length, 1L);
      Session session = open.stream().filter(s -> s.rows.contains(row)).findFirst().orElse(null);
      if (session == null) {
        late++;
        return;
      }
      session.rows.remove(row);
      open.remove(session);
      session.rows.sort(Comparator.comparing(r -> (Long) r.get(TS)));
      Session part = null;
      for (List<Object> left : session.rows) {
        long time = (Long) left.get(TS);
        if (part == null || time > part.last + window.size()) {
          part = new Session(session.key);
          part.first = time;
          open.add(part);
        }
        part.last = time;
        part.rows.add(left);
      }
    }

    private void closeSession(Session session) {
      session.rows.sort(Comparator.comparing(arrival::get));
      List<Object> key = new ArrayList<>(session.key);
      key.add(session.first);
      key.add(session.last + window.size());
      keyOfGroup.put(canonical(key), key);
      groups.put(canonical(key), session.rows);
    }

    private List<long[]> windowsOf(long time) {
      List<long[]> all = new ArrayList<>();
      boolean cumulates = window.kind() == WindowSpec.Kind.CUMULATE;
      long grid = cumulates ? window.size() : window.slide();
      long start = Math.floorDiv(time - window.offset(), grid) * grid + window.offset();
      if (cumulates) {
        for (long end = start + window.slide();
            end <= start + window.size();
            end += window.slide()) {
          if (end > time) {
            all.add(new long[] {start, end});
          }
        }
      } else {
        for (; start + window.size() > time; start -= grid) {
          all.add(new long[] {start, start + window.size()});
        }
      }
      return all;
    }

    private void toGroup(List<Object> row, long start, long end) {
      List<Object> key = new ArrayList<>();
      keys.forEach(column -> key.add(row.get(column)));
      if (window != null) {
        key.add(start);
        key.add(end);
      }
      String name = canonical(key);
      keyOfGroup.putIfAbsent(name, key);
      List<List<Object>> rows = groups.computeIfAbsent(name, n -> new ArrayList<>());
      if ((Long) row.get(FIELDS.length) > 0) {
        rows.add(row);
      } else {
        List<Object> original = new ArrayList<>(row);
        original.set(FIELDS.length, 1L);
        rows.remove(original);
      }
    }

    private List<Object> resultOf(String name, List<List<Object>> rows) {
      List<Object> result = new ArrayList<>(keyOfGroup.get(name));
      calls.forEach(call -> result.add(AggregateOracle.result(call, rows)));
      return result;
    }

    private void feed(OperatorHarness harness, List<Object> script) {
      List<List<Object>> rows = new ArrayList<>();
      long watermark = Watermark.NONE;
      for (Object step : script) {
        if (step instanceof Long ns) {
          harness.push(rows);
          rows.clear();
          watermark = Math.max(watermark, ns);
          harness.mark(watermark);
          harness.advance(random.nextInt(200));
        } else {
          @SuppressWarnings("unchecked")
          List<Object> row = (List<Object>) step;
          rows.add(row);
        }
      }
      harness.push(rows);
      harness.mark(Watermark.END);
    }
  }

  static Map<String, Long> net(List<List<Object>> emitted) {
    Map<String, Long> net = new TreeMap<>();
    for (List<Object> row : emitted) {
      String text = canonical(row.subList(0, row.size() - 1));
      net.merge(text, (Long) row.get(row.size() - 1), Long::sum);
      assertThat(net.get(text)).as("weight of " + text).isNotNegative();
    }
    net.values().removeIf(weight -> weight == 0);
    return net;
  }

  static String canonical(List<Object> values) {
    StringBuilder text = new StringBuilder();
    for (Object value : values) {
      if (value instanceof Double number) {
        text.append(
            number.isNaN() || number.isInfinite()
                ? number.toString()
                : Math.abs(number) < 1e-9
                    ? "0"
                    : new BigDecimal(number * (1 + 1e-11))
                        .round(new MathContext(7))
                        .stripTrailingZeros()
                        .toPlainString());
      } else if (value instanceof BigDecimal decimal) {
        text.append(decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString());
      } else {
        text.append(value);
      }
      text.append('|');
    }
    return text.toString();
  }
}
