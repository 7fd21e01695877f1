package io.laminardb.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.Row;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Overflow, division by zero, DECIMAL arithmetic, and what becomes of a query that fails. */
class NumericTest {
  @ParameterizedTest
  @CsvSource({
    "TINYINT, -128, 127",
    "SMALLINT, -32768, 32767",
    "INTEGER, -2147483648, 2147483647",
    "BIGINT, -9223372036854775808, 9223372036854775807"
  })
  void integersThatDoNotFitFail(String type, long least, long greatest) {
    String columns = "a " + type + ", b " + type;
    record Case(String expression, long a, long b) {}
    List<Case> cases =
        List.of(
            new Case("a + b", greatest, 1),
            new Case("a - b", least, 1),
            new Case("a * b", greatest, 2),
            new Case("a * b", least, -1),
            new Case("a / b", least, -1),
            new Case("-a", least, 0),
            new Case("ABS(a)", least, 0),
            new Case("a << 1", greatest, 0),
            new Case("a / b", 1, 0),
            new Case("a % b", 1, 0),
            new Case("MOD(a, b)", 1, 0));
    try (Expressions sql = new Expressions()) {
      for (Case one : cases) {
        assertThatThrownBy(
                () ->
                    sql.constant(
                        one.expression()
                            .replaceAll("\\ba\\b", "CAST(" + one.a() + " AS " + type + ")")
                            .replaceAll("\\bb\\b", "CAST(" + one.b() + " AS " + type + ")")))
            .isInstanceOfSatisfying(LaminarException.class, e -> isFailure(e, ""));
        String message = failureOf(sql, columns, one.expression(), one.a(), one.b());
        assertThat(message).as(one.toString()).contains("EXPRESSION_FAILED");
        assertThat(message).as(one.toString()).contains(one.expression(), "a = " + one.a());
      }
      assertThat(sql.streamed(columns, row(type, least, -1), "a % b").toString()).isEqualTo("0");
      assertThat(sql.streamed(columns, row(type, greatest, 0), "a + b").toString())
          .isEqualTo(Long.toString(greatest));
    }
  }

  private static void isFailure(LaminarException e, String text) {
    assertThat(e.code()).isEqualTo(ErrorCode.EXPRESSION_FAILED);
    assertThat(e.getMessage()).contains(text);
  }

  private static List<Object> row(String type, long a, long b) {
    return type.equals("BIGINT") ? List.of(a, b) : List.of((int) a, (int) b);
  }

  /** The failure of a stream over one row: what SHOW QUERIES tells, or what a caller meets. */
  private static String failureOf(
      Expressions sql, String columns, String expression, long a, long b) {
    sql.db().execute("CREATE SOURCE s (" + columns + ")");
    try {
      sql.db().execute("CREATE STREAM q AS SELECT " + expression + " AS result FROM s");
      try {
        sql.db().source("s").push(row(columns.split(" ")[1].replace(",", ""), a, b).toArray());
        sql.db().sync();
      } catch (LaminarException e) {
        return e.getMessage();
      }
      StringBuilder all = new StringBuilder();
      for (Row query : sql.db().query("SHOW QUERIES")) {
        all.append(query).append('\n');
      }
      return all.toString();
    } finally {
      sql.db().execute("DROP SOURCE s CASCADE");
    }
  }

  @Test
  void aFailingRowStopsItsQueryAndNoOther() {
    try (Expressions sql = new Expressions()) {
      sql.db().execute("CREATE SOURCE s (a INTEGER, b INTEGER)");
      sql.db().execute("CREATE STREAM bad AS SELECT a / b AS q FROM s");
      sql.db().execute("CREATE STREAM good AS SELECT a + b AS q FROM s");
      try (Subscription good = sql.db().subscribe("good")) {
        for (int i = 3; i >= -3; i--) {
          try {
            sql.db().source("s").push(6, i);
          } catch (LaminarException e) {
            isFailure(e, "a / b");
          }
        }
        sql.db().sync();
        assertThat(good.drain()).hasSize(7);
      }
      StringBuilder queries = new StringBuilder();
      for (Row query : sql.db().query("SHOW QUERIES")) {
        queries.append(query).append('\n');
      }
      assertThat(queries.toString()).contains("FAILED", "a / b", "a = 6", "b = 0");
    }
  }

