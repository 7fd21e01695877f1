package io.laminardb.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** CAST between all scalar types, against DuckDB by the text of the result. */
class CastMatrixTest {
  private static final Map<String, List<String>> VALUES = new TreeMap<>();

  static {
    VALUES.put("BOOLEAN", List.of("TRUE", "FALSE"));
    VALUES.put("TINYINT", List.of("0", "1", "-128", "127"));
    VALUES.put("SMALLINT", List.of("0", "-32768", "32767"));
    VALUES.put("INTEGER", List.of("0", "-1", "200", "2147483647"));
    VALUES.put("BIGINT", List.of("0", "9007199254740993", "9223372036854775807"));
    VALUES.put("REAL", List.of("0", "1.5", "-2.5", "'3e38'"));
    VALUES.put("DOUBLE", List.of("0", "0.5", "1.5", "2.5", "-2.5", "127.5", "1e18", "1e300"));
    VALUES.put("DECIMAL(10, 2)", List.of("0", "0.50", "2.50", "-2.50", "12345678.99"));
    VALUES.put(
        "VARCHAR",
        List.of(
            "'0'",
            "'1'",
            "'true'",
            "'F'",
            "'-12'",
            "'1.5'",
            "' 7 '",
            "'1e3'",
            "'abc'",
            "''",
            "'2024-02-29'",
            "'2023-02-29'",
            "'12:34:56'",
            "'2024-02-29 12:34:56.5'",
            "'99999999999999999999'"));
    VALUES.put("DATE", List.of("'1970-01-01'", "'2024-02-29'", "'1900-12-31'"));
    VALUES.put("TIME", List.of("'00:00:00'", "'23:59:59.123456'"));
    VALUES.put("TIMESTAMP", List.of("'1970-01-01 00:00:00'", "'1969-12-31 23:59:59.999999'"));
  }

  private static final List<String> TARGETS =
      List.of(
          "BOOLEAN",
          "TINYINT",
          "SMALLINT",
          "INTEGER",
          "BIGINT",
          "REAL",
          "DOUBLE",
          "DECIMAL(10, 2)",
          "DECIMAL(38, 0)",
          "DECIMAL(3, 3)",
          "VARCHAR",
          "DATE",
          "TIME",
          "TIMESTAMP");

  /** Where the two differ on purpose: DuckDB has no such cast, or gives it another meaning. */
  private static boolean isOurs(String from, String to) {
    boolean integer = from.endsWith("INT") || from.equals("INTEGER");
    if (from.equals("VARCHAR") && to.equals("TIME")) {
      return true; // DuckDB takes a time out of a timestamp
    }
    boolean wrongInDuckDb = from.equals("BOOLEAN") && to.equals("DECIMAL(3, 3)"); // TRUE is .001
    return wrongInDuckDb
        || integer && to.equals("TIMESTAMP")
        || from.equals("TIMESTAMP") && to.equals("BIGINT");
  }

  @Test
  void castsGiveWhatDuckDbGives() throws SQLException {
    List<String> wrong = new ArrayList<>();
    int compared = 0;
    try (Expressions sql = new Expressions();
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = connection.createStatement()) {
      for (Map.Entry<String, List<String>> from : VALUES.entrySet()) {
        for (String to : TARGETS) {
          if (isOurs(from.getKey(), to)) {
            continue;
          }
          for (String value : from.getValue()) {
            String source = "CAST(" + value + " AS " + from.getKey() + ")";
            String theirs = duck(duck, "TRY_CAST(" + source + " AS " + to + ")");
            String ours = ours(sql, "TRY_CAST(" + source + " AS " + to + ")");
            compared++;
            if (ours.equals("refused") && (theirs.equals("NULL") || theirs.equals("refused"))) {
              continue; // what cannot be cast at all is an error at planning
            }
            if (!same(ours, theirs, to)) {
              wrong.add(source + " to " + to + " is " + ours + ", DuckDB says " + theirs);
            } else if (ours.equals("NULL")) {
              String failure = failure(sql, "CAST(" + source + " AS " + to + ")");
              if (!failure.startsWith("EXPRESSION_FAILED")) {
                wrong.add(source + " to " + to + " does not fail but gives " + failure);
              }
            }
          }
        }
      }
    }
    assertThat(compared).isGreaterThan(500);
    assertThat(wrong).isEmpty();
  }

