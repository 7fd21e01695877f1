package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellTest {
  private static final String TRADES =
      """
      CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, ts BIGINT);
      CREATE MATERIALIZED VIEW counts AS
        SELECT symbol, COUNT(*) AS trades FROM trades GROUP BY symbol;
      INSERT INTO trades VALUES ('A', 1.5, 1000), ('B', 2.5, 2000), ('A', 3.5, 3000);
      """;

  private final StringWriter written = new StringWriter();
  private LaminarDB db;
  private Shell shell;

  @BeforeEach
  void open() {
    db = Databases.open(Map.of());
    db.start();
    shell = new Shell(db, new PrintWriter(written), Look.PLAIN);
  }

  @AfterEach
  void close() {
    db.close();
  }

  /** What the shell writes for these lines. */
  private String type(String lines) {
    written.getBuffer().setLength(0);
    ShellCommand.runLines(shell, new BufferedReader(new StringReader(lines)), db);
    return written.toString().replace(System.lineSeparator(), "\n");
  }

  private void typeTrades() {
    type(TRADES);
    db.sync();
  }

  @Test
  void collectsLinesUntilTheSemicolon() {
    typeTrades();
    assertThat(type("SELECT symbol,\n trades\nFROM counts ORDER BY symbol;"))
        .isEqualTo(
            """
             symbol | trades
            --------+--------
             A      |      2
             B      |      1
            (2 rows)
            """);
  }

  @Test
  void executesTheLastStatementWithoutItsSemicolonWhenTheInputEnds() {
    typeTrades();
    assertThat(type(".mode csv\nSELECT trades FROM counts WHERE symbol = 'B'"))
        .isEqualTo("trades\n1\n");
    assertThat(shell.failed()).isFalse();
  }

  @Test
  void goesOnAfterAnErrorAndRemembersIt() {
    typeTrades();
    assertThat(type("SELECT smbol FROM counts;\n.mode json\nSELECT COUNT(*) AS n FROM counts;"))
        .contains("COLUMN_NOT_FOUND at line 1, column 8")
        .contains("1 | SELECT smbol FROM counts;\n           ^^^^^\n")
        .endsWith("{\"n\":2}\n");
    assertThat(shell.failed()).isTrue();
  }

  @Test
  void listsObjectsWithTheirKinds() {
    assertThat(type(".tables")).startsWith("Nothing yet.");
    typeTrades();
    assertThat(type(".tables")).isEqualTo("  trades  source\n  counts  materialized view\n");
  }

  @Test
  void showsTheStatementsThatMadeObjects() {
    typeTrades();
    assertThat(type(".schema counts"))
        .startsWith("CREATE MATERIALIZED VIEW counts AS")
        .endsWith(";\n");
    assertThat(type(".schema"))
        .contains("CREATE SOURCE trades")
        .contains("CREATE MATERIALIZED VIEW counts");
    assertThat(type(".schema nothing")).contains("OBJECT_NOT_FOUND");
  }

  @Test
  void showsColumns() {
    typeTrades();
    assertThat(type(".columns trades"))
        .isEqualTo("  symbol VARCHAR\n  price DOUBLE\n  ts BIGINT\n");
  }

  @Test
  void timesStatements() {
    assertThat(type(".timer on\nSHOW SOURCES;")).containsPattern("\\d+\\.\\d ms\n$");
    assertThat(type(".timer")).isEqualTo("The timer is on.\n");
    assertThat(type(".timer off\nSHOW SOURCES;")).doesNotContain(" ms");
  }

  @Test
  void readsFiles(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("trades.sql"), TRADES);
    type(".read " + file);
    db.sync();
    assertThat(type(".mode csv\nSELECT COUNT(*) AS n FROM counts;")).isEqualTo("n\n2\n");
    assertThat(type(".read nowhere.sql")).isEqualTo("There is no file nowhere.sql.\n");
    Path wrong = Files.writeString(directory.resolve("wrong.sql"), "\nDROP SOURCE nobody;");
    assertThat(type(".read " + wrong)).startsWith(wrong + ": OBJECT_NOT_FOUND at line 2");
  }

  @Test
  void helpsAndRefusesWhatItDoesNotKnow() {
    assertThat(type(".help")).contains(".tables").contains(".timer on|off").contains(".quit");
    assertThat(type(".tabels")).isEqualTo("There is no command .tabels. .help lists them.\n");
    assertThat(type(".mode xml")).isEqualTo("There is no mode \"xml\". Use table, csv or json.\n");
    assertThat(type(".mode")).isEqualTo("The mode is table.\n");
  }

  @Test
  void leavesAtQuit() {
    assertThat(type(".quit\nSHOW SOURCES;")).isEmpty();
  }

  @Test
  void printsPlansAsText() {
    typeTrades();
    assertThat(type("EXPLAIN SELECT symbol FROM trades;")).doesNotContain("row)").isNotBlank();
  }

  @Test
  void followsALiveQueryUntilItIsInterrupted() throws InterruptedException {
    typeTrades();
    Thread pushing =
        new Thread(
            () -> {
              for (int i = 0; !written.toString().contains("follow me"); i++) {
                db.execute("INSERT INTO trades VALUES ('follow me', 1.0, " + (4_000 + i) + ")");
              }
              shell.interrupt();
            });
    pushing.start();
    assertThat(type(".mode csv\nSELECT symbol FROM trades;")).contains("follow me");
    pushing.join();
    assertThat(type("SELECT COUNT(*) AS n FROM counts;")).isEqualTo("n\n3\n");
  }
}
