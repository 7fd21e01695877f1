package io.laminardb.sql.parser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlSelect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  private final SqlParser parser = new SqlParser(Map.<String, String>of()::get);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "timestamp",
        "date",
        "time",
        "user",
        "day",
        "hour",
        "minute",
        "second",
        "month",
        "year",
        "start",
        "end",
        "count",
        "min",
        "max",
        "sum",
        "avg",
        "size",
        "name",
        "type",
        "state",
        "data",
        "range",
        "row",
        "rows",
        "method",
        "interval",
        "hop",
        "tumble",
        "session",
        "open",
        "close",
        "high",
        "low",
        "rank",
        "row_number",
        "value",
        "first",
        "last",
        "key",
        "stream",
        "source",
        "sink",
        "watermark",
        "materialized",
        "view",
        "position",
        "level",
        "version",
        "percent",
        "window",
        "filter",
        "match",
        "next",
        "one",
        "pattern",
        "changes",
        "late",
        "lookup",
        "checkpoint",
        "subscribe",
        "show",
        "describe",
        "explain",
        "column",
        "if",
        "at",
        "domain",
        "result",
        "status",
        "id",
        "number",
        "label",
        "unknown",
        "empty",
        "current",
        "system",
        "parameter",
        "module",
        "language",
        "local",
        "period",
        "prev",
        "running",
        "upper",
        "lower"
      })
  void aWordThatHoldsNoQueryTogetherIsAName(String word) {
    for (String sql :
        List.of(
            "CREATE SOURCE t (a INT, %s BIGINT, b INT)",
            "CREATE SOURCE t (%s TIMESTAMP, WATERMARK FOR %s AS %s - INTERVAL '5' SECOND)",
            "CREATE SOURCE %s (a INT)",
            "SELECT %s FROM t",
            "SELECT %s, a FROM t ORDER BY %s, a DESC",
            "SELECT a, %s AS b FROM t WHERE %s > 5 AND t.%s = 'x'",
            "SELECT a AS %s FROM t",
            "SELECT SUM(a) AS %s, COUNT(%s) AS c FROM t GROUP BY %s",
            "SELECT CASE WHEN a > 1 THEN t.%s ELSE 0 END AS c FROM t",
            "SELECT a FROM %s",
            "SELECT AVG(%s) AS %s FROM %s GROUP BY %s, tumble(ts, INTERVAL '1' MINUTE)",
            "INSERT INTO t (a, %s) VALUES (1, 2)")) {
      String text = sql.replace("%s", word);
      assertThat(parser.parse(text)).as(text).hasSize(1);
    }
  }

  @Test
  void wordsKeepTheirKeywordMeaningWhereItIsMeant() {
    for (String sql :
        List.of(
            "SELECT EXTRACT(HOUR FROM ts), FLOOR(ts TO DAY), CEIL(ts TO MONTH) FROM t",
            "SELECT TIMESTAMPADD(MINUTE, 5, ts), TIMESTAMPDIFF(DAY, a, b), YEAR(ts) FROM t",
            "SELECT CAST(a AS TIMESTAMP), CAST(b AS TIME(3)), CAST(c AS DATE) FROM t",
            "SELECT TIMESTAMP '2020-01-01 00:00:00', DATE '2020-01-01', TIME '00:00:00'",
            "SELECT a::TIMESTAMP, b::DATE, c::VARCHAR(10), (a + b)::BIGINT FROM t",
            "SELECT INTERVAL '1' DAY, INTERVAL - '1:30' HOUR TO MINUTE, INTERVAL a HOUR,"
                + " INTERVAL (a + 1) MINUTE, INTERVAL t.a SECOND FROM t",
            "SELECT SUM(a) OVER (ORDER BY time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING"
                + " AND CURRENT ROW) FROM t",
            "SELECT SUM(a) OVER w FROM t WINDOW w AS (PARTITION BY k ORDER BY ts ROWS 3 PRECEDING)",
            "SELECT COUNT(*) FILTER (WHERE a > 1), MAX(a) FILTER (WHERE b) AS max FROM t",
            "SELECT a FROM t ORDER BY a NULLS FIRST OFFSET 5 ROWS FETCH NEXT 5 ROWS ONLY",
            "SELECT a FROM t FETCH FIRST 1 ROW ONLY",
            "SELECT ROW_NUMBER() OVER (ORDER BY a), RANK() OVER (ORDER BY a) FROM t",
            "SELECT CASE WHEN a THEN b END, CASE a WHEN 1 THEN CASE WHEN b THEN 1 END END FROM t",
            "SELECT TRIM(LEADING 'x' FROM a), SUBSTRING(a FROM 2 FOR 3), POSITION('a' IN b) FROM t",
            "SELECT JSON_VALUE(a, '$.x' RETURNING TIMESTAMP), JSON_OBJECT(KEY 'a' VALUE b) FROM t",
            "SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(time), INTERVAL '1' MINUTE))",
            "SELECT a FROM t, UNNEST(t.list) AS u (x)",
            "SELECT a IS UNKNOWN, b IS NOT EMPTY FROM t",
            "WITH RECURSIVE r AS (SELECT 1) SELECT * FROM r",
            "SELECT CURRENT_TIMESTAMP, CAST(a AS DOUBLE PRECISION) FROM t",
            "SELECT CAST(a AS TIMESTAMP(3) WITH LOCAL TIME ZONE) FROM t",
            "SELECT FIRST_VALUE(a) IGNORE NULLS OVER (ORDER BY b), FIRST(a), LAST(a) FROM t",
            "SELECT INTERVAL '250' MILLISECOND, INTERVAL - '7' MICROSECONDS")) {
      assertThat(parser.parse(sql)).as(sql).hasSize(1);
    }
  }

  @Test
  void infixCastsAreWrittenAsCast() {
    assertThat(query("SELECT a::INT + 1 AS b FROM t").getSelectList().get(0).toString())
        .isEqualTo("CAST(`a` AS INTEGER) + 1 AS `b`");
  }

  @Test
  void namesKeepTheirCaseAndBothQuotesWork() {
    SqlSelect select = query("SELECT Price, \"Qty\", `my col`, \"a\"\"b\" FROM Trades");
    assertThat(select.getSelectList())
        .extracting(Object::toString)
        .containsExactly("Price", "Qty", "my col", "a\"b");
    assertThat(select.getFrom()).hasToString("Trades");
  }

  @Test
  void firstAndLastAreOrdinaryAggregates() {
    SqlBasicCall call =
        (SqlBasicCall) query("SELECT FIRST(price) AS p FROM t").getSelectList().get(0);
    call = call.operand(0);
    assertThat(call.getOperator().getName()).isEqualTo("FIRST");
    assertThat(call.operandCount()).isEqualTo(1);
    assertThat(parser.parse("SELECT LAST(a) FILTER (WHERE b > 1) AS last FROM t")).hasSize(1);
  }

  @Test
  void matchRecognizeParses() {
    assertThat(
            parser.parse(
                "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY symbol ORDER BY ts"
                    + " MEASURES FIRST(A.price) AS first_price, LAST(B.price) AS last_price"
                    + " ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (A B+)"
                    + " DEFINE B AS B.price > PREV(B.price)) AS m"))
        .hasSize(1);
  }

  private SqlSelect query(String sql) {
    Statement.Select select = (Statement.Select) parser.parse(sql).get(0).statement();
    return (SqlSelect) select.query().query();
  }

  @Test
  void columnsWithoutANameAreCalledWhatStandsThere() {
    String sql =
        "SELECT a, SUM( a\n  /* all */ + 1), ((a)) * (2), x::INT, 2 ** a, SUM( a + 1), 'it''s' AS a FROM t";
    assertThat(query(sql).getSelectList())
        .extracting(item -> item.getKind() == SqlKind.AS ? ((SqlCall) item).operand(1) : item)
        .extracting(Object::toString)
        .containsExactly(
            "a", "SUM( a + 1)", "((a)) * (2)", "x::INT", "2 ** a", "SUM( a + 1)_1", "a");
  }
}