  /** What stands for a type of the matrix. */
  private static String spelled(String type) {
    return switch (type) {
      case "DECIMAL" -> "DECIMAL(10, 2)";
      case "TIMESTAMP_LTZ" -> "TIMESTAMP WITH LOCAL TIME ZONE";
      case "INTERVAL" -> "INTERVAL DAY";
      case "ARRAY" -> "INTEGER ARRAY";
      case "MAP" -> "MAP<VARCHAR, INTEGER>";
      case "ROW" -> "ROW(a INTEGER)";
      default -> type;
    };
  }

  @Test
  void theMatrixOnThePageIsWhatCanBeCast() throws IOException {
    Path page = Path.of("docs/sql/functions.md");
    List<String> lines =
        Files.readAllLines(Files.exists(page) ? page : Path.of("..").resolve(page));
    int head = lines.indexOf("## Which types are cast to which");
    while (!lines.get(head).startsWith("| from |")) {
      head++;
    }
    String[] to = lines.get(head).split("\\|");
    List<String> wrong = new ArrayList<>();
    int pairs = 0;
    try (Expressions sql = new Expressions()) {
      for (String line : lines.subList(head + 2, head + to.length)) {
        String[] cells = line.split("\\|");
        for (String from : cells[1].replace("*", "").strip().split(", ")) {
          for (int i = 2; i < to.length; i++) {
            for (String target : to[i].strip().split(", ")) {
              String cast = "CAST(NULL AS " + spelled(from) + ") AS " + spelled(target) + ")";
              boolean isCast = !ours(sql, "CAST(" + cast).equals("refused");
              boolean isTried = !ours(sql, "TRY_CAST(" + cast).equals("refused");
              boolean printed = cells[i].strip().equals("yes");
              pairs++;
              if (isCast != printed || isTried != printed) {
                wrong.add(from + " to " + target + ": " + isCast + ", TRY_CAST " + isTried);
              }
            }
          }
        }
      }
    }
    assertThat(pairs).isEqualTo(18 * 18);
    assertThat(wrong).isEmpty();
  }