  @Test
  void skippedRowsGoToTheErrorStreamAndTheOthersContinue() {
    try (Expressions sql = new Expressions()) {
      sql.db().execute("CREATE SOURCE s (a INTEGER, b INTEGER)");
      sql.db().execute("CREATE STREAM q AS SELECT a / b AS q FROM s WITH (on_error = 'skip')");
      try (Subscription results = sql.db().subscribe("q");
          Subscription errors = sql.db().subscribe("q$errors")) {
        for (int i = 2; i >= -2; i--) {
          sql.db().source("s").push(6, i);
        }
        sql.db().sync();
        assertThat(results.drain()).extracting(r -> r.getInt(0)).containsExactly(3, 6, -6, -3);
        List<Row> failed = errors.drain();
        assertThat(failed).hasSize(1);
        assertThat(failed.get(0).toString()).contains("a / b").contains("6");
      }
    }
  }

  @Test
  void decimalArithmeticIsThatOfDuckDbButForDivision() throws SQLException {
    String[] numbers = {
      "0.00", "1.50", "-2.25", "0.001", "99999999.99", "12345678901234567.89", "7", "-0.3"
    };
    List<String> wrong = new ArrayList<>();
    try (Expressions sql = new Expressions();
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = connection.createStatement()) {
      for (String a : numbers) {
        for (String b : numbers) {
          for (String operator : List.of("+", "-", "*", "%", "/")) {
            String expression = "CAST(" + a + " AS DECIMAL(20, 3)) " + operator + " " + b;
            String ours;
            try {
              ours = String.valueOf(sql.constant(expression));
            } catch (LaminarException e) {
              ours = e.getMessage();
            }
            BigDecimal x = new BigDecimal(a);
            BigDecimal y = new BigDecimal(b);
            if (operator.equals("/") || operator.equals("%") && y.signum() == 0) {
              if (y.signum() == 0) {
                isSame(wrong, expression, ours.contains("division by zero"), ours);
              } else {
                BigDecimal mine = new BigDecimal(ours);
                BigDecimal exact = x.divide(y, mine.scale(), RoundingMode.HALF_UP);
                isSame(wrong, expression, mine.compareTo(exact) == 0 && mine.scale() >= 6, ours);
              }
              continue;
            }
            try (ResultSet result = duck.executeQuery("SELECT " + expression)) {
              result.next();
              BigDecimal theirs = result.getBigDecimal(1);
              isSame(wrong, expression, new BigDecimal(ours).compareTo(theirs) == 0, ours);
            }
          }
        }
      }
      String nines = "CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0))";
      for (String overflow : List.of(nines + " + 1", nines + " * 10", "-" + nines + " - 1")) {
        assertThatThrownBy(() -> sql.constant(overflow))
            .isInstanceOfSatisfying(LaminarException.class, e -> isFailure(e, "overflow"));
      }
      assertThat(sql.constant("1.10 + 2.205").toString()).isEqualTo("3.305");
      assertThat(sql.constant("1.10 * 2.5").toString()).isEqualTo("2.750");
    }
    assertThat(wrong).isEmpty();
  }

  private static void isSame(List<String> wrong, String expression, boolean same, String ours) {
    if (!same) {
      wrong.add(expression + " is " + ours);
    }
  }

  @Test
  void remaindersHaveTheSignOfTheDividend() throws SQLException {
    List<String> expressions = new ArrayList<>();
    for (String type : List.of("INTEGER", "BIGINT", "DOUBLE", "SMALLINT")) {
      for (String a : List.of("7", "-7", "6", "-6", "0")) {
        for (String b : List.of("3", "-3")) {
          expressions.add("CAST(" + a + " AS " + type + ") % CAST(" + b + " AS " + type + ")");
        }
      }
    }
    expressions.add("1e300 % 7e0");
    LogicTest.agreeWithDuckDb(expressions);
  }

  @Test
  void floatingPointNeverFails() {
    try (Expressions sql = new Expressions()) {
      assertThat(sql.constant("1e0 / 0")).isEqualTo(Double.POSITIVE_INFINITY);
      assertThat(sql.constant("-1e0 / 0")).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(sql.constant("0e0 / 0")).isEqualTo(Double.NaN);
      assertThat(sql.constant("5e0 % 0")).isEqualTo(Double.NaN);
      assertThat(sql.constant("1e308 * 10")).isEqualTo(Double.POSITIVE_INFINITY);
      assertThat(sql.streamed("a REAL, b REAL", List.of(0.1f, 3f), "a * b")).isEqualTo(0.1f * 3f);
      assertThat(sql.streamed("a REAL, b DOUBLE", List.of(0.1f, 3.0), "a * b"))
          .isEqualTo((double) 0.1f * 3.0);
    }
  }
}
