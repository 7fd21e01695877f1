package io.laminardb.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Subscription;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Expressions in streams, over rows with NULLs, empty texts, code points of four bytes and extremes,
 * give the texts that DuckDB gives.
 */
class StreamsAgainstDuckDbTest {
  private static final List<List<Object>> ROWS =
      List.of(
          row("hello world", "o", 2, 7L, 2.5, "2024-02-29T12:30:15.250"),
          row("", "", 0, 0L, 0.0, "1970-01-01T00:00"),
          row("Zürich ñ 東京 🚀", "京", -3, -9L, -2.5, "1969-12-31T23:59:59"),
          row(null, "x", null, null, null, null),
          row("  a,b,,c ", null, 5, 1L << 53, 0.1, "2099-12-31T23:59:59.999999"),
          row("100%_x", "%", 1, -1L, 1e300, "2000-02-20T00:00"),
          row("a\"b\\c\n", "bc", 3, 12L, 3.7, "1019-05-01T16:40"),
          row("xXx", "X", 7, 86_400L, -0.5, "2024-12-31T00:00"));

  private static final List<String> EXPRESSIONS =
      List.of(
          "SPLIT_PART(s, ',', 0)",
          "SPLIT_PART(s, '', n)",
          "SPLIT_PART(p, s, 1)",
          "DAMERAU_LEVENSHTEIN(HEX(s), HEX(p))",
          "LEVENSHTEIN(HEX(s), HEX(p))",
          "JARO_SIMILARITY(HEX(s), HEX(p))",
          "JARO_WINKLER_SIMILARITY(HEX(s), '68656C6C6F')",
          "HAMMING(s || 'x', REVERSE(REVERSE(s)) || 'y')",
          "JACCARD(HEX(s) || 'x', HEX(p) || 'x')",
          "ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(s, '[a-z]'), '|')",
          "ARRAY_TO_STRING(REGEXP_EXTRACT_ALL(s, '([a-z])([,b])', 2), '|')",
          "ARRAY_TO_STRING(REGEXP_SPLIT_TO_ARRAY(s, '[ ,x]+'), '|')",
          "REGEXP_ESCAPE(p)",
          "STRLEN(s)",
          "NANOSECOND(ts)",
          "ts + INTERVAL (n) DAY",
          "ts + n * INTERVAL '1' MONTH",
          "JSON_EXTRACT_STRING('{\"a\": {\"b\": [10, null, \"x\"]}}', '/a/b/' || ABS(n))",
          "'{\"o\": 1, \"x\": [2]}' ->> p",
          "'[1, [2], \"x\"]' ->> n",
          "'[1, [2], \"x\"]' -> n",
          "JSON_OBJECT('s', s, 'n', n, 'b', n > 1, 'i', JSON_OBJECT('k', b))",
          "TO_JSON(p)",
          "TO_JSON(s)",
          "JSON_EXTRACT_STRING(JSON_OBJECT('k', s), '$.k') = s",
          "ARRAY_TO_STRING(JSON_KEYS('{\"a\": 1, \"b c\": {\"d\": 2}, \"\": 3}'), '|')",
          "JSON_ARRAY_LENGTH('{\"a\": [1, 2, {}]}', '$.a') + n",
          "REPLACE(JSON_TYPE('[1, \"x\", {}, null, true, 1.5]', '$[' || ABS(n) || ']'), 'UBIG', 'BIG')",
          "LIST_SUM(LIST_TRANSFORM([n, 2, NULL], lambda x: x * 2 + b))",
          "LIST_SUM(LIST_FILTER([n, 2, NULL, 7], lambda x, i: x > 1 OR i = 1))",
          "LIST_REDUCE([n, 2, 3], lambda r, x: r * 2 + x)",
          "LIST_REDUCE([n, 2, 3], lambda r, x, i: r + x * i, b)",
          "LIST_REDUCE([s, p, 'z'], lambda r, x: r || x)",
          "LIST_REDUCE([s, p, 'z'], lambda r, x: CASE WHEN x IS NULL THEN r ELSE x END, '-')",
          "ARRAY_TO_STRING(LIST_TRANSFORM([s, p], lambda x: UPPER(x)), '|')",
          "LIST_FIRST(LIST_TRANSFORM([[n, 1], [2]], lambda x: LIST_SUM(LIST_TRANSFORM(x, lambda y: y + n))))",
          "[n, 5, 6][2:3][1]",
          "[n, 5, 6][:2][2]",
          "[5, 6, 7, 8][n:][1]",
          "[5, 6, 7, 8][:n][-1]",
          "LIST_LAST([5, 6, n][2:])",
          "{'a': n, 'b': s}['a']",
          "MAP {'x': n, 'X': 2}['x']",
          "LIST_UNIQUE([n, 2, 2, NULL])",
          "ARRAY_TO_STRING(ARRAY_POP_BACK([n, 8, 9]), '|')",
          "LIST_FIRST(LIST_PREPEND(n, [1]))",
          "TRIM(s, 'x ')",
          "TRY_CAST(s AS DATE)",
          "BIT_COUNT(b)",
          "GREATEST(n, b, d)",
          "d::VARCHAR || p",
          "ISODOW(ts) * 10 + DAYOFWEEK(ts)",
          "DATE_DIFF('month', ts, TIMESTAMP '2000-01-01 00:00:00')",
          "STRFTIME(ts, '%Y-%m-%d %H:%M:%S.%f %j %a %b %y %p %I')",
          "WEEK(ts) + ISOYEAR(ts)",
          "LAST_DAY(ts)");

