package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceReader;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvSourceTest extends FilesFixture {
  private static final Schema TRADES =
      schema(
          Field.of("symbol", DataType.VARCHAR),
          Field.of("price", DataType.DOUBLE),
          Field.of("volume", DataType.BIGINT));

  @Test
  void readsTwoHundredThousandRealFlights() {
    SourceConnector flights = source(Path.of("../../examples/data/flights-200k.csv.gz"));
    List<Field> fields = flights.inferSchema().orElseThrow();
    assertThat(fields)
        .extracting(Field::toString)
        .containsExactly(
            "ts TIMESTAMP(3)",
            "origin VARCHAR",
            "destination VARCHAR",
            "delay BIGINT",
            "distance BIGINT");
    Schema schema = new Schema(fields, false);
    long rows = 0;
    long distance = 0;
    long delay = 0;
    try (SourceReader reader = flights.open(schema);
        Batch batch = new Batch(schema, Batch.DEFAULT_CAPACITY, allocator)) {
      for (int read; (read = reader.read(batch)) != SourceReader.END; batch.clear()) {
        rows += read;
        for (int row = 0; row < read; row++) {
          delay += batch.column(3).getLong(row);
          distance += batch.column(4).getLong(row);
        }
      }
      assertThat(reader.bytesRead()).isEqualTo(reader.bytesTotal()).isPositive();
      assertThat(reader.read(batch)).isEqualTo(SourceReader.END);
    }
    assertThat(rows).isEqualTo(200_000);
    assertThat(distance).isEqualTo(FlightsOracle.sum("distance"));
    assertThat(delay).isEqualTo(FlightsOracle.sum("delay"));
  }

  @Test
  void mapsColumnsByHeaderNameWhateverTheirOrderAndCase() {
    Path path = file("t.csv", "VOLUME,extra,Price,symbol\n5,x,1.5,AAPL\n,y,,\n");
    assertThat(rows(source(path), TRADES)).containsExactly("AAPL,1.5,5", ",,");
  }

  @Test
  void mapsColumnsByPositionWithoutAHeader() {
    Path path = file("t.csv", "AAPL,1.5,5,ignored\nIBM,2,7\n");
    assertThat(rows(source(path, "header", "false"), TRADES))
        .containsExactly("AAPL,1.5,5", "IBM,2.0,7");
  }

  @Test
  void keepsQuotesLineBreaksDelimitersAndUnicode() {
    Path path =
        file(
            "t.csv",
            "symbol,price,volume\r\n\"a,\"\"b\"\"\nc\",1,2\r\n\"\",1,2\r\nGrüße €😀,3,4\r\n");
    assertThat(rows(source(path), TRADES))
        .containsExactly("\"a,\"\"b\"\"\nc\",1.0,2", "\"\",1.0,2", "Grüße €😀,3.0,4");
  }

  @Test
  void readsAnyLineEndAndLeavesOutAByteOrderMarkAndEmptyLines() {
    Path path = file("t.csv", "\uFEFFsymbol,price,volume\rA,1,2\r\rB,1,2\n\n\nC,1,2\r\n\r\nD,1,2");
    assertThat(rows(source(path), TRADES))
        .containsExactly("A,1.0,2", "B,1.0,2", "C,1.0,2", "D,1.0,2");
  }

  @Test
  void anEmptyFileAndALoneHeaderHaveNoRows() {
    file("a.csv", "");
    file("b.csv", "symbol,price,volume");
    assertThat(rows(source(directory.resolve("*.csv")), TRADES)).isEmpty();
  }

  @Test
  void readsRecordsFarLongerThanTheBuffer() {
    String longText = "x".repeat(3_000_000);
    Path path = file("t.csv", "symbol,price,volume\n\"" + longText + "\",1,2\nB,1,2\n");
    assertThat(rows(source(path), TRADES)).containsExactly(longText + ",1.0,2", "B,1.0,2");
  }

  @Test
  void readsTheFilesOfAGlobInTheOrderOfTheirNames() throws IOException {
    Files.createDirectories(directory.resolve("sub"));
    file("b.csv", "symbol,price,volume\nB,1,2\n");
    file("a.csv", "volume,price,symbol\n2,1,A\n");
    file("a.txt", "nothing");
    file("sub/c.csv", "symbol,price,volume\nC,1,2");
    assertThat(rows(source(directory.resolve("*.csv")), TRADES))
        .containsExactly("A,1.0,2", "B,1.0,2");
    assertThat(rows(source(directory.resolve("**.csv")), TRADES))
        .containsExactly("A,1.0,2", "B,1.0,2", "C,1.0,2");
    assertThat(rows(source(directory.resolve("sub"), "format", "csv"), TRADES))
        .containsExactly("C,1.0,2");
  }

  @Test
  void takesOtherDelimitersQuotesAndWordsForNull() {
    Path path = file("t.csv", "symbol;price;volume\n'a;b';NA;\nNA;1;-\n'NA';1;2\n;1;2\n");
    assertThat(rows(source(path, "delimiter", ";", "quote", "'", "null_value", "NA,-"), TRADES))
        .containsExactly("a;b,,", ",1.0,", "NA,1.0,2", "\"\",1.0,2");
  }

  @Test
  void readsEveryType() {
    Schema all =
        schema(
            Field.of("bool", DataType.BOOLEAN),
            Field.of("tiny", DataType.TINYINT),
            Field.of("small", DataType.SMALLINT),
            Field.of("i", DataType.INTEGER),
            Field.of("r", DataType.REAL),
            Field.of("dec", DataType.decimal(10, 2)),
            Field.of("bin", DataType.VARBINARY),
            Field.of("d", DataType.DATE),
            Field.of("t", DataType.time(6)),
            Field.of("ts0", DataType.timestamp(0)),
            Field.of("ts6", DataType.timestamp(6)),
            Field.of("tz", DataType.timestampLtz(9)));
    Path path =
        file(
            "t.csv",
            "true,-128, 32767 ,-2147483648,1.5,-12.345,00fF,2024-02-29,23:59:59.5,"
                + "2024-02-29 12:00:00.9,1969-12-31T23:59:59.999999,2024-01-01T00:00:00.5+01:00\n");
    assertThat(rows(source(path, "header", "false"), all))
        .containsExactly(
            "true,-128,32767,-2147483648,1.5,-12.35,00ff,2024-02-29,23:59:59.500000,"
                + "2024-02-29T12:00:00,1969-12-31T23:59:59.999999,2023-12-31T23:00:00.500000000Z");
  }

  @Test
  void readsTimesAsMillisecondsAndInPatterns() {
    Schema times = schema(Field.of("a", DataType.timestamp(3)), Field.of("b", DataType.BIGINT));
    Path millis = file("a.csv", "a,b\n1700000000123,2023-11-14T22:13:20.123Z\n");
    assertThat(rows(source(millis), times))
        .containsExactly("2023-11-14T22:13:20.123,1700000000123");
    Path pattern = file("b.csv", "a,b\n14.11.2023 22:13:20,7\n");
    assertThat(rows(source(pattern, "timestamp_format", "dd.MM.yyyy HH:mm:ss"), times))
        .containsExactly("2023-11-14T22:13:20.000,7");
    Path seconds = file("c.csv", "a,b\n1700000000,7\n");
    assertThat(rows(source(seconds, "timestamp_format", "epoch_seconds"), times))
        .containsExactly("2023-11-14T22:13:20.000,7");
  }

  @Test
  void aBadFieldIsAnErrorWithItsPlaceBehindTheRowsBeforeIt() {
    Path path = file("t.csv", "symbol,price,volume\n\"A\nB\",1,2\nC,abc,2\nD,1,2\n");
    try (SourceReader reader = source(path).open(TRADES);
        Batch batch = new Batch(TRADES, 10, allocator)) {
      assertThat(reader.read(batch)).isEqualTo(1);
      assertThatThrownBy(() -> reader.read(batch))
          .isInstanceOf(LaminarException.class)
          .hasMessage(
              "BAD_RECORD: file \""
                  + path
                  + "\", line 4, column \"price\": \"abc\" is no DOUBLE."
                  + " Correct the file, declare the column as VARCHAR, or set on_error = 'skip'"
                  + " to leave such records out.");
    }
  }

  @Test
  void badRecordsCanBeSkippedAndAreCounted() {
    Path path = file("t.csv", "symbol,price,volume\n,x,1\nA,1\nB,1,2,3\n\"C\"x,1,2\nD,,\nE,1,2\n");
    try (SourceReader reader = source(path, "on_error", "skip").open(TRADES)) {
      assertThat(rows(reader, TRADES, 1)).containsExactly("D,,", "E,1.0,2");
      assertThat(reader.skippedRecords()).isEqualTo(4);
    }
  }

  @Test
  void saysWhatIsWrongWithARecord() {
    assertBad("symbol,price,volume\nA,1\n", "line 2: the record has 2 fields, and the header 3.");
    assertBad("symbol,price,volume\n\"A\"x,1,2\n", "line 2: text stands behind a closing quote.");
    assertBad("symbol,price,volume\n\"A,1,2\n", "line 2: a quote is opened and never closed.");
    assertBad(
        "symbol,price,volume\nA,1,9223372036854775808\n",
        "line 2, column \"volume\": \"9223372036854775808\" is no BIGINT.");
  }

  private void assertBad(String content, String message) {
    Path path = file("bad.csv", content);
    assertThatThrownBy(() -> rows(source(path), TRADES))
        .hasMessageStartingWith("BAD_RECORD: file \"" + path + "\", " + message);
  }

  @Test
  void refusesNullWhereTheColumnIsNotNull() {
    Schema schema = schema(Field.notNull("symbol", DataType.VARCHAR));
    Path path = file("t.csv", "symbol,price\n,1\n");
    assertThatThrownBy(() -> rows(source(path), schema))
        .hasMessage(
            "BAD_RECORD: file \""
                + path
                + "\", line 2, column \"symbol\": NULL in a column that is"
                + " NOT NULL. Drop NOT NULL, or set on_error = 'skip' to leave such records out.");
  }

  @Test
  void namesTheHeaderWhenAColumnIsMissing() {
    Path path = file("t.csv", "symbl,price,volume\nA,1,2\n");
    assertThatThrownBy(() -> rows(source(path), TRADES))
        .hasMessage(
            "COLUMN_NOT_FOUND: file \""
                + path
                + "\" has no column \"symbol\": its header names"
                + " symbl, price, volume. Did you mean \"symbl\"?");
  }

  @Test
  void resumesBehindAnyRow() {
    file("a.csv", "symbol,price,volume\nA,1,2\n\"B\n\",1,2\n");
    file("b.csv", "volume,symbol,price\n2,C,1\n2,D,1\n2,E,x\n");
    SourceConnector source = source(directory.resolve("*.csv"));
    List<String> all = List.of("A,1.0,2", "\"B\n\",1.0,2", "C,1.0,2", "D,1.0,2");
    for (int given = 0; given <= 4; given++) {
      byte[] offset;
      try (SourceReader reader = source.open(TRADES);
          Batch one = new Batch(TRADES, 1, allocator)) {
        for (int i = 0; i < given; i++) {
          one.clear();
          assertThat(reader.read(one)).isEqualTo(1);
        }
        offset = reader.offset();
      }
      try (SourceReader reader = source.open(TRADES);
          Batch rest = new Batch(TRADES, 10, allocator)) {
        reader.seek(offset);
        int read = 0;
        while (read < all.size() - given) {
          read += reader.read(rest);
        }
        assertThat(read).isEqualTo(all.size() - given);
        assertThatThrownBy(() -> reader.read(rest)).hasMessageContaining("b.csv\", line 4");
      }
    }
  }

  @Test
  void refusesToResumeInAFileThatWasReplaced() {
    Path path = file("a.csv", "symbol,price,volume\nA,1,2\nB,1,2\n");
    byte[] offset;
    try (SourceReader reader = source(path).open(TRADES);
        Batch one = new Batch(TRADES, 1, allocator)) {
      reader.read(one);
      offset = reader.offset();
    }
    file("a.csv", "symbol,price,volume\nX,1,2\nY,1,2\n");
    try (SourceReader reader = source(path).open(TRADES)) {
      assertThatThrownBy(() -> reader.seek(offset))
          .hasMessageStartingWith("IO_ERROR: file \"" + path + "\" is not the one");
    }
  }

  @Test
  void infersTypesFromTheFirstRows() {
    Path path =
        file(
            "t.csv",
            "id,price,ok,day,at,zip,note,empty,micros\n"
                + "1,1,true,2024-01-01,2024-01-01 10:00:00,01234,x,,2024-01-01T00:00:00.123456\n"
                + "-2,2.5,false,2024-01-02,2024-01-02,56789,1,,2024-01-01T00:00:00Z\n");
    assertThat(source(path).inferSchema().orElseThrow())
        .extracting(Field::toString)
        .containsExactly(
            "id BIGINT",
            "price DOUBLE",
            "ok BOOLEAN",
            "day DATE",
            "at TIMESTAMP(3)",
            "zip VARCHAR",
            "note VARCHAR",
            "empty VARCHAR",
            "micros TIMESTAMP(6)");
    assertThat(source(path, "header", "false").inferSchema().orElseThrow())
        .extracting(Field::name)
        .startsWith("column1", "column2");
  }

  @Test
  void refusesFilesThatAreNotThere() {
    Path path = directory.resolve("none.csv");
    assertThatThrownBy(() -> source(path).open(TRADES))
        .hasMessage(
            "IO_ERROR: no file matches \""
                + path
                + "\"."
                + " Check the path, or set follow = 'true' to wait for one.");
  }
}
