package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SinkWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilesSinkTest extends FilesFixture {
  private static final Schema ALL =
      schema(
          Field.of("text", DataType.VARCHAR),
          Field.of("number", DataType.BIGINT),
          Field.of("real", DataType.DOUBLE),
          Field.of("amount", DataType.decimal(38, 4)),
          Field.of("yes", DataType.BOOLEAN),
          Field.of("day", DataType.DATE),
          Field.of("moment", DataType.timestamp(6)),
          Field.of("clock", DataType.time(6)),
          Field.of("small", DataType.SMALLINT),
          Field.of("single", DataType.REAL));
  private static final String[] TEXTS = {
    "", "a", "a,b", "\"", "line\nbreak", "\r", "é€😀", " blank ", "NULL", "\\", "\u0001", "'"
  };

  private SinkWriter sink(Schema schema, Path path, String... options) {
    return FILES.sink(options(path, options)).open(schema);
  }

  private Batch random(Random random, int rows) {
    Batch batch = new Batch(ALL, rows, allocator);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < ALL.size(); i++) {
        if (random.nextInt(6) == 0) {
          batch.column(i).setNull(row);
        } else {
          fill(batch, i, row, random);
        }
      }
      batch.endRow();
    }
    return batch;
  }

  private static void fill(Batch batch, int column, int row, Random random) {
    long bits = random.nextLong() >> random.nextInt(64);
    switch (ALL.field(column).type().kind()) {
      case VARCHAR -> {
        byte[] text = TEXTS[random.nextInt(TEXTS.length)].getBytes(StandardCharsets.UTF_8);
        batch.column(column).putBytes(row, text, 0, text.length);
      }
      case DOUBLE -> {
        double exact = Double.longBitsToDouble(random.nextLong());
        boolean simple = random.nextBoolean() || !Double.isFinite(exact);
        batch.column(column).putDouble(row, simple ? bits / 1000.0 : exact);
      }
      case REAL -> batch.column(column).putDouble(row, (float) (bits / 100.0));
      case DECIMAL -> batch.column(column).putDecimal(row, random.nextLong(), bits >> 3);
      case BOOLEAN -> batch.column(column).putLong(row, bits & 1);
      case DATE -> batch.column(column).putLong(row, random.nextInt(-700_000, 2_900_000));
      case TIME -> batch.column(column).putLong(row, random.nextLong(86_400_000_000L));
      case TIMESTAMP ->
          batch
              .column(column)
              .putLong(row, random.nextLong(-60_000_000_000_000_000L, 250_000_000_000_000_000L));
      default -> batch.column(column).putLong(row, bits);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t.csv", "t.csv.gz", "t.json", "t.json.gz"})
  void readsBackWhatItWrote(String name) throws Exception {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Path path = directory.resolve(name);
    try (Batch batch = random(new Random(seed), 500)) {
      try (SinkWriter writer = sink(ALL, path)) {
        writer.write(batch, 0, 200);
        writer.flush();
        assertThat(path).doesNotExist();
        writer.write(batch, 200, 500);
        writer.finish();
      }
      Path plain = directory.resolve("again.csv");
      try (SinkWriter writer = sink(ALL, plain)) {
        writer.write(batch, 0, 500);
        writer.finish();
      }
      List<String> expected = rows(source(plain), ALL);
      assertThat(rows(source(path), ALL)).as("seed " + seed).hasSize(500).isEqualTo(expected);
      assertThat(bytesEqual(batch, path)).as("seed " + seed).isTrue();
      assertThat(duckDb(path)).as("seed " + seed).isEqualTo(ours(batch));
    }
    assertThat(directory).isDirectoryNotContaining("glob:**.part");
  }

  /** Whether the fixed-width bits read back are those written. */
  private boolean bytesEqual(Batch batch, Path path) {
    try (var reader = source(path).open(ALL);
        Batch read = new Batch(ALL, 1000, allocator)) {
      int rows = reader.read(read);
      for (int row = 0; row < rows; row++) {
        boolean same =
            batch.column(2).isNull(row) == read.column(2).isNull(row)
                && (batch.column(2).isNull(row)
                    || Double.doubleToRawLongBits(batch.column(2).getDouble(row))
                        == Double.doubleToRawLongBits(read.column(2).getDouble(row)))
                && (batch.column(9).isNull(row)
                    || batch.column(9).getDouble(row) == read.column(9).getDouble(row))
                && (batch.column(3).isNull(row)
                    || batch.column(3).getDecimalHigh(row) == read.column(3).getDecimalHigh(row))
                && (batch.column(6).isNull(row)
                    || batch.column(6).getLong(row) == read.column(6).getLong(row));
        if (!same) {
          return false;
        }
      }
      return rows == batch.rowCount();
    }
  }

  private static List<String> ours(Batch batch) {
    List<String> rows = new ArrayList<>();
    var view = new io.laminardb.core.memory.Utf8();
    for (int row = 0; row < batch.rowCount(); row++) {
      batch.column(0).getBytes(row, view);
      rows.add(
          (batch.column(0).isNull(row) ? null : view.toString())
              + "|"
              + (batch.column(1).isNull(row) ? null : batch.column(1).getLong(row))
              + "|"
              + (batch.column(2).isNull(row) ? null : batch.column(2).getDouble(row))
              + "|"
              + (batch.column(5).isNull(row) ? null : batch.column(5).getLong(row))
              + "|"
              + (batch.column(6).isNull(row) ? null : batch.column(6).getLong(row))
              + "|"
              + (batch.column(7).isNull(row) ? null : batch.column(7).getLong(row)));
    }
    return rows;
  }

  private static List<String> duckDb(Path path) throws Exception {
    String types =
        "{text: 'VARCHAR', number: 'BIGINT', real: 'DOUBLE', amount: 'DECIMAL(38,4)',"
            + " yes: 'BOOLEAN', day: 'DATE', moment: 'TIMESTAMP', clock: 'TIME',"
            + " small: 'SMALLINT', single: 'REAL'}";
    String read =
        path.toString().contains(".csv")
            ? "read_csv('"
                + path
                + "', header = true, columns = "
                + types
                + ", allow_quoted_nulls = false, delim = ',', quote = '\"', escape = '\"')"
            : "read_json('" + path + "', format = 'newline_delimited', columns = " + types + ")";
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT text, number, real, day - DATE '1970-01-01', epoch_us(moment),"
                    + " epoch_us(clock) FROM "
                    + read)) {
      while (result.next()) {
        StringBuilder row = new StringBuilder();
        for (int i = 1; i <= 6; i++) {
          Object value = result.getObject(i);
          row.append(i > 1 ? "|" : "").append(value);
        }
        rows.add(row.toString());
      }
    }
    return rows;
  }

  private Batch events(Schema schema, long... ids) {
    Batch batch = new Batch(schema, 10, allocator);
    for (long id : ids) {
      batch.column(0).putLong(batch.rowCount(), Math.abs(id));
      if (schema.isChangelog()) {
        batch.endRow(id < 0 ? -1 : 1);
      } else {
        batch.endRow();
      }
    }
    return batch;
  }

  @Test
  void aChangelogKeepsItsWeightsInTheLastColumn() {
    Schema changes = Schema.changelog(Field.of("id", DataType.BIGINT));
    Path csv = directory.resolve("t.csv");
    Path json = directory.resolve("t.json");
    for (Path path : List.of(csv, json)) {
      try (SinkWriter writer = sink(changes, path);
          Batch batch = events(changes, 1, -1, 2)) {
        writer.write(batch, 0, 3);
        writer.finish();
      }
      assertThat(rows(source(path), changes)).containsExactly("1,1", "1,-1", "2,1");
    }
    assertThat(csv).hasContent("id,__weight\n1,1\n1,-1\n2,1\n");
    assertThat(json)
        .hasContent(
            "{\"id\":1,\"__weight\":1}\n{\"id\":1,\"__weight\":-1}\n{\"id\":2,\"__weight\":1}\n");
  }

  @Test
  void anUnfinishedOverwriteLeavesTheOldFile() throws IOException {
    Schema schema = schema(Field.of("id", DataType.BIGINT));
    Path path = file("t.csv", "old");
    try (SinkWriter writer = sink(schema, path);
        Batch batch = events(schema, 1)) {
      writer.write(batch, 0, 1);
      writer.flush();
    }
    assertThat(path).hasContent("old");
    try (var files = Files.list(directory)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void appendedRowsCanBeReadAfterEachFlush() {
    Schema schema = schema(Field.of("id", DataType.BIGINT));
    Path path = directory.resolve("new").resolve("t.csv");
    try (SinkWriter writer = sink(schema, path, "mode", "append");
        Batch batch = events(schema, 1, 2)) {
      writer.write(batch, 0, 1);
      writer.flush();
      assertThat(path).hasContent("id\n1\n");
      writer.write(batch, 1, 2);
    }
    append(path, "cut o");
    try (SinkWriter writer = sink(schema, path, "mode", "append");
        Batch batch = events(schema, 3)) {
      writer.write(batch, 0, 1);
      writer.finish();
    }
    assertThat(path).hasContent("id\n1\n2\ncut o\n3\n");
  }

  @Test
  void compressedFilesCanBeAppendedTo() {
    Schema schema = schema(Field.of("id", DataType.BIGINT));
    Path path = directory.resolve("t.csv.gz");
    for (int i = 1; i <= 3; i++) {
      try (SinkWriter writer = sink(schema, path, "mode", "append");
          Batch batch = events(schema, i)) {
        writer.write(batch, 0, 1);
        writer.finish();
      }
    }
    assertThat(rows(source(path), schema)).containsExactly("1", "2", "3");
  }

  @Test
  void aSingleColumnKeepsItsNulls() {
    Schema schema = schema(Field.of("id", DataType.BIGINT));
    Path path = directory.resolve("t.csv");
    try (SinkWriter writer = sink(schema, path);
        Batch batch = events(schema, 1)) {
      batch.column(0).setNull(1);
      batch.endRow();
      writer.write(batch, 0, 2);
      writer.finish();
    }
    assertThat(rows(source(path), schema)).containsExactly("1", "");
  }
}