  private static List<Object> row(Object... values) {
    List<Object> row = new ArrayList<>(Arrays.asList(values));
    row.set(5, values[5] == null ? null : LocalDateTime.parse((String) values[5]));
    return row;
  }

  @Test
  void everyExpressionGivesTheTextsOfDuckDb() throws SQLException {
    List<List<String>> ours = ours();
    List<List<String>> theirs = theirs();
    List<String> wrong = new ArrayList<>();
    for (int e = 0; e < EXPRESSIONS.size(); e++) {
      for (int r = 0; r < ROWS.size(); r++) {
        String left = ours.get(e).get(r);
        String right = theirs.get(e).get(r);
        if (!same(left, right)) {
          wrong.add(EXPRESSIONS.get(e) + " of " + ROWS.get(r) + ": " + left + ", DuckDB " + right);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static boolean same(String left, String right) {
    if (left == null || right == null || left.equals(right)) {
      return left == null && right == null || left != null && left.equals(right);
    }
    try {
      double a = Double.parseDouble(left);
      double b = Double.parseDouble(right);
      return a == b || Math.abs(a - b) <= 1e-14 * Math.abs(b);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static List<List<String>> ours() {
    List<List<String>> results = new ArrayList<>();
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(
          "CREATE SOURCE t (s VARCHAR, p VARCHAR, n INT, b BIGINT, d DOUBLE, ts TIMESTAMP(6))");
      List<Subscription> subscriptions = new ArrayList<>();
      for (int i = 0; i < EXPRESSIONS.size(); i++) {
        String cast = "CAST(" + EXPRESSIONS.get(i) + " AS VARCHAR)";
        db.execute("CREATE STREAM q" + i + " AS SELECT " + cast + " AS r FROM t");
        subscriptions.add(db.subscribe("q" + i));
      }
      db.start();
      for (List<Object> row : ROWS) {
        db.source("t").push(row.toArray());
      }
      db.sync();
      for (int i = 0; i < EXPRESSIONS.size(); i++) {
        List<String> texts = new ArrayList<>();
        for (Row row : subscriptions.get(i).drain()) {
          texts.add(row.isNull(0) ? null : row.getString(0));
        }
        assertThat(texts).as(EXPRESSIONS.get(i)).hasSize(ROWS.size());
        results.add(texts);
      }
      subscriptions.forEach(Subscription::close);
    }
    return results;
  }

  private static List<List<String>> theirs() throws SQLException {
    List<List<String>> results = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE t (i INT, s VARCHAR, p VARCHAR, n INT, b BIGINT, d DOUBLE, ts TIMESTAMP)");
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?::TIMESTAMP)")) {
        for (int r = 0; r < ROWS.size(); r++) {
          insert.setInt(1, r);
          for (int c = 0; c < 6; c++) {
            Object value = ROWS.get(r).get(c);
            insert.setObject(c + 2, value instanceof LocalDateTime ? value.toString() : value);
          }
          insert.execute();
        }
      }
      for (String expression : EXPRESSIONS) {
        List<String> texts = new ArrayList<>();
        try (ResultSet rows =
            statement.executeQuery(
                "SELECT CAST((" + expression + ") AS VARCHAR) FROM t ORDER BY i")) {
          while (rows.next()) {
            texts.add(rows.getString(1));
          }
        }
        results.add(texts);
      }
    }
    return results;
  }
}
