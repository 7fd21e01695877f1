package io.laminardb.expression;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Three-valued logic, comparisons, LIKE and texts, each against DuckDB. */
class LogicTest {
  private static final String[] TRUTH = {"TRUE", "FALSE", "CAST(NULL AS BOOLEAN)"};

  @Test
  void logicHasThreeValues() throws SQLException {
    List<String> expressions = new ArrayList<>();
    for (String a : TRUTH) {
      expressions.add("NOT " + a);
      for (String is : List.of("NULL", "TRUE", "FALSE", "UNKNOWN")) {
        expressions.add(a + " IS " + is);
        expressions.add(a + " IS NOT " + is);
      }
      for (String b : TRUTH) {
        expressions.add(a + " AND " + b);
        expressions.add(a + " OR " + b);
        expressions.add("NOT (" + a + " AND NOT " + b + ")");
        expressions.add(a + " = " + b);
        expressions.add(a + " < " + b);
        expressions.add(a + " IS DISTINCT FROM " + b);
        expressions.add("CASE WHEN " + a + " THEN 1 WHEN " + b + " THEN 2 ELSE 3 END");
      }
    }
    for (String x : List.of("1", "3", "CAST(NULL AS INTEGER)")) {
      for (String list : List.of("(1, 2)", "(1, NULL)", "(2, NULL)", "(NULL, NULL)", "(1)")) {
        expressions.add(x + " IN " + list);
        expressions.add(x + " NOT IN " + list);
        expressions.add("(" + x + " IN " + list + ") IS NOT TRUE");
      }
      expressions.add(x + " BETWEEN NULL AND 2");
      expressions.add(x + " NOT BETWEEN 2 AND NULL");
    }
    agreeWithDuckDb(expressions);
  }

  @Test
  void logicOverColumnsIsTheSame() {
    Boolean[] truth = {true, false, null};
    try (Expressions sql = new Expressions()) {
      for (Boolean a : truth) {
        for (Boolean b : truth) {
          List<Object> row = Arrays.asList(a, b);
          Boolean and =
              Boolean.FALSE.equals(a) || Boolean.FALSE.equals(b)
                  ? Boolean.FALSE
                  : a == null || b == null ? null : Boolean.TRUE;
          Boolean or =
              Boolean.TRUE.equals(a) || Boolean.TRUE.equals(b)
                  ? Boolean.TRUE
                  : a == null || b == null ? null : Boolean.FALSE;
          assertThat(sql.streamed("a BOOLEAN, b BOOLEAN", row, "a AND b")).isEqualTo(and);
          assertThat(sql.streamed("a BOOLEAN, b BOOLEAN", row, "a OR b")).isEqualTo(or);
          assertThat(sql.streamed("a BOOLEAN, b BOOLEAN", row, "(NOT a) IS NOT FALSE"))
              .isEqualTo(!Boolean.TRUE.equals(a));
        }
      }
    }
  }

  @Test
  void whatIsNotNeededIsNotEvaluated() {
    try (Expressions sql = new Expressions()) {
      for (String lazy :
          List.of(
              "CASE WHEN a > 0 THEN 1 ELSE 1 / (a - 5) END = 1",
              "COALESCE(a, 1 / (a - 5)) = 5",
              "IF(a = 5, TRUE, 1 / (a - 5) = 1)",
              "a = 5 OR 1 / (a - 5) = 1",
              "NOT (a <> 5 AND 1 / (a - 5) = 1)",
              "IFNULL(a, 1 / (a - 5)) = 5")) {
        assertThat(sql.streamed("a INTEGER", List.of(5), lazy)).as(lazy).isEqualTo(true);
        assertThat(sql.constant(lazy.replace("(a - 5)", "0").replaceAll("\\ba\\b", "5")))
            .as(lazy)
            .isEqualTo(true);
      }
    }
  }

