package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.Row;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ResultPrinterTest {
  private static final Schema TRADES =
      Schema.appendOnly(
          Field.of("symbol", DataType.VARCHAR),
          Field.of("price", DataType.DOUBLE),
          Field.of("ok", DataType.BOOLEAN));

  private final StringWriter written = new StringWriter();

  private String print(ResultMode mode, Schema schema, boolean weights, Look look, Row... rows) {
    PrintWriter out = new PrintWriter(written);
    ResultPrinter printer = mode.printer(out, schema, weights, look);
    for (Row row : rows) {
      printer.print(row);
    }
    printer.finish();
    return written.toString().replace(System.lineSeparator(), "\n");
  }

  private String print(ResultMode mode, Row... rows) {
    return print(mode, TRADES, false, Look.PLAIN, rows);
  }

  @Test
  void alignsNumbersToTheRightAndTextToTheLeft() {
    assertThat(
            print(
                ResultMode.TABLE,
                HandRow.of(TRADES, "AAPL", 187.75, true),
                HandRow.of(TRADES, "X", 1000.5, null)))
        .isEqualTo(
            """
             symbol |  price | ok
            --------+--------+------
             AAPL   | 187.75 | true
             X      | 1000.5 | NULL
            (2 rows)
            """);
  }

  @Test
  void countsTheCellsOfWideCharactersAndNoneForCombiningOnes() {
    assertThat(
            print(
                ResultMode.TABLE,
                HandRow.of(TRADES, "東京", 1.0, true),
                HandRow.of(TRADES, "e\u0301te\u0301", 1.0, true)))
        .contains(" 東京   |   1.0 | true\n")
        .contains(" e\u0301te\u0301    |   1.0 | true\n");
  }

  @Test
  void showsTheNamesOfAnEmptyResult() {
    assertThat(print(ResultMode.TABLE))
        .isEqualTo(" symbol | price | ok\n--------+-------+----\n(0 rows)\n");
  }

  @Test
  void keepsTheRowOnOneLineWhateverControlCharactersItHolds() {
    assertThat(print(ResultMode.TABLE, HandRow.of(TRADES, "a\nb\t\u001b[2J", 1.0, true)))
        .contains(" a\\nb\\t\\x1b[2J |   1.0 | true\n");
  }

  @Test
  void showsWhatWasAddedAndWhatWasTakenBack() {
    Schema totals = Schema.changelog(Field.of("n", DataType.BIGINT));
    Row taken = new HandRow(totals, -1, 1L);
    assertThat(print(ResultMode.TABLE, totals, true, Look.PLAIN, HandRow.of(totals, 1L), taken))
        .isEqualTo("   n\n-----\n + 1\n - 1\n(2 rows)\n");
  }

  @Test
  void leavesHiddenColumnsOut() {
    Schema windowed =
        Schema.appendOnly(
            Field.of("n", DataType.BIGINT),
            new Field("window_start", DataType.timestamp(3), false, true));
    assertThat(
            print(ResultMode.CSV, windowed, false, Look.PLAIN, HandRow.of(windowed, 7L, "later")))
        .isEqualTo("n\n7\n");
  }

  @Test
  void boundsTheMemoryOfLargeTables() {
    Row[] rows = new Row[2_500];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = HandRow.of(TRADES, i < 2_000 ? "A" : "much wider", 1.0, true);
    }
    assertThat(print(ResultMode.TABLE, rows))
        .contains(" A      |   1.0 | true\n")
        .contains(" much wider |   1.0 | true\n")
        .endsWith("(2,500 rows)\n");
  }

  @Test
  void paintsNullsAndUsesLinesWhereTheTerminalCan() {
    String text =
        print(
            ResultMode.TABLE,
            TRADES,
            false,
            new Look(true, true),
            HandRow.of(TRADES, null, 1.0, true));
    assertThat(text).contains("────────┼───────┼").contains("\u001b[2mNULL  \u001b[0m │");
  }

  @Test
  void quotesCsvOnlyWhereItMustAndTellsNullFromTheEmptyText() {
    assertThat(
            print(
                ResultMode.CSV,
                HandRow.of(TRADES, "a,\"b\"\nc", 1.5, true),
                HandRow.of(TRADES, "", null, null)))
        .isEqualTo("symbol,price,ok\n\"a,\"\"b\"\"\nc\",1.5,true\n\"\",,\n");
  }

  @Test
  void givesTheWeightItsOwnColumnInCsvAndJson() {
    Row taken = new HandRow(TRADES, -1, "A", 1.5, false);
    assertThat(print(ResultMode.CSV, TRADES, true, Look.PLAIN, taken))
        .isEqualTo("symbol,price,ok,__weight\nA,1.5,false,-1\n");
    written.getBuffer().setLength(0);
    assertThat(print(ResultMode.JSON, TRADES, true, Look.PLAIN, taken))
        .isEqualTo("{\"symbol\":\"A\",\"price\":1.5,\"ok\":false,\"__weight\":-1}\n");
  }

  @Test
  void writesJsonNumbersOnlyWhereJsonHasThem() {
    assertThat(
            print(
                ResultMode.JSON,
                HandRow.of(TRADES, "q\"\\\n\u0001", Double.NaN, null),
                HandRow.of(TRADES, null, 1e300, true)))
        .isEqualTo(
            "{\"symbol\":\"q\\\"\\\\\\n\\u0001\",\"price\":\"NaN\",\"ok\":null}\n"
                + "{\"symbol\":null,\"price\":1.0E300,\"ok\":true}\n");
  }
}
