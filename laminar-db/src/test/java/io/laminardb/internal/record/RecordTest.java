package io.laminardb.internal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.row.BatchRow;
import io.laminardb.internal.row.BatchRowTarget;
import io.laminardb.internal.row.ColumnRowWriter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecordTest {
  private static final String SOURCE = "source \"trades\"";
  private static final String STREAM = "stream \"vwap\"";

  private enum Side {
    BUY,
    SELL {
      @Override
      public String toString() {
        return "sold";
      }
    }
  }

  private record Trade(String symbol, double price, long volume, long ts) {}

  private record Everything(
      boolean flag,
      Boolean boxedFlag,
      byte i8,
      Short i16,
      int i32,
      Integer boxed32,
      long i64,
      Long boxed64,
      float f32,
      Double f64,
      BigDecimal amount,
      String name,
      Side side,
      byte[] raw,
      LocalDate day,
      LocalTime time,
      LocalDateTime at,
      Instant happenedAt,
      long millis,
      Instant epoch) {}

  private static final Schema EVERYTHING =
      Schema.appendOnly(
          Field.of("FLAG", DataType.BOOLEAN),
          Field.of("boxed_flag", DataType.BOOLEAN),
          Field.of("i8", DataType.TINYINT),
          Field.of("i16", DataType.SMALLINT),
          Field.of("i32", DataType.INTEGER),
          Field.of("boxed32", DataType.INTEGER),
          Field.of("i64", DataType.BIGINT),
          Field.of("boxed_64", DataType.BIGINT),
          Field.of("f32", DataType.REAL),
          Field.of("f64", DataType.DOUBLE),
          Field.of("amount", DataType.decimal(20, 2)),
          Field.of("name", DataType.VARCHAR),
          Field.of("side", DataType.VARCHAR),
          Field.of("raw", DataType.VARBINARY),
          Field.of("day", DataType.DATE),
          Field.of("time", DataType.time(6)),
          Field.of("at", DataType.timestamp(9)),
          Field.of("happened_at", DataType.timestampLtz(6)),
          Field.of("millis", DataType.timestamp(3)),
          Field.of("epoch", DataType.BIGINT));

  private static final Schema TRADES =
      Schema.appendOnly(
          Field.notNull("symbol", DataType.VARCHAR),
          Field.notNull("price", DataType.DOUBLE),
          Field.notNull("volume", DataType.BIGINT),
          Field.of("note", DataType.VARCHAR),
          Field.notNull("ts", DataType.BIGINT));

  private final BufferAllocator allocator = new RootAllocator();
  private final List<Batch> opened = new ArrayList<>();

  @AfterEach
  void freesAllMemory() {
    opened.forEach(Batch::close);
    allocator.close();
  }

  @Test
  void writesComponentsToTheColumnsOfTheirNames() {
    Batch batch = batch(TRADES);
    write(batch, Trade.class, new Trade("AAPL", 187.2, 100, 5));
    assertThat(new BatchRow(TRADES).at(batch, 0))
        .hasToString("{symbol=AAPL, price=187.2, volume=100, note=NULL, ts=5}");
  }

  @Test
  void carriesEveryTypeThereAndBack() {
    Batch batch = batch(EVERYTHING);
    LocalDateTime at = LocalDateTime.of(2026, 1, 31, 9, 30, 0, 123_456_789);
    Everything full =
        new Everything(
            true,
            false,
            (byte) -128,
            (short) 32767,
            Integer.MIN_VALUE,
            7,
            Long.MAX_VALUE,
            -1L,
            1.5f,
            -0.0,
            new BigDecimal("-12345678901234567.89"),
            "zażółć 😀",
            Side.SELL,
            new byte[] {1, 2},
            LocalDate.of(1, 1, 1),
            LocalTime.of(23, 59, 59, 1000),
            at,
            Instant.ofEpochSecond(-1, 1000),
            -1,
            Instant.ofEpochMilli(-5));
    Everything empty =
        new Everything(
            false, null, (byte) 0, null, 0, null, 0, null, 0, null, null, null, null, null, null,
            null, null, null, 0, null);
    write(batch, Everything.class, full, empty);
    RecordReader<Everything> reader = RecordReader.of(Everything.class, STREAM, EVERYTHING);
    assertThat(reader.read(batch, 0)).usingRecursiveComparison().isEqualTo(full);
    assertThat(reader.read(batch, 1)).isEqualTo(empty);
    assertThat(new BatchRow(EVERYTHING).at(batch, 0).getString("side")).isEqualTo("SELL");
  }

  private record Bar(Long trades, Instant windowStart, LocalDateTime window_end, double avg) {}

  @Test
  void readsHiddenColumnsByNameAndLeavesOthersOut() {
    Schema schema =
        Schema.appendOnly(
            Field.notNull("symbol", DataType.VARCHAR),
            Field.notNull("trades", DataType.BIGINT),
            Field.of("avg", DataType.decimal(10, 3)),
            new Field("window_start", DataType.BIGINT, false, true),
            new Field("window_end", DataType.timestamp(3), false, true));
    Batch batch = batch(schema);
    new ColumnRowWriter(new BatchRowTarget(batch), STREAM)
        .push(1, true, "A", 3L, new BigDecimal("1.5"), 60_000L, 120_000L);
    assertThat(RecordReader.of(Bar.class, STREAM, schema).read(batch, 0))
        .isEqualTo(new Bar(3L, Instant.ofEpochSecond(60), LocalDateTime.of(1970, 1, 1, 0, 2), 1.5));
  }

  private record Wider(double i8, long i16, long i32, BigDecimal i64, double f32) {}

  private record Narrower(byte i16, short i32, int i64, float f64, int amount) {}

  @Test
  void widensNumbers() {
    Batch batch = batch(EVERYTHING);
    write(batch, Narrower.class, new Narrower((byte) 1, (short) 2, 3, 4.5f, 5));
    assertThat(new BatchRow(EVERYTHING).at(batch, 0).getBigDecimal("amount")).isEqualTo("5.00");
    assertThat(new BatchRow(EVERYTHING).at(batch, 0).getDouble("f64")).isEqualTo(4.5);
    batch.clear();
    new ColumnRowWriter(new BatchRowTarget(batch), SOURCE)
        .push(
            1, true, null, null, 1, 2, 3, null, 4, null, 5.5f, null, null, null, null, null, null,
            null, null, null, null, null);
    assertThat(RecordReader.of(Wider.class, STREAM, EVERYTHING).read(batch, 0))
        .isEqualTo(new Wider(1, 2, 3, BigDecimal.valueOf(4), 5.5));
  }

  private record Misspelt(String symbl, double price, long volume, long ts) {}

  private record Incomplete(String symbol, double prices) {}

  private record Fewer(String symbol, double price) {}

  private record WrongType(String symbol, String price, long volume, long ts) {}

  private record Twice(String symbol, double price, long volume, long ts, String not_e, long tS) {}

  private record Narrow(String symbol, double price, int volume) {}

  @Test
  void saysWhichComponentsDoNotFit() {
    String columns =
        "The columns are symbol VARCHAR NOT NULL, price DOUBLE NOT NULL, volume BIGINT NOT NULL,"
            + " note VARCHAR, ts BIGINT NOT NULL.";
    fails(
        () -> RecordWriter.of(Misspelt.class, SOURCE, TRADES),
        "SCHEMA_MISMATCH: record Misspelt does not fit source \"trades\": component \"symbl\" of"
            + " record Misspelt has no column. Did you mean \"symbol\"? "
            + columns);
    fails(
        () -> RecordReader.of(Incomplete.class, SOURCE, TRADES),
        "SCHEMA_MISMATCH: record Incomplete does not fit source \"trades\": component \"prices\" of"
            + " record Incomplete has no column. Did you mean \"price\"? "
            + columns);
    fails(
        () -> RecordWriter.of(Fewer.class, SOURCE, TRADES),
        "SCHEMA_MISMATCH: record Fewer does not fit source \"trades\": NOT NULL columns \"volume\","
            + " \"ts\" of source \"trades\" have no component. "
            + columns);
    fails(
        () -> RecordWriter.of(WrongType.class, SOURCE, TRADES),
        "SCHEMA_MISMATCH: record WrongType does not fit source \"trades\": component \"price\" is"
            + " String, but column \"price\" is DOUBLE. Declare the component as double, float or"
            + " an integer, primitive or boxed.");
    fails(
        () -> RecordReader.of(WrongType.class, STREAM, TRADES),
        "SCHEMA_MISMATCH: record WrongType does not fit stream \"vwap\": component \"price\" is"
            + " String, but column \"price\" is DOUBLE. Declare the component as double or"
            + " Double.");
    fails(
        () -> RecordReader.of(Narrow.class, STREAM, TRADES),
        "component \"volume\" is int, but column \"volume\" is BIGINT. Declare the component as"
            + " long");
    fails(
        () -> RecordWriter.of(Twice.class, SOURCE, TRADES),
        "components \"ts\" and \"tS\" both stand for column \"ts\". Keep one of them.");
    fails(
        () -> RecordWriter.of(String.class, SOURCE, TRADES),
        "SCHEMA_MISMATCH: java.lang.String is not a record. Declare it as one, with a component for"
            + " each column: symbol VARCHAR NOT NULL,");
  }

  private record WithNote(String note, long volume) {}

  private record WithSide(Side note) {}

  @Test
  void saysWhichNullAComponentCannotHold() {
    Schema schema =
        Schema.appendOnly(Field.of("note", DataType.VARCHAR), Field.of("volume", DataType.BIGINT));
    Batch batch = batch(schema);
    new ColumnRowWriter(new BatchRowTarget(batch), SOURCE).push(1, true, "HOLD", null);
    fails(
        () -> RecordReader.of(WithNote.class, STREAM, schema).read(batch, 0),
        "NULL_NOT_ALLOWED: column \"volume\" is NULL, which a component of a primitive type cannot"
            + " hold. Declare the component with the boxed type, such as Long or Double.");
    fails(
        () -> RecordReader.of(WithSide.class, STREAM, schema).read(batch, 0),
        "TYPE_MISMATCH: column \"note\" holds \"HOLD\", which is no constant of Side. It has: BUY,"
            + " SELL.");
  }

  @Test
  void refusesANullInANotNullColumn() {
    Batch batch = batch(TRADES);
    fails(
        () -> write(batch, Trade.class, new Trade(null, 1, 1, 1)),
        "NULL_NOT_ALLOWED: column \"symbol\" of source \"trades\" is NOT NULL, but the value is"
            + " NULL.");
    assertThat(batch.rowCount()).isZero();
  }

  private record Ambiguous(long aB) {}

  @Test
  void asksForTheExactNameWhereSeveralColumnsAreAlike() {
    Schema schema =
        Schema.appendOnly(Field.of("a_b", DataType.BIGINT), Field.of("_ab", DataType.BIGINT));
    fails(
        () -> RecordReader.of(Ambiguous.class, STREAM, schema),
        "component \"aB\" may stand for column \"a_b\" or \"_ab\". Name it exactly as the column.");
  }

  @SafeVarargs
  private static <T> void write(Batch batch, Class<T> type, T... records) {
    ColumnRowWriter rows = new ColumnRowWriter(new BatchRowTarget(batch), SOURCE);
    RecordWriter<T> writer = RecordWriter.of(type, SOURCE, batch.schema());
    for (T value : records) {
      assertThat(writer.push(value, rows, 1, false)).isTrue();
    }
  }

  private Batch batch(Schema schema) {
    Batch batch = new Batch(schema, 16, allocator);
    opened.add(batch);
    return batch;
  }

  private static void fails(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(LaminarException.class).hasMessageContaining(message);
  }
}
