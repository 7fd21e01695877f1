package io.laminardb.internal.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.Row;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.row.BatchRow;
import io.laminardb.internal.row.BatchRowTarget;
import io.laminardb.internal.row.ColumnRowWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.TimeStampSecVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArrowTest {
  private static final String OWNER = "source \"trades\"";
  private static final Schema TRADES =
      Schema.appendOnly(
          Field.notNull("symbol", DataType.VARCHAR), Field.of("price", DataType.DOUBLE));
  private static final Schema EVERYTHING =
      Schema.appendOnly(
          Field.of("b", DataType.BOOLEAN),
          Field.of("i8", DataType.TINYINT),
          Field.of("i16", DataType.SMALLINT),
          Field.of("i32", DataType.INTEGER),
          Field.notNull("i64", DataType.BIGINT),
          Field.of("f32", DataType.REAL),
          Field.of("f64", DataType.DOUBLE),
          Field.of("d", DataType.decimal(20, 3)),
          Field.of("s", DataType.VARCHAR),
          Field.of("bin", DataType.VARBINARY),
          Field.of("day", DataType.DATE),
          Field.of("t", DataType.time(6)),
          Field.of("ts", DataType.timestamp(0)),
          Field.of("ts9", DataType.timestamp(9)),
          new Field("window_start", DataType.timestampLtz(6), true, true));

  private final RootAllocator users = new RootAllocator();
  private final RootAllocator engine = new RootAllocator();

  @AfterEach
  void freesAllMemory() {
    users.close();
    engine.close();
  }

  @Test
  void carriesEveryTypeOutAndBackWithoutCopying() {
    try (Batch batch = everything(20)) {
      VectorSchemaRoot root = ArrowExport.root(batch, engine);
      for (int i = 0; i < EVERYTHING.size(); i++) {
        assertThat(root.getVector(i).getDataBuffer().memoryAddress())
            .isEqualTo(batch.column(i).dataAddress());
      }
      assertThat(ArrowSchemas.fromArrow(root.getSchema())).isEqualTo(EVERYTHING);
      try (Batch back = batch(root, null, EVERYTHING)) {
        root.close();
        assertThat(back.column(8).dataAddress()).isEqualTo(batch.column(8).dataAddress());
        assertThat(rows(back)).isEqualTo(rows(batch));
      }
    }
  }

  @Test
  void exportsOnlyTheRowsOnLoan() {
    try (Batch batch = everything(40)) {
      List<Row> all = rows(batch);
      for (int from : new int[] {0, 3, 8, 39, 40}) {
        batch.range(from, Math.max(from, 39));
        try (VectorSchemaRoot root = ArrowExport.root(batch, engine);
            VectorSchemaRoot copy = ArrowExport.copy(batch, users);
            Batch back = batch(root, null, EVERYTHING);
            Batch backOfCopy = batch(copy, null, EVERYTHING)) {
          assertThat(rows(back)).isEqualTo(all.subList(from, Math.max(from, 39)));
          assertThat(rows(backOfCopy)).isEqualTo(rows(back));
        }
      }
    }
  }

  @Test
  void keepsTheBuffersOfARootThatIsClosedAtOnce() {
    Batch batch;
    long address;
    try (VectorSchemaRoot root = trades()) {
      address = root.getVector("PRICE").getDataBuffer().memoryAddress();
      batch = batch(root, null, TRADES);
    }
    assertThat(engine.getAllocatedMemory()).isZero();
    try (batch) {
      assertThat(batch.column(1).dataAddress()).isEqualTo(address);
      assertThat(texts(batch))
          .containsExactly("{symbol=AAPL, price=1.5}", "{symbol=ÄÖÜ😀, price=NULL}");
    }
  }

  @Test
  void exportsAgainWhatWasImported() {
    try (VectorSchemaRoot root = trades();
        Batch batch = batch(root, null, TRADES);
        VectorSchemaRoot out = ArrowExport.root(batch, engine)) {
      assertThat(out.getVector("symbol").getObject(1)).hasToString("ÄÖÜ😀");
      assertThat(out.getVector("price").isNull(1)).isTrue();
    }
  }

  @Test
  void readsASliceOfARoot() {
    try (VectorSchemaRoot root = trades();
        VectorSchemaRoot slice = root.slice(1, 1);
        Batch batch = batch(slice, null, TRADES)) {
      assertThat(texts(batch)).containsExactly("{symbol=ÄÖÜ😀, price=NULL}");
    }
  }

  @Test
  void takesAnEmptyRoot() {
    try (VectorSchemaRoot root = VectorSchemaRoot.create(ArrowSchemas.toArrow(TRADES), users);
        Batch batch = batch(root, null, TRADES);
        VectorSchemaRoot out = ArrowExport.root(batch, engine)) {
      assertThat(batch.size()).isZero();
      assertThat(out.getRowCount()).isZero();
    }
  }

  @Test
  void carriesWeights() {
    Schema schema = Schema.changelog(Field.notNull("k", DataType.BIGINT));
    try (Batch batch = new Batch(schema, 4, engine)) {
      ColumnRowWriter rows = new ColumnRowWriter(new BatchRowTarget(batch), OWNER);
      rows.push(1, true, 7L);
      rows.push(-1, true, 7L);
      try (VectorSchemaRoot root = ArrowExport.root(batch, engine);
          Batch back = batch(root, null, schema)) {
        assertThat(root.getVector(1).getName()).isEqualTo("__weight");
        assertThat(((BigIntVector) root.getVector(1)).get(1)).isEqualTo(-1);
        assertThat(root.getSchema().getCustomMetadata())
            .isEqualTo(Map.of("laminar.changelog", "true"));
        assertThat(ArrowSchemas.fromArrow(root.getSchema())).isEqualTo(schema);
        assertThat(texts(back)).containsExactly("{k=7}", "-{k=7}");
        fails(
            () -> batch(root, null, schema.withChangelog(false)),
            "SCHEMA_MISMATCH: source \"trades\" is append-only, but row 1 has weight -1. Declare it"
                + " WITH (changelog = 'retract').");
      }
      batch.range(1, 2);
      try (VectorSchemaRoot root = ArrowExport.root(batch, engine)) {
        assertThat(((BigIntVector) root.getVector(1)).get(0)).isEqualTo(-1);
      }
    }
  }

  @Test
  void takesTinyWeightsAndNoneAtAll() {
    Schema schema = Schema.changelog(Field.notNull("k", DataType.BIGINT));
    BigIntVector keys = bigints("k", 1, 2);
    TinyIntVector weights = new TinyIntVector("__WEIGHT", users);
    weights.setSafe(0, -1);
    weights.setSafe(1, 1);
    weights.setValueCount(2);
    try (VectorSchemaRoot root = VectorSchemaRoot.of(weights, keys);
        Batch batch = batch(root, null, schema)) {
      assertThat(texts(batch)).containsExactly("-{k=1}", "{k=2}");
      weights.set(1, 3);
      fails(
          () -> batch(root, null, schema),
          "SCHEMA_MISMATCH: row 1 has weight 3, must be +1 or -1.");
    }
    try (VectorSchemaRoot root = VectorSchemaRoot.of(bigints("k", 1));
        Batch batch = batch(root, null, schema)) {
      assertThat(texts(batch)).containsExactly("{k=1}");
    }
  }

  @Test
  void readsDictionaries() {
    try (VarCharVector values = texts("values", "AAPL", "MSFT");
        VarCharVector plain = texts("symbol", "MSFT", "AAPL", "MSFT")) {
      Dictionary dictionary = new Dictionary(values, new DictionaryEncoding(7, false, null));
      FieldVector encoded = (FieldVector) DictionaryEncoder.encode(plain, dictionary);
      Schema schema = Schema.appendOnly(Field.notNull("symbol", DataType.VARCHAR));
      try (VectorSchemaRoot root = VectorSchemaRoot.of(encoded)) {
        DictionaryProvider provider = new DictionaryProvider.MapDictionaryProvider(dictionary);
        try (Batch batch = batch(root, provider, schema)) {
          assertThat(texts(batch))
              .containsExactly("{symbol=MSFT}", "{symbol=AAPL}", "{symbol=MSFT}");
        }
        fails(
            () -> batch(root, null, schema),
            "SCHEMA_MISMATCH: column \"symbol\" is encoded with dictionary 7, which is not known."
                + " Push the root together with its DictionaryProvider.");
      }
    }
  }

  @Test
  void convertsUnitsOfTime() {
    TimeStampMicroVector micros = new TimeStampMicroVector("ms", users);
    micros.setSafe(0, -1_500);
    micros.setNull(1);
    TimeStampSecVector seconds = new TimeStampSecVector("ns", users);
    seconds.setSafe(0, 2);
    seconds.setSafe(1, -3);
    TimeStampMicroTZVector zoned = new TimeStampMicroTZVector("ltz", users, "Europe/Berlin");
    zoned.setSafe(0, 1);
    zoned.setSafe(1, 2);
    TimeSecVector time = new TimeSecVector("t", users);
    time.setSafe(0, 61);
    time.setSafe(1, 86_399);
    DateMilliVector day = new DateMilliVector("day", users);
    day.setSafe(0, -86_400_000L);
    day.setNull(1);
    Schema schema =
        Schema.appendOnly(
            Field.of("ms", DataType.timestamp(3)),
            Field.of("ns", DataType.timestamp(9)),
            Field.of("ltz", DataType.timestampLtz(6)),
            Field.of("t", DataType.time(0)),
            Field.of("day", DataType.DATE));
    try (VectorSchemaRoot root = VectorSchemaRoot.of(micros, seconds, zoned, time, day)) {
      root.setRowCount(2);
      try (Batch batch = batch(root, null, schema)) {
        assertThat(texts(batch))
            .containsExactly(
                "{ms=1969-12-31 23:59:59.998, ns=1970-01-01 00:00:02.000000000,"
                    + " ltz=1970-01-01 00:00:00.000001Z, t=00:01:01, day=1969-12-31}",
                "{ms=NULL, ns=1969-12-31 23:59:57.000000000, ltz=1970-01-01 00:00:00.000002Z,"
                    + " t=23:59:59, day=NULL}");
      }
      seconds.set(1, Long.MAX_VALUE);
      fails(
          () -> batch(root, null, schema),
          "SCHEMA_MISMATCH: column \"ns\" is TIMESTAMP(9), but the time in row 1 of the Arrow root"
              + " is out of its range.");
    }
  }

  @Test
  void saysHowARootDiffersFromTheColumns() {
    try (VectorSchemaRoot root = VectorSchemaRoot.of(texts("symbl", "A"), bigints("qty", 1))) {
      fails(
          () -> batch(root, null, TRADES),
          "SCHEMA_MISMATCH: the Arrow root does not fit source \"trades\": it lacks symbol, price;"
              + " it has symbl, qty, which source \"trades\" has not. Is \"symbl\" meant to be"
              + " \"symbol\"?");
    }
    try (VectorSchemaRoot root = VectorSchemaRoot.of(texts("symbol", "A"), bigints("price", 1))) {
      fails(
          () -> batch(root, null, TRADES),
          "SCHEMA_MISMATCH: column \"price\" of source \"trades\" is DOUBLE, but the Arrow root has"
              + " Int(64, true). Use Arrow type FloatingPoint(DOUBLE).");
    }
    Float8Vector price = new Float8Vector("price", users);
    price.setSafe(0, 1);
    price.setValueCount(2);
    try (VectorSchemaRoot root = VectorSchemaRoot.of(texts("symbol", "A", null), price)) {
      fails(
          () -> batch(root, null, TRADES),
          "NULL_NOT_ALLOWED: column \"symbol\" of source \"trades\" is NOT NULL, but row 1 of the"
              + " Arrow root is NULL. Fill the column, or declare it without NOT NULL.");
    }
    fails(
        () ->
            ArrowSchemas.fromArrow(
                new org.apache.arrow.vector.types.pojo.Schema(
                    List.of(
                        org.apache.arrow.vector.types.pojo.Field.nullable(
                            "n",
                            new ArrowType.Duration(
                                org.apache.arrow.vector.types.TimeUnit.SECOND))))),
        "NOT_SUPPORTED: column \"n\" has Arrow type Duration(SECOND), for which there is no column"
            + " type. Convert it, or leave the column out.");
  }

  private Batch everything(int rowCount) {
    Batch batch = new Batch(EVERYTHING, 64, engine);
    ColumnRowWriter rows = new ColumnRowWriter(new BatchRowTarget(batch), OWNER);
    LocalDateTime time = LocalDateTime.of(1960, 2, 29, 1, 2, 3, 123_456_789);
    for (int i = 0; i < rowCount; i++) {
      rows.begin().setLong(4, i);
      if (i % 3 != 0) {
        rows.setBoolean(0, i % 2 == 0).setInt(1, i).setInt(2, -i).setInt(3, i * 1000);
        rows.setDouble(5, i / 2.0).setDouble(6, -i).setBigDecimal(7, BigDecimal.valueOf(-i, 2));
        rows.setString(8, "é".repeat(i)).setBytes(9, new byte[i]);
        rows.setDate(10, LocalDate.of(2026, 1, 1).plusDays(i)).setTime(11, LocalTime.of(1, i));
        rows.setTimestamp(12, time.plusDays(i)).setTimestamp(13, time.plusNanos(i));
        rows.setInstant(14, Instant.ofEpochSecond(-i));
      }
      rows.endRow();
    }
    return batch;
  }

  /** symbol and PRICE, the other way round. */
  private VectorSchemaRoot trades() {
    Float8Vector price = new Float8Vector("PRICE", users);
    price.setSafe(0, 1.5);
    price.setValueCount(2);
    return VectorSchemaRoot.of(price, texts("symbol", "AAPL", "ÄÖÜ😀"));
  }

  private VarCharVector texts(String name, String... values) {
    VarCharVector vector = new VarCharVector(name, users);
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) {
        vector.setSafe(i, values[i].getBytes(StandardCharsets.UTF_8));
      }
    }
    vector.setValueCount(values.length);
    return vector;
  }

  private BigIntVector bigints(String name, long... values) {
    BigIntVector vector = new BigIntVector(name, users);
    for (int i = 0; i < values.length; i++) {
      vector.setSafe(i, values[i]);
    }
    vector.setValueCount(values.length);
    return vector;
  }

  private Batch batch(VectorSchemaRoot root, DictionaryProvider dictionaries, Schema schema) {
    try (ArrowImport arrow = new ArrowImport(OWNER, schema, engine)) {
      return arrow.batch(root, dictionaries, null);
    }
  }

  private static List<Row> rows(Batch batch) {
    List<Row> rows = new ArrayList<>();
    BatchRow cursor = new BatchRow(batch.schema());
    for (int i = batch.from(); i < batch.to(); i++) {
      rows.add(cursor.at(batch, i).copy());
    }
    return rows;
  }

  private static List<String> texts(Batch batch) {
    return rows(batch).stream().map(Row::toString).toList();
  }

  private static void fails(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(LaminarException.class).hasMessageContaining(message);
  }
}
