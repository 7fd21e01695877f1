package io.laminardb.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscription;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.LongBinaryOperator;
import org.junit.jupiter.api.Test;

/** Scalar functions that users write in Java. Public, as their interfaces have to be. */
public class UserFunctionTest {
  /** A signature of the user's own. */
  public interface Score {
    double score(double price, long quantity, String symbol);
  }

  /** One of each type. */
  public interface Everything {
    String join(
        boolean a, int b, float c, BigDecimal d, byte[] e, LocalDate f, LocalDateTime g, Instant h);
  }

  /** A typed class. */
  public static final class Initials {
    /** The first letters of the words; null where there is none. */
    public String eval(String text) {
      return text.isBlank() ? null : text.replaceAll("(\\w)\\w*\\s*", "$1");
    }
  }

  /** Not public, so that nobody else can call it. */
  interface Secret {
    int answer();
  }

  private static List<List<Object>> values(Subscription results, int columns) {
    List<List<Object>> all = new ArrayList<>();
    for (Row row : results.drain()) {
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < columns; i++) {
        values.add(row.getObject(i));
      }
      all.add(values);
    }
    return all;
  }

  @Test
  void runsInEveryClause() {
    try (LaminarDB db =
        LaminarDB.builder()
            .inline()
            .registerFunction("vat", DoubleUnaryOperator.class, net -> net * 1.5)
            .registerFunction(
                "score",
                Score.class,
                (price, quantity, symbol) -> price * quantity + symbol.length())
            .registerFunction("initials", new Initials())
            .build()) {
      db.execute("CREATE SOURCE t (symbol VARCHAR, price DOUBLE, quantity INT)");
      db.execute(
          "CREATE MATERIALIZED VIEW v AS SELECT initials(symbol) AS i, SUM(Vat(price)) AS total,"
              + " MAX(score(price, quantity, symbol)) AS best FROM t WHERE VAT(price) > 1e0"
              + " GROUP BY initials(symbol) HAVING SUM(vat(price)) < vat(1000e0)");
      db.start();
      db.source("t").push("big blue", 2.0, 3);
      db.source("t").push("bad bank", 4.0, 1);
      db.source("t").push("tiny", 0.5, 1);
      db.source("t").push(" ", 10.0, 1);
      db.source("t").push(null, 20.0, null);
      db.sync();
      try (Rows rows = db.query("SELECT i, total, best FROM v ORDER BY total")) {
        List<String> texts = new ArrayList<>();
        rows.forEach(r -> texts.add(r.getObject(0) + " " + r.getObject(1) + " " + r.getObject(2)));
        assertThat(texts).containsExactly("bb 9.0 14.0", "null 45.0 11.0");
      }
    }
  }

  @Test
  void takesAndGivesEveryType() {
    try (LaminarDB db =
        LaminarDB.builder()
            .inline()
            .registerFunction(
                "everything",
                Everything.class,
                (a, b, c, d, e, f, g, h) ->
                    String.join(
                        " ",
                        String.valueOf(a),
                        String.valueOf(b),
                        String.valueOf(c),
                        d.toString(),
                        new String(e, StandardCharsets.UTF_8),
                        f.toString(),
                        g.toString(),
                        h.toString()))
            .registerFunction("next_day", Tomorrow.class, day -> day.plusDays(1))
            .registerFunction("later", Later.class, time -> time.plusNanos(1_500_000))
            .registerFunction("same", Same.class, time -> time)
            .registerFunction("half", Half.class, x -> x.divide(BigDecimal.valueOf(2)))
            .registerFunction("twice", Twice.class, b -> (new String(b) + new String(b)).getBytes())
            .build()) {
      try (Rows rows =
          db.query(
              "SELECT everything(TRUE, 7, 1.5, 2.50, FROM_HEX('41'), DATE '2024-02-29',"
                  + " TIMESTAMP '2024-02-29 12:34:56.789', TO_TIMESTAMP_LTZ(0, 0)) AS a,"
                  + " next_day(DATE '2024-02-29') AS b,"
                  + " later(TIMESTAMP '2024-02-29 12:34:56') AS c,"
                  + " CAST(same(TO_TIMESTAMP_LTZ(1, 0)) AS VARCHAR) AS d,"
                  + " half(5) AS e, CAST(twice(FROM_HEX('41')) AS VARCHAR) AS f")) {
        Row row = rows.iterator().next();
        assertThat(row.getObject(0))
            .isEqualTo("true 7 1.5 2.50 A 2024-02-29 2024-02-29T12:34:56.789 1970-01-01T00:00:00Z");
        assertThat(row.getObject(1)).isEqualTo(LocalDate.of(2024, 3, 1));
        assertThat(row.getObject(2))
            .isEqualTo(LocalDateTime.of(2024, 2, 29, 12, 34, 56, 1_500_000));
        assertThat((String) row.getObject(3)).startsWith("1970-01-01 00:00:01");
        assertThat((BigDecimal) row.getObject(4)).isEqualByComparingTo("2.5");
        assertThat(row.getObject(5)).isEqualTo("AA");
      }
    }
  }

  /** The day after. */
  public interface Tomorrow {
    LocalDate of(LocalDate day);
  }

  /** A time from a time. */
  public interface Later {
    LocalDateTime of(LocalDateTime time);
  }

  /** An instant from an instant. */
  public interface Same {
    Instant of(Instant time);
  }

  /** A decimal from a decimal. */
  public interface Half {
    BigDecimal of(BigDecimal number);
  }

  /** Bytes from bytes. */
  public interface Twice {
    byte[] of(byte[] bytes);
  }

  @Test
  void isNotCalledForNull() {
    LongBinaryOperator noNulls = Math::addExact;
    try (LaminarDB db =
        LaminarDB.builder()
            .inline()
            .registerFunction("plus", LongBinaryOperator.class, noNulls)
            .build()) {
      db.execute("CREATE SOURCE t (a BIGINT, b INT)");
      db.execute("CREATE STREAM s AS SELECT plus(a, b) AS c FROM t");
      try (Subscription results = db.subscribe("s")) {
        db.start();
        db.source("t").push(1L, 2);
        db.source("t").push(null, 2);
        db.source("t").push(3L, null);
        db.sync();
        assertThat(values(results, 1))
            .containsExactly(
                List.of(3L),
                java.util.Arrays.asList((Object) null),
                java.util.Arrays.asList((Object) null));
      }
    }
  }

  @Test
  void namesTheFunctionAndTheRowWhenItFails() {
    try (LaminarDB db =
        LaminarDB.builder()
            .inline()
            .registerFunction("plus", LongBinaryOperator.class, Math::addExact)
            .build()) {
      db.execute("CREATE SOURCE t (a BIGINT, b BIGINT)");
      db.execute("CREATE STREAM s AS SELECT plus(a, b) AS c FROM t WITH (on_error = 'skip')");
      db.execute("CREATE STREAM f AS SELECT plus(a, b) AS c FROM t");
      try (Subscription results = db.subscribe("s");
          Subscription errors = db.subscribe("s$errors");
          Subscription failed = db.subscribe("f")) {
        db.start();
        db.source("t").push(1L, 2L);
        db.source("t").push(Long.MAX_VALUE, 1L);
        db.source("t").push(3L, 4L);
        db.sync();
        assertThat(values(results, 1)).containsExactly(List.of(3L), List.of(7L));
        assertThat(values(errors, 3).toString())
            .contains("function plus failed", "long overflow", Long.toString(Long.MAX_VALUE));
        assertThatThrownBy(
                () -> {
                  while (true) {
                    failed.poll(Duration.ofSeconds(5));
                  }
                })
            .isInstanceOf(LaminarException.class)
            .hasMessageContaining("function plus failed")
            .hasMessageContaining("The row:");
      }
    }
  }

  @Test
  void isListed() {
    try (LaminarDB db =
        LaminarDB.builder()
            .inline()
            .registerFunction("mix", DoubleBinaryOperator.class, Math::max)
            .build()) {
      try (Rows rows = db.query("SHOW FUNCTIONS LIKE 'MIX'")) {
        Row row = rows.iterator().next();
        assertThat(row.getString(0)).isEqualTo("MIX");
        assertThat(row.getString(1)).isEqualTo("registered");
      }
    }
  }

  @Test
  void twoDatabasesKeepTheirFunctionsApart() {
    try (LaminarDB one = with(1);
        LaminarDB two = with(2);
        LaminarDB none = LaminarDB.builder().inline().build()) {
      assertThat(only(one)).isEqualTo(11.0);
      assertThat(only(two)).isEqualTo(12.0);
      assertThatThrownBy(() -> only(none)).hasMessageContaining("FUNCTION_NOT_FOUND");
    }
  }

  private static LaminarDB with(double added) {
    return LaminarDB.builder()
        .inline()
        .registerFunction("more", DoubleUnaryOperator.class, x -> x + added)
        .build();
  }

  private static Object only(LaminarDB db) {
    try (Rows rows = db.query("SELECT more(10)")) {
      return rows.iterator().next().getObject(0);
    }
  }

  @Test
  void refusesWhatSqlCannotCall() {
    LaminarDB.Builder builder = LaminarDB.builder().inline();
    assertThatThrownBy(() -> builder.registerFunction("f", Function.class, (Object x) -> x))
        .hasMessageContaining("java.lang.Object")
        .hasMessageContaining("Use boolean, int");
    assertThatThrownBy(() -> builder.registerFunction("f", Secret.class, () -> 42))
        .hasMessageContaining("not public");
    DoubleUnaryOperator lambda = x -> x;
    assertThatThrownBy(() -> builder.registerFunction("f", lambda))
        .hasMessageContaining("does not tell its types");
    assertThatThrownBy(() -> builder.registerFunction("a b", DoubleUnaryOperator.class, x -> x))
        .hasMessageContaining("no name");
    assertThatThrownBy(() -> builder.registerFunction("f", "a text"))
        .hasMessageContaining("public methods");
    try (LaminarDB db =
        builder.registerFunction("upper", DoubleUnaryOperator.class, x -> x).build()) {
      assertThatThrownBy(() -> db.query("SELECT 1"))
          .hasMessageContaining("INVALID_OPTION")
          .hasMessageContaining("there is one already");
    }
  }
}
