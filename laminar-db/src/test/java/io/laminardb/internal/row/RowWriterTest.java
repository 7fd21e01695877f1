package io.laminardb.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.Row;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowWriterTest {
  private static final String OWNER = "source \"trades\"";
  private static final Schema TRADES =
      Schema.appendOnly(
          Field.notNull("symbol", DataType.VARCHAR),
          Field.notNull("price", DataType.DOUBLE),
          Field.of("volume", DataType.BIGINT),
          Field.of("note", DataType.VARCHAR));

  private final BufferAllocator allocator = new RootAllocator();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void freesAllMemory() throws Exception {
    for (AutoCloseable batch : opened) {
      batch.close();
    }
    allocator.close();
  }

  @Test
  void writesRowsInAnyColumnOrder() {
    Batch batch = batch(TRADES, 4);
    ColumnRowWriter rows = writer(batch);
    rows.begin().setDouble(1, 187.2).setString(0, "AAPL").setLong(2, 5).setString(3, "x");
    assertThat(rows.endRow()).isTrue();
    assertThat(rows.begin().setString(rows.column("SYMBOL"), "MSFT").setDouble(1, 1).endRow())
        .isTrue();
    assertThat(texts(batch))
        .containsExactly(
            "{symbol=AAPL, price=187.2, volume=5, note=x}",
            "{symbol=MSFT, price=1.0, volume=NULL, note=NULL}");
  }

  @Test
  void keepsTheSecondValueOfAColumnSetTwice() {
    Batch batch = batch(TRADES, 4);
    ColumnRowWriter rows = writer(batch);
    rows.begin().setNull(2).setNull(3).setString(0, "long long text").setString(0, "B");
    rows.setDouble(1, 2).setLong(2, 9).setString(3, "note").endRow();
    rows.begin().setString(0, "C").setDouble(1, 3).setString(3, "n").setNull(3).endRow();
    assertThat(texts(batch))
        .containsExactly(
            "{symbol=B, price=2.0, volume=9, note=note}",
            "{symbol=C, price=3.0, volume=NULL, note=NULL}");
  }

  @Test
  void leavesNoTraceOfARowThatWasGivenUp() {
    Batch batch = batch(TRADES, 4);
    ColumnRowWriter rows = writer(batch);
    rows.begin().setString(0, "gone").setNull(2).setNull(3);
    rows.begin().setString(0, "A").setDouble(1, 1).setLong(2, 7).setString(3, "").endRow();
    assertThat(texts(batch)).containsExactly("{symbol=A, price=1.0, volume=7, note=}");
  }

  @Test
  void answersFalseWhenTheTargetIsFull() {
    Batch batch = batch(TRADES, 1);
    ColumnRowWriter rows = writer(batch);
    assertThat(rows.push(1, false, "A", 1.0, 1L, null)).isTrue();
    assertThat(rows.tryBegin()).isFalse();
    assertThat(rows.push(1, false, "A", 1.0, 1L, null)).isFalse();
    fails(
        rows::begin,
        "BACKPRESSURE: source \"trades\" is full. Use tryBegin() and try again later.");
  }

  @Test
  void movesTheRowToAnotherBatchWhenATextDoesNotFit() {
    Batch first = batch(TRADES, 8);
    Batch second = batch(TRADES, 8);
    RollingTarget target = new RollingTarget(first, second);
    ColumnRowWriter rows = new ColumnRowWriter(target, OWNER);
    rows.push(1, true, "A", 1.0, 1L, "short");
    String text = "é".repeat(400);
    rows.begin().setString(0, "B").setNull(2).setDouble(1, 2).setString(3, text).endRow();
    rows.push(1, true, "C", 3.0, 3L, null);
    assertThat(texts(first)).containsExactly("{symbol=A, price=1.0, volume=1, note=short}");
    assertThat(texts(second))
        .containsExactly(
            "{symbol=B, price=2.0, volume=NULL, note=" + text + "}",
            "{symbol=C, price=3.0, volume=3, note=NULL}");
    assertThat(first.column(2).isNull(1)).as("left as unwritten").isFalse();
  }

  @Test
  void followsABatchThatGrewBetweenRows() {
    Batch batch = batch(TRADES, 100);
    ColumnRowWriter rows = writer(batch);
    rows.push(1, true, "A", 1.0, 1L, "x");
    Batch other = batch(TRADES, 1);
    writer(other).push(1, true, "B", 2.0, 2L, "y".repeat(5000));
    batch.append(other, 0, 1);
    rows.push(1, true, "C", 3.0, 3L, "z");
    assertThat(texts(batch))
        .containsExactly(
            "{symbol=A, price=1.0, volume=1, note=x}",
            "{symbol=B, price=2.0, volume=2, note=" + "y".repeat(5000) + "}",
            "{symbol=C, price=3.0, volume=3, note=z}");
  }

  @Test
  void refusesTheRowWhenATextDoesNotFitAndThereIsNoOtherBatchNow() {
    Batch batch = batch(TRADES, 8);
    ColumnRowWriter rows = new ColumnRowWriter(new RollingTarget(batch), OWNER);
    assertThat(rows.push(1, false, "A", 1.0, 1L, "x".repeat(4000))).isFalse();
    assertThat(rows.push(1, false, "A", 1.0, 1L, "x")).isTrue();
    assertThat(texts(batch)).containsExactly("{symbol=A, price=1.0, volume=1, note=x}");
  }

  @Test
  void encodesEveryTextAsTheJdkDoes() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    List<String> written = new ArrayList<>();
    Schema schema = Schema.appendOnly(Field.notNull("t", DataType.VARCHAR));
    Batch batch = batch(schema, 3000);
    ColumnRowWriter rows = writer(batch);
    List<String> samples =
        List.of("", "ascii", "é", "߿ࠀ", "€uro", "😀", "a\ud83d", "\ude00b", "\u0000", "￿");
    for (int i = 0; i < 3000; i++) {
      String text = i < samples.size() ? samples.get(i) : randomText(random);
      written.add(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
      rows.begin().setString(0, text).endRow();
    }
    BatchRow row = new BatchRow(schema);
    for (int i = 0; i < written.size(); i++) {
      assertThat(row.at(batch, i).getString(0)).as("seed " + seed).isEqualTo(written.get(i));
    }
  }

  @Test
  void takesTheExtremesOfEveryType() {
    Schema schema =
        Schema.appendOnly(
            Field.of("b", DataType.BOOLEAN),
            Field.of("i8", DataType.TINYINT),
            Field.of("i16", DataType.SMALLINT),
            Field.of("i32", DataType.INTEGER),
            Field.of("i64", DataType.BIGINT),
            Field.of("f32", DataType.REAL),
            Field.of("f64", DataType.DOUBLE),
            Field.of("d", DataType.decimal(38, 4)),
            Field.of("bin", DataType.VARBINARY),
            Field.of("day", DataType.DATE),
            Field.of("t", DataType.time(6)),
            Field.of("ts0", DataType.timestamp(0)),
            Field.of("ts3", DataType.timestamp(3)),
            Field.of("ts9", DataType.timestamp(9)),
            Field.of("ltz", DataType.timestampLtz(6)));
    Batch batch = batch(schema, 8);
    ColumnRowWriter rows = writer(batch);
    LocalDateTime time = LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_999);
    BigDecimal most = new BigDecimal("9".repeat(34) + ".9999");
    rows.push(
        1,
        true,
        true,
        127,
        (short) -32768,
        2147483647L,
        Long.MIN_VALUE,
        Float.MAX_VALUE,
        Double.NaN,
        most,
        new byte[] {0, -1},
        LocalDate.MAX.minusYears(999_000_000),
        LocalTime.MAX,
        time,
        time,
        time,
        time.toInstant(java.time.ZoneOffset.UTC));
    rows.push(
        1,
        true,
        false,
        -128,
        (short) 32767,
        -2147483648,
        Long.MAX_VALUE,
        -0.0f,
        Double.NEGATIVE_INFINITY,
        most.negate(),
        new byte[0],
        LocalDate.of(-1, 1, 1),
        LocalTime.MIDNIGHT,
        -1L,
        -1L,
        OffsetDateTime.parse("2026-01-01T01:00:00+01:00"),
        Instant.EPOCH);
    rows.push(1, true, new Object[schema.size()]);
    BatchRow cursor = new BatchRow(schema);
    Row row = cursor.at(batch, 0).copy();
    assertThat(row.getBoolean("b")).isTrue();
    assertThat(row.getInt("i8")).isEqualTo(127);
    assertThat(row.getObject("i16")).isEqualTo((short) -32768);
    assertThat(row.getInt("i32")).isEqualTo(Integer.MAX_VALUE);
    assertThat(row.getLong("i64")).isEqualTo(Long.MIN_VALUE);
    assertThat(row.getObject("f32")).isEqualTo(Float.MAX_VALUE);
    assertThat(row.getDouble("f64")).isNaN();
    assertThat(row.getBigDecimal("d")).isEqualTo(most);
    assertThat(row.getBytes("bin")).containsExactly(0, -1);
    assertThat(row.getDate("day")).isEqualTo(LocalDate.MAX.minusYears(999_000_000));
    assertThat(row.getTime("t")).isEqualTo(LocalTime.of(23, 59, 59, 999_999_000));
    assertThat(row.getTimestamp("ts0")).isEqualTo(time.withNano(0));
    assertThat(row.getTimestamp("ts3")).isEqualTo(time.withNano(999_000_000));
    assertThat(row.getTimestamp("ts9")).isEqualTo(time);
    assertThat(row.getEpochNanos("ts9")).isEqualTo(-1);
    assertThat(row.getLong("ts9")).isEqualTo(-1);
    assertThat(row.getInstant("ltz")).isEqualTo(Instant.parse("1969-12-31T23:59:59.999999Z"));
    assertThat(row.getString("ltz")).isEqualTo("1969-12-31 23:59:59.999999Z");
    Row second = cursor.at(batch, 1).copy();
    assertThat(second.getBigDecimal("d")).isEqualTo(most.negate());
    assertThat(second.getString("ts0")).isEqualTo("1969-12-31 23:59:59");
    assertThat(second.getLong("ts3")).isEqualTo(-1);
    assertThat(second.getInstant("ts9")).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(second.getInt("i32")).isEqualTo(Integer.MIN_VALUE);
    Row nulls = cursor.at(batch, 2);
    for (int i = 0; i < schema.size(); i++) {
      assertThat(nulls.isNull(i)).isTrue();
      assertThat(nulls.getObject(i)).isNull();
      assertThat(nulls.getString(i)).isNull();
    }
    assertThat(row).isEqualTo(cursor.at(batch, 0)).hasSameHashCodeAs(cursor).isNotEqualTo(second);
  }

  @Test
  void takesTheTimesOfJdbc() {
    Schema schema =
        Schema.appendOnly(
            Field.of("ts", DataType.timestamp(9)),
            Field.of("ltz", DataType.timestampLtz(9)),
            Field.of("day", DataType.DATE));
    Batch batch = batch(schema, 4);
    LocalDateTime time = LocalDateTime.of(2026, 6, 1, 12, 0, 0, 123_456_789);
    java.sql.Timestamp timestamp = java.sql.Timestamp.valueOf(time);
    writer(batch)
        .push(1, true, timestamp, timestamp, java.sql.Date.valueOf(LocalDate.of(2026, 6, 1)));
    BatchRow row = new BatchRow(schema).at(batch, 0);
    assertThat(row.getTimestamp("ts")).isEqualTo(time);
    assertThat(row.getInstant("ltz")).isEqualTo(timestamp.toInstant());
    assertThat(row.getDate("day")).isEqualTo(LocalDate.of(2026, 6, 1));
  }

  @Test
  void saysWhichColumnGotTheWrongType() {
    ColumnRowWriter rows = writer(batch(TRADES, 4));
    fails(
        () -> rows.push(1, true, "A", 1.0, "ten", null),
        "SCHEMA_MISMATCH: column \"volume\" of source \"trades\" is BIGINT, but the value is the"
            + " String \"ten\". Pass a Long, Integer, Short or Byte, or an Instant for its epoch"
            + " milliseconds.");
    fails(
        () -> rows.push(1, true, "A", 1.0),
        "SCHEMA_MISMATCH: source \"trades\" has 4 columns (symbol, price, volume, note), but the"
            + " row has 2 values. Pass one value for each column, in this order.");
    fails(
        () -> rows.push(1, true, null, 1.0, 1L, null),
        "NULL_NOT_ALLOWED: column \"symbol\" of source \"trades\" is NOT NULL, but the value is"
            + " NULL. Pass a value, or declare the column without NOT NULL.");
    fails(
        () -> rows.begin().setLong(0, 1),
        "SCHEMA_MISMATCH: column \"symbol\" of source \"trades\" is VARCHAR, but setLong was"
            + " called. Use setString.");
    fails(
        () -> rows.begin().setString(0, "A").endRow(),
        "NULL_NOT_ALLOWED: column \"price\" of source \"trades\" is NOT NULL, but was not set. Set"
            + " it before endRow(), or declare the column without NOT NULL.");
    fails(
        () -> rows.column("simbol"),
        "COLUMN_NOT_FOUND: source \"trades\" has no column \"simbol\". Did you mean \"symbol\"?");
    fails(
        () -> rows.column("quantity"),
        "COLUMN_NOT_FOUND: source \"trades\" has no column \"quantity\". It has: symbol, price,"
            + " volume, note.");
    fails(
        () -> rows.setLong(4, 1),
        "COLUMN_NOT_FOUND: source \"trades\" has no column 4. It has columns 0 to 3: symbol, price,"
            + " volume, note.");
    fails(
        rows::retractRow,
        "SCHEMA_MISMATCH: source \"trades\" is append-only and takes no row back. Declare it WITH"
            + " (changelog = 'retract').");
  }

  @Test
  void refusesASetterWithoutAnOpenRow() {
    ColumnRowWriter rows = writer(batch(TRADES, 4));
    fails(
        () -> rows.setLong(2, 1),
        "SCHEMA_MISMATCH: a setter was called on a row writer without an open row. Call begin()"
            + " before each row.");
    fails(
        rows::endRow,
        "SCHEMA_MISMATCH: endRow was called on a row writer without an open row. Call begin()"
            + " before each row.");
  }

  @Test
  void refusesValuesOutOfRange() {
    Schema schema =
        Schema.appendOnly(
            Field.of("i8", DataType.TINYINT),
            Field.of("i32", DataType.INTEGER),
            Field.of("f32", DataType.REAL),
            Field.of("d", DataType.decimal(4, 2)),
            Field.of("ts9", DataType.timestamp(9)));
    Batch batch = batch(schema, 4);
    ColumnRowWriter rows = writer(batch);
    fails(
        () -> rows.push(1, true, 128, null, null, null, null),
        "SCHEMA_MISMATCH: column \"i8\" of source \"trades\" is TINYINT, but the value 128 is out"
            + " of its range. Pass a value it can hold, or declare a wider column.");
    fails(() -> rows.begin().setLong(1, 1L << 31), "value 2147483648 is out of its range");
    fails(() -> rows.begin().setDouble(2, 1e300), "value 1.0E300 is out of its range");
    fails(() -> rows.begin().setBigDecimal(3, new BigDecimal("1.234")), "value 1.234 is out of");
    fails(() -> rows.begin().setLong(3, 100), "value 100 is out of its range");
    fails(() -> rows.begin().setLong(4, Long.MAX_VALUE), "is out of its range");
    fails(
        () -> rows.begin().setTimestamp(4, LocalDateTime.of(2300, 1, 1, 0, 0)),
        "column \"ts9\" of source \"trades\" is TIMESTAMP(9), but the value 2300-01-01T00:00 is"
            + " out");
    rows.push(1, true, 1, 2, 3.5, new BigDecimal("1.2300"), null);
    rows.push(1, true, null, null, 3L, BigInteger.TEN, Instant.ofEpochSecond(-9_223_372_036L));
    assertThat(texts(batch))
        .containsExactly(
            "{i8=1, i32=2, f32=3.5, d=1.23, ts9=NULL}",
            "{i8=NULL, i32=NULL, f32=3.0, d=10.00, ts9=1677-09-21 00:12:44.000000000}");
  }

  @Test
  void keepsTheRowOpenWhenASetterFails() {
    Batch batch = batch(TRADES, 4);
    ColumnRowWriter rows = writer(batch);
    rows.begin().setString(0, "A");
    assertThatThrownBy(() -> rows.setDouble(0, 1)).isInstanceOf(LaminarException.class);
    assertThatThrownBy(rows::endRow).hasMessageContaining("\"price\"");
    assertThat(rows.setDouble(1, 1).endRow()).isTrue();
    assertThat(texts(batch)).containsExactly("{symbol=A, price=1.0, volume=NULL, note=NULL}");
  }

  @Test
  void givesThePlaceBackWhenAPushFails() {
    Batch batch = batch(TRADES, 4);
    RollingTarget target = new RollingTarget(batch);
    ColumnRowWriter rows = new ColumnRowWriter(target, OWNER);
    assertThatThrownBy(() -> rows.push(1, true, "A", 1.0, null, 5))
        .isInstanceOf(LaminarException.class);
    assertThat(target.givenUp).isEqualTo(1);
    fails(rows::endRow, "endRow was called on a row writer without an open row.");
    assertThat(rows.push(1, true, "A", 1.0, 2L, "x")).isTrue();
    assertThat(target.givenUp).isEqualTo(1);
    assertThat(texts(batch)).containsExactly("{symbol=A, price=1.0, volume=2, note=x}");
  }

  @Test
  void leavesTheOpenRowAloneWhenTheTargetTurnsAwayAnotherThread() {
    Batch batch = batch(TRADES, 4);
    RollingTarget target = new RollingTarget(batch);
    ColumnRowWriter rows = new ColumnRowWriter(target, OWNER);
    rows.begin().setString(0, "A").setNull(2);
    target.busy = true;
    fails(() -> rows.push(1, true, "B", 2.0, 2L, "y"), "WRONG_THREAD");
    target.busy = false;
    assertThat(rows.setDouble(1, 1).endRow()).isTrue();
    assertThat(texts(batch)).containsExactly("{symbol=A, price=1.0, volume=NULL, note=NULL}");
  }

  @Test
  void writesWeightsOfAChangelog() {
    Batch batch = batch(Schema.changelog(Field.notNull("k", DataType.BIGINT)), 4);
    ColumnRowWriter rows = writer(batch);
    rows.begin().setLong(0, 1).endRow();
    rows.begin().setLong(0, 1).retractRow();
    assertThat(texts(batch)).containsExactly("{k=1}", "-{k=1}");
    rows.begin().setLong(0, 1);
    fails(() -> rows.end(2), "a row's weight is 2, must be +1 or -1.");
  }

  private ColumnRowWriter writer(Batch batch) {
    return new ColumnRowWriter(new BatchRowTarget(batch), OWNER);
  }

  private Batch batch(Schema schema, int capacity) {
    Batch batch = new Batch(schema, capacity, allocator);
    opened.add(batch);
    return batch;
  }

  private static List<String> texts(Batch batch) {
    List<String> texts = new ArrayList<>();
    BatchRow row = new BatchRow(batch.schema());
    for (int i = batch.from(); i < batch.to(); i++) {
      texts.add(row.at(batch, i).toString());
    }
    return texts;
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(40); i > 0; i--) {
      text.append(
          (char) (random.nextInt(3) == 0 ? random.nextInt(0x10000) : random.nextInt(0x100)));
    }
    return text.toString();
  }

  private static void fails(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(LaminarException.class).hasMessageContaining(message);
  }

  /**
   * Never grows a batch, like one that another thread reads: goes on to the next, while there is
   * one.
   */
  private static final class RollingTarget implements RowTarget {
    private final Batch[] batches;
    private int current;
    private int givenUp;
    private boolean busy;

    RollingTarget(Batch... batches) {
      this.batches = batches;
    }

    @Override
    public Schema schema() {
      return batches[0].schema();
    }

    @Override
    public boolean begin(boolean wait) {
      if (busy) {
        throw new LaminarException(ErrorCode.WRONG_THREAD, "another thread is in it.");
      }
      return !batch().isFull();
    }

    @Override
    public Batch batch() {
      return batches[current];
    }

    @Override
    public int row() {
      return batch().rowCount();
    }

    @Override
    public boolean roll(int column, long bytes, boolean wait) {
      if (current + 1 == batches.length) {
        return false;
      }
      current++;
      batch().column(column).reserve(bytes);
      return true;
    }

    @Override
    public boolean endRow(int weight) {
      batch().endRow();
      return true;
    }

    @Override
    public void giveUp() {
      givenUp++;
    }
  }
}
