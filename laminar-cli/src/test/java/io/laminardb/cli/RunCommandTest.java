package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunCommandTest {
  private static final String READINGS =
      """
      CREATE SOURCE readings (device VARCHAR, temp DOUBLE, ts BIGINT)
        FROM FILES (path = '${DIR}/readings.csv');
      CREATE STREAM averages AS
        SELECT device, AVG(temp) AS avg_temp FROM readings
        GROUP BY device, tumble(ts, INTERVAL '10' SECOND);
      CREATE MATERIALIZED VIEW counts AS
        SELECT device, COUNT(*) AS readings FROM readings GROUP BY device;
      """;

  @TempDir Path directory;

  private final CommandHarness command = new CommandHarness();

  private int run(String script, String... options) throws IOException {
    Files.writeString(
        directory.resolve("readings.csv"),
        "device,temp,ts\na,20.0,1000\nb,10.0,2000\na,22.0,3000\na,30.0,12000\n");
    Path file = Files.writeString(directory.resolve("script.sql"), script);
    String[] args = new String[4 + options.length];
    args[0] = "run";
    args[1] = file.toString();
    args[2] = "--var";
    args[3] = "DIR=" + directory;
    System.arraycopy(options, 0, args, 4, options.length);
    return command.laminar(args);
  }

  @Test
  void answersAQueryOverAViewWhenTheFilesAreRead() throws IOException {
    int exitCode =
        run(READINGS + "SELECT device, readings FROM counts ORDER BY device;", "--mode", "csv");
    assertThat(command.err()).isEmpty();
    assertThat(command.out()).isEqualTo("device,readings\na,3\nb,1\n");
    assertThat(exitCode).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(SELECT * FROM counts)",
        "FROM counts",
        "TABLE counts",
        "WITH c AS (FROM counts) TABLE c"
      })
  void readsTheFilesBeforeAQueryHoweverItBegins(String query) throws IOException {
    assertThat(run(READINGS + query + ";", "--mode", "csv")).isZero();
    assertThat(command.out().lines().skip(1)).containsExactlyInAnyOrder("a,3", "b,1");
  }

  @Test
  void printsALiveQueryFromTheFirstRowUntilTheInputEnds() throws IOException {
    int exitCode = run(READINGS + "SELECT device, avg_temp FROM averages;", "--mode", "json");
    assertThat(command.err()).isEmpty();
    assertThat(command.out().lines())
        .containsExactlyInAnyOrder(
            "{\"device\":\"a\",\"avg_temp\":21.0}",
            "{\"device\":\"b\",\"avg_temp\":10.0}",
            "{\"device\":\"a\",\"avg_temp\":30.0}");
    assertThat(exitCode).isZero();
  }

  @Test
  void flushesItsSinksAtTheEnd() throws IOException {
    String sink =
        "CREATE SINK out INTO FILES (path = '${DIR}/out.csv') AS SELECT device, avg_temp FROM"
            + " averages;";
    assertThat(run(READINGS + sink)).isZero();
    assertThat(Files.readAllLines(directory.resolve("out.csv")))
        .containsExactlyInAnyOrder("device,avg_temp", "a,21.0", "b,10.0", "a,30.0");
  }

  @Test
  void startsTheDatabaseWhereAStatementNeedsIt() throws IOException {
    String script =
        """
        CREATE TABLE limits (device VARCHAR PRIMARY KEY, high DOUBLE);
        INSERT INTO limits VALUES ('a', 21.5), ('b', 30.0);
        UPDATE limits SET high = 9.5 WHERE device = 'b';
        SELECT * FROM limits ORDER BY device;
        """;
    assertThat(run(script, "--mode", "csv")).isZero();
    assertThat(command.out()).endsWith("device,high\na,21.5\nb,9.5\n");
  }

  @Test
  void keepsWhatAScriptMadeInADirectory() throws IOException {
    String kept = directory.resolve("kept").toString();
    assertThat(run(READINGS, "--dir", kept)).isZero();
    assertThat(
            run(
                "SELECT device, readings FROM counts ORDER BY device;",
                "--mode",
                "csv",
                "--dir",
                kept))
        .isZero();
    assertThat(command.out()).endsWith("device,readings\na,3\nb,1\n");
  }

  @Test
  void tellsWhatEachStatementDid() throws IOException {
    assertThat(run(READINGS)).isZero();
    assertThat(command.out()).contains("readings").contains("averages").contains("counts");
  }

  @Test
  void showsTheLineOfTheScriptThatIsWrong() throws IOException {
    String script = READINGS + "\n  SELECT device,\n    readigs FROM counts;\nSELECT 1;\n";
    assertThat(run(script)).isEqualTo(1);
    assertThat(command.err())
        .contains("script.sql: COLUMN_NOT_FOUND at line 10, column 5")
        .contains("\n10 |     readigs FROM counts;\n         ^^^^^^^\n")
        .contains("Did you mean \"readings\"?");
  }

  @Test
  void endsAtTheFirstSyntaxError() throws IOException {
    assertThat(run("SELEC 1;\nSELECT 2;")).isEqualTo(1);
    assertThat(command.err()).contains("SYNTAX_ERROR at line 1, column 1").contains("^^^^^");
    assertThat(command.out()).isEmpty();
  }

  @Test
  void namesTheVariableThatIsMissing() throws IOException {
    assertThat(run("CREATE SOURCE s (a INT) FROM FILES (path = '${NOWHERE}');")).isEqualTo(1);
    assertThat(command.err()).contains("VARIABLE_NOT_SET").contains("NOWHERE");
  }

  @Test
  void failsWhenAFileHoldsABadRecord() throws IOException {
    String script = READINGS.replace("readings.csv", "bad.csv") + "SELECT * FROM counts;";
    Files.writeString(directory.resolve("bad.csv"), "device,temp,ts\na,warm,1000\n");
    assertThat(run(script)).isEqualTo(1);
    assertThat(command.err()).contains("BAD_RECORD").contains("bad.csv");
  }

  @Test
  void failsWhenAQueryFailsOnARow() throws IOException {
    String script =
        READINGS
            + "CREATE STREAM broken AS SELECT 100 / CAST(temp - 22.0 AS INT) AS x FROM readings;";
    assertThat(run(script)).isEqualTo(1);
    assertThat(command.err()).contains("\"broken\" stopped: ").contains("EXPRESSION_FAILED");
  }

  @Test
  void saysWhichScriptIsMissing() {
    assertThat(command.laminar("run", "nowhere.sql")).isEqualTo(1);
    assertThat(command.err()).contains("there is no file nowhere.sql");
  }

  @Test
  void refusesAnUnknownMode() throws IOException {
    assertThat(run("SELECT 1;", "--mode", "xml")).isEqualTo(2);
    assertThat(command.err()).contains("xml");
  }
}