  @Test
  void instantsMeetClockTimesAsInDuckDb() throws SQLException {
    List<String> wrong = new ArrayList<>();
    List<String> clocks =
        List.of(
            "CAST(# AS DATE)",
            "CAST(# AS TIMESTAMP)",
            "EXTRACT(HOUR FROM #)",
            "DAYNAME(#)",
            "STRFTIME(#, '%d.%m.%Y %H:%M')",
            "EPOCH_MS(DATE_TRUNC('hour', #))",
            "EPOCH_MS(DATE_TRUNC('day', #))",
            "EPOCH_MS(DATE_TRUNC('month', #))",
            "EPOCH_MS(# + INTERVAL '1' MONTH)",
            "EPOCH_MS(CAST(CAST(# AS DATE) AS TIMESTAMP WITH LOCAL TIME ZONE))",
            "# < TIMESTAMP '2024-07-01 00:00:00'",
            "DATE_DIFF('day', #, TIMESTAMP '2024-07-01 00:00:00')");
    try (Expressions sql = new Expressions();
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = connection.createStatement()) {
      for (String zone :
          List.of("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia")) {
        sql.db().execute("SET TIME ZONE '" + zone + "'");
        duck.execute("SET TimeZone = '" + zone + "'");
        for (String instant :
            List.of(
                "2024-07-01T00:30:00Z",
                "2024-10-27T00:30:00Z",
                "2024-10-27T01:30:00Z",
                "2024-11-03T05:30:00Z",
                "2024-11-03T06:30:00Z",
                "2024-03-31T00:59:59Z",
                "2024-03-31T01:00:00Z",
                "2011-12-30T09:00:00Z",
                "1969-12-31T23:59:59Z")) {
          String own = "CAST('" + instant + "' AS TIMESTAMP(6) WITH LOCAL TIME ZONE)";
          for (String clock : clocks) {
            String ours = ours(sql, clock.replace("#", own));
            String theirs =
                duck(
                    duck,
                    clock
                        .replace("WITH LOCAL TIME ZONE", "WITH TIME ZONE")
                        .replace("#", "TIMESTAMPTZ '" + instant + "'"));
            if (!ours.equals(theirs) && !isOurZone(clock, instant, zone)) {
              wrong.add(
                  clock + " of " + instant + " in " + zone + ": " + ours + ", DuckDB " + theirs);
            }
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /**
   * DuckDB begins the first of two hours that clocks show alike with the second, and does not count the
   * day that Samoa left out.
   */
  private static boolean isOurZone(String clock, String instant, String zone) {
    boolean firstOfTwo =
        zone.equals("Europe/Berlin") && instant.equals("2024-10-27T00:30:00Z")
            || zone.equals("America/New_York") && instant.equals("2024-11-03T05:30:00Z");
    return clock.contains("'hour'") && firstOfTwo
        || clock.startsWith("DATE_DIFF") && zone.equals("Pacific/Apia");
  }

  private static String failure(Expressions sql, String cast) {
    try {
      return String.valueOf(sql.constant(cast));
    } catch (LaminarException e) {
      return e.getMessage();
    }
  }

  private static String ours(Expressions sql, String cast) {
    try {
      Object value = sql.constant("CAST(" + cast + " AS VARCHAR)");
      return value == null ? "NULL" : value.toString();
    } catch (LaminarException e) {
      return e.code() == ErrorCode.TYPE_MISMATCH ? "refused" : e.getMessage();
    }
  }

  private static String duck(Statement duck, String cast) {
    try (ResultSet result = duck.executeQuery("SELECT CAST(" + cast + " AS VARCHAR)")) {
      result.next();
      String text = result.getString(1);
      return text == null ? "NULL" : text;
    } catch (SQLException e) {
      return "refused";
    }
  }

  private static boolean same(String ours, String theirs, String to) {
    if (ours.equals(theirs)) {
      return true;
    }
    try {
      if (to.equals("REAL")) {
        return Float.parseFloat(ours) == Float.parseFloat(theirs);
      }
      return new BigDecimal(ours).compareTo(new BigDecimal(theirs)) == 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  @Test
  void timestampsKeepAsManyDigitsAsTheirTypeHas() {
    try (Expressions sql = new Expressions()) {
      String digits = "987654321";
      for (int precision = 0; precision <= 9; precision++) {
        String kept = precision == 0 ? "" : "." + digits.substring(0, precision);
        for (String value :
            List.of(
                "'2024-02-29 12:34:56.987654321'",
                "TIMESTAMP '2024-02-29 12:34:56.987654321'",
                "CAST('2024-02-29 12:34:56.987654321' AS TIMESTAMP(9) WITH LOCAL TIME ZONE)")) {
          for (String zone : List.of("", " WITH LOCAL TIME ZONE")) {
            String cast = "CAST(" + value + " AS TIMESTAMP(" + precision + ")" + zone + ")";
            assertThat(sql.constant("CAST(" + cast + " AS VARCHAR)"))
                .as(cast)
                .isEqualTo("2024-02-29 12:34:56" + kept);
          }
        }
      }
    }
  }

  @Test
  void bigintAndTimestampMeetInMilliseconds() {
    try (Expressions sql = new Expressions()) {
      assertThat(sql.constant("CAST(TIMESTAMP '1970-01-01 00:00:01.5' AS BIGINT)"))
          .isEqualTo(1500L);
      assertThat(sql.constant("CAST(CAST(CAST(-1 AS BIGINT) AS TIMESTAMP(3)) AS VARCHAR)"))
          .isEqualTo("1969-12-31 23:59:59.999");
      assertThat(sql.constant("CAST(CAST(1500 AS TIMESTAMP(0)) AS VARCHAR)"))
          .isEqualTo("1970-01-01 00:00:01");
    }
  }

  @Test
  void castsOverColumnsAreThoseOfConstants() {
    try (Expressions sql = new Expressions()) {
      assertThat(sql.streamed("a BOOLEAN", List.of(true), "CAST(a AS INTEGER)")).isEqualTo(1);
      assertThat(sql.streamed("a INTEGER", List.of(2), "CAST(a AS BOOLEAN)")).isEqualTo(true);
      assertThat(sql.streamed("a VARCHAR", List.of("x"), "TRY_CAST(a AS INTEGER)")).isNull();
      assertThat(sql.streamed("a INTEGER", List.of(1500), "CAST(CAST(a AS TIMESTAMP) AS BIGINT)"))
          .isEqualTo(1500L);
      assertThat(sql.streamed("a DOUBLE", List.of(1e39), "TRY_CAST(a AS REAL)")).isNull();
    }
  }

  @Test
  void aBadCastInABranchThatIsNotTakenFailsNeitherAtPlanningNorLater() {
    try (Expressions sql = new Expressions()) {
      for (String bad :
          List.of("CAST('x' AS INTEGER)", "CAST(300 AS TINYINT)", "CAST('1' AS INTEGER) / 0")) {
        assertThat(sql.constant("CASE WHEN 1 > 2 THEN " + bad + " ELSE 7 END").toString())
            .isEqualTo("7");
        assertThat(
                sql.streamed("a INTEGER", List.of(1), "CASE WHEN a > 2 THEN " + bad + " ELSE 7 END")
                    .toString())
            .isEqualTo("7");
      }
    }
  }
}
