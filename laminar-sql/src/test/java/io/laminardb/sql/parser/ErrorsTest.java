package io.laminardb.sql.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  private final SqlParser parser = new SqlParser(Map.<String, String>of()::get);

  private LaminarException error(String sql) {
    LaminarException e = catchThrowableOfType(LaminarException.class, () -> parser.parse(sql));
    assertThat(e).as(sql).isNotNull();
    return e;
  }

  private void says(String sql, String firstLine) {
    assertThat(error(sql).getMessage().lines().findFirst().orElseThrow()).isEqualTo(firstLine);
  }

  @Test
  void typicalMistakesSayWhatWasFoundAndHowToMendIt() {
    says(
        "CRATE SOURCE t (a INT)",
        "SYNTAX_ERROR at line 1, column 1: Expected a statement such as CREATE, SELECT"
            + " or SHOW, found \"CRATE\". Did you mean CREATE?");
    says(
        "CREATE STRAEM s AS SELECT 1",
        "SYNTAX_ERROR at line 1, column 8: Expected SOURCE, STREAM, MATERIALIZED VIEW,"
            + " VIEW, TABLE, LOOKUP TABLE or SINK after CREATE, found \"STRAEM\". Did you mean"
            + " STREAM?");
    says(
        "CREATE MATERIALIZED VEIW v AS SELECT 1",
        "SYNTAX_ERROR at line 1, column 21: Expected VIEW, found \"VEIW\". Did you"
            + " mean VIEW?");
    says(
        "CREATE SOURCE t (a INT,)",
        "SYNTAX_ERROR at line 1, column 24: Expected a column name, found \")\".");
    says(
        "CREATE SOURCE t (a, b INT)",
        "SYNTAX_ERROR at line 1, column 19: Expected a type for the column \"a\","
            + " found \",\".");
    says(
        "CREATE SOURCE t (a INT b INT)",
        "SYNTAX_ERROR at line 1, column 24: Expected NOT NULL, PRIMARY KEY, \",\" or"
            + " \")\" after the column \"a\", found \"b\".");
    says(
        "CREATE SOURCE order (a INT)",
        "SYNTAX_ERROR at line 1, column 15: Expected a source name, found \"order\"."
            + " To use this word as a name, quote it: \"order\".");
    says(
        "CREATE SOURCE t (a INT, A INT)",
        "SYNTAX_ERROR at line 1, column 25: The column \"A\" is declared twice.");
    says(
        "CREATE STREAM s SELECT 1",
        "SYNTAX_ERROR at line 1, column 17: Expected AS, found \"SELECT\".");
    says(
        "SELECT a FORM t",
        "SYNTAX_ERROR at line 1, column 15: Expected \",\", FROM, ORDER, LIMIT or the"
            + " end of the statement, found \"t\". Did you mean FROM instead of \"FORM\"?");
    says(
        "SELECT a FROM t WHERE a >",
        "SYNTAX_ERROR at line 1, column 26: Expected an expression after \">\", found"
            + " the end of the statement.");
    says(
        "SELECT a, FROM t",
        "SYNTAX_ERROR at line 1, column 11: Expected an expression, found \"FROM\"."
            + " Remove the comma before FROM.");
    says(
        "SELECT (a + b FROM t",
        "SYNTAX_ERROR at line 1, column 15: Expected \")\", \",\", AND or ORDER, found"
            + " \"FROM\".");
    says(
        "SELECT a FROM t EMIT SOMETIMES",
        "SYNTAX_ERROR at line 1, column 22: Expected ON WINDOW CLOSE, FINAL, CHANGES"
            + " or EVERY after EMIT, found \"SOMETIMES\".");
    says(
        "SELECT a FROM t EMIT CHANGES EMIT FINAL",
        "SYNTAX_ERROR at line 1, column 30: A query has only one EMIT.");
    says(
        "SELECT a FROM (SELECT * FROM t EMIT CHANGES) x",
        "SYNTAX_ERROR at line 1, column 32: Expected a name, \")\", \",\" or AS, found"
            + " \"EMIT\". EMIT, WITH and LATE DATA TO stand at the end of the whole query.");
    says(
        "SELECT a FROM t WITH (a = 1, a = 2)",
        "INVALID_OPTION at line 1, column 30: The option \"a\" is given twice, first"
            + " at line 1, column 23. Remove one of the two.");
    says(
        "SELECT 'abc FROM t",
        "SYNTAX_ERROR at line 1, column 8: This string is not closed. End it with '"
            + " and write a quote inside it twice: ''.");
    says(
        "SELECT a /* FROM t",
        "SYNTAX_ERROR at line 1, column 10: This comment is not closed. End it with */.");
    says(
        "SELECT '${X}' FROM t",
        "VARIABLE_NOT_SET at line 1, column 9: The variable \"X\" has no value. Set"
            + " it, or give a default: ${X:-default}.");
    says(
        "SHOW STREAM",
        "SYNTAX_ERROR at line 1, column 6: Expected SOURCES, STREAMS, MATERIALIZED"
            + " VIEWS, VIEWS, TABLES, INDEXES, SINKS, SUBSCRIPTIONS, QUERIES, CHECKPOINTS, FUNCTIONS or"
            + " CREATE after SHOW, found \"STREAM\". Did you mean STREAMS?");
    says(
        "SELECT a FROM t EMIT EVERY INTERVAL '1' MONTH",
        "INVALID_OPTION at line 1, column 41: A MONTH has no fixed length. Use days or"
            + " shorter units here.");
    says(
        "SELECT tumble(ts, INTERVAL '1' MINUT) FROM t",
        "SYNTAX_ERROR at line 1, column 32: Expected a unit such as SECOND, found"
            + " \"MINUT\". Did you mean MINUTE?");
    says(
        "SELECT a FROM t;\nSELECT b FRM u;",
        "SYNTAX_ERROR at line 2, column 14: Expected \",\", FROM, ORDER, LIMIT or the"
            + " end of the statement, found \"u\". Did you mean FROM instead of \"FRM\"?");
  }

  @Test
  void theExcerptPointsAtThePlaceInTheWholeText() {
    assertThat(error("SELECT 1;\n\tSELEC 2").getMessage())
        .isEqualTo(
            "SYNTAX_ERROR at line 2, column 2: Expected a statement such as CREATE, SELECT or SHOW,"
                + " found \"SELEC\". Did you mean SELECT?\n2 | \tSELEC 2\n    \t^^^^^");
  }

  @Test
  void deepNestingIsRefused() {
    for (String sql :
        new String[] {
          "SELECT " + "(".repeat(150) + "1" + ")".repeat(150),
          "SELECT " + "f(".repeat(150) + "1" + ")".repeat(150),
          "SELECT * FROM " + "(SELECT * FROM ".repeat(100) + "t" + ")".repeat(100)
        }) {
      assertThat(parser.parse(sql)).hasSize(1);
    }
    for (String sql :
        new String[] {
          "SELECT " + "(".repeat(100_000) + "1",
          "SELECT " + "NOT ".repeat(100_000) + "TRUE",
          "SELECT " + "- ".repeat(100_000) + "1",
          "SELECT " + "CASE WHEN ".repeat(100_000) + "1",
          "SELECT 1" + " + 1".repeat(5_000),
          "SELECT 1" + " UNION ALL SELECT 1".repeat(20_000),
          "EXPLAIN ".repeat(100_000) + "SELECT 1"
        }) {
      LaminarException e = error(sql);
      assertThat(e.code()).as(sql.substring(0, 20)).isEqualTo(ErrorCode.QUERY_TOO_COMPLEX);
      assertThat(e.position()).isNotNull();
    }
  }
}