  @Test
  void floatingPointNumbersHaveATotalOrder() throws SQLException {
    List<String> expressions = new ArrayList<>();
    String[] numbers = {"'NaN'", "'Infinity'", "'-Infinity'", "'0'", "'-0'", "'1.5'"};
    for (String type : List.of("DOUBLE", "REAL")) {
      for (String a : numbers) {
        for (String b : numbers) {
          for (String operator : List.of("=", "<>", "<", "<=", ">", ">=")) {
            expressions.add(
                "CAST(" + a + " AS " + type + ") " + operator + " CAST(" + b + " AS DOUBLE)");
          }
        }
      }
    }
    expressions.add("CAST(0.1 AS REAL) = CAST(0.1 AS DOUBLE)");
    expressions.add("CAST(16777217 AS REAL) = CAST(16777216 AS REAL)");
    agreeWithDuckDb(expressions);
  }

  @Test
  void likeTakesEveryCharacter() throws SQLException {
    agreeWithDuckDb(
        List.of(
            "'' LIKE ''",
            "'' LIKE '%'",
            "'' LIKE '_'",
            "'a' LIKE ''",
            "'💩x' LIKE '_x'",
            "'💩' LIKE '__'",
            "'a%b' LIKE 'a!%b' ESCAPE '!'",
            "'axb' LIKE 'a!%b' ESCAPE '!'",
            "'a!b' LIKE 'a!!b' ESCAPE '!'",
            "'a_b' LIKE 'a\\_b' ESCAPE '\\'",
            "'axb' LIKE 'a\\_b' ESCAPE '\\'",
            "'a.b' LIKE 'a.b'",
            "'axb' LIKE 'a.b'",
            "'a[b' LIKE 'a[b'",
            "'a' || chr(10) || 'b' LIKE 'a%b'",
            "'aaa' LIKE '%a%a%a%'",
            "'aa' LIKE '%a%a%a%'",
            "'abc' LIKE NULL",
            "NULL LIKE 'a'",
            "'ABC' ILIKE 'a_c'",
            "'ÄB' ILIKE 'äb'",
            "'it''s' LIKE '%''%'",
            "'abcbc' LIKE '%bc'",
            "'x' NOT LIKE 'y'"));
  }

  @Test
  void textFunctionsCountCodePointsAndTakeEmptyTexts() throws SQLException {
    agreeWithDuckDb(
        List.of(
            "LENGTH('a💩b')",
            "REVERSE('a💩b')",
            "SUBSTRING('a💩b', 2, 1)",
            "SUBSTRING('a💩b', 3)",
            "LEFT('💩💩', 1)",
            "RIGHT('💩b', 1)",
            "LEFT('abc', -1)",
            "RIGHT('abc', -1)",
            "STRPOS('a💩b', 'b')",
            "REPLACE('a💩b', '💩', '')",
            "LPAD('', 2, '💩')",
            "RPAD('💩', 3, 'x')",
            "UPPER('')",
            "LOWER('')",
            "LENGTH('')",
            "REVERSE('')",
            "SUBSTRING('', 1, 1)",
            "SUBSTRING('abc', 0)",
            "SUBSTRING('abc', -2)",
            "SUBSTRING('abc', 9)",
            "REPLACE('', 'a', 'b')",
            "REPLACE('abc', '', 'x')",
            "SPLIT_PART('', ',', 1)",
            "SPLIT_PART('a,b', ',', 3)",
            "REPEAT('', 3)",
            "REPEAT('x', 0)",
            "STRPOS('abc', '')",
            "STRPOS('', 'a')",
            "STARTS_WITH('abc', '')",
            "ASCII('💩')",
            "CHR(128169)",
            "TRIM('')",
            "'' || ''",
            "CONCAT('', NULL)",
            "TRANSLATE('a💩b', '💩', 'x')",
            "'💩' > 'z'",
            "'' < 'a'",
            "'a' = 'a '"));
  }

  static void agreeWithDuckDb(List<String> expressions) throws SQLException {
    List<String> wrong = new ArrayList<>();
    try (Expressions sql = new Expressions();
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = connection.createStatement()) {
      for (String expression : expressions) {
        String ours;
        try {
          ours = Expressions.print(sql.constant(expression));
        } catch (RuntimeException e) {
          ours = e.getMessage();
        }
        String theirs;
        try (ResultSet result = duck.executeQuery("SELECT " + expression)) {
          result.next();
          theirs = Expressions.print(result.getObject(1));
        } catch (SQLException e) {
          theirs = e.getMessage();
        }
        if (!ours.equals(theirs)) {
          wrong.add(expression + " is " + ours + ", DuckDB says " + theirs);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }
}
