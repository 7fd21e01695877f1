package io.laminardb.sql.codegen;

import static io.laminardb.sql.codegen.Evaluator.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every expression must be for every row, NULLs included, what DuckDB says. */
class FunctionsAgainstDuckDbTest {
  private static final Schema ROWS =
      Schema.appendOnly(
          Field.of("s", DataType.VARCHAR),
          Field.of("p", DataType.VARCHAR),
          Field.of("n", DataType.INTEGER),
          Field.of("b", DataType.BIGINT),
          Field.of("d", DataType.DOUBLE),
          Field.of("ts", DataType.timestamp(6)));

  private static final List<List<Object>> VALUES =
      List.of(
          row("hello world", "o", 2, 7L, 2.5, 1_709_209_815_250_000L),
          row("", "", 0, 0L, 0.0, 0L),
          row("Zürich ñ 東京 🚀", "京", -3, -9L, -2.5, -1_000_000L),
          row(null, "x", null, null, null, null),
          row("  a,b,,c ", null, 5, 1L << 53, 0.1, 4_102_444_799_999_999L),
          row("100%_x", "%", 1, -1L, 1e300, 951_782_400_000_000L),
          row("abcabc", "bc", 3, 12L, 3.7, -30_000_000_000_000_000L),
          row("xXx", "X", 7, 86_400L, -0.5, 1_735_603_200_000_000L));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPPER(s)",
        "LOWER(s)",
        "LENGTH(s)",
        "s || p",
        "CONCAT(s, p, 'x')",
        "CONCAT_WS('-', s, p, 'x')",
        "SUBSTRING(s, n)",
        "FORMAT('{}|{:>12}|{:^12}|{:.2}', s, p, s, s)",
        "FORMAT('{1}|{0}|{0:+d}|{1:,}|{1:#x}', n, b)",
        "FORMAT('{:012d}|{:<8}|{:b}', b, n, n)",
        "FORMAT('{}|{:.2f}|{:.0f}|{:e}|{:g}', d, NULLIF(d, 1e300), n / 8e0, d, d)",
        "FORMAT('{:,.1f}|{:+.3g}|{:015.2f}', d / 1e298, d, b / 8e0)",
        "PRINTF('%5d|%-5d|%05d|%+d|%x|%,d', n, n, n, n, n, b)",
        "PRINTF('%s|%20s|%.3s|%.2f|%10.1e|%g', s, s, s, n / 8e0, d, d)",
        "SUBSTRING(s, 2, 3)",
        "SUBSTRING(s, n, 2)",
        "LEFT(s, n)",
        "RIGHT(s, n)",
        "TRIM(s)",
        "LTRIM(s)",
        "RTRIM(s)",
        "LTRIM(s, 'hx ')",
        "RTRIM(s, 'dx ')",
        "LPAD(s, 12, '*+')",
        "RPAD(s, 12, '*+')",
        "LPAD(s, 3, '-')",
        "STRPOS(s, p)",
        "INSTR(s, p)",
        "POSITION(p IN s)",
        "REPLACE(s, p, '<>')",
        "SPLIT_PART(s, ',', 2)",
        "SPLIT_PART(s, ',', -1)",
        "SPLIT_PART(s, 'x', n)",
        "REPEAT(s, n)",
        "STARTS_WITH(s, p)",
        "ENDS_WITH(s, p)",
        "`CONTAINS`(s, p)",
        "MD5(s)",
        "SHA256(s)",
        "TRANSLATE(s, 'lo', 'L')",
        "CHR(n + 10)",
        "s LIKE '%o%'",
        "s LIKE '_b%'",
        "s LIKE '%' || p",
        "s NOT LIKE '%x'",
        "s ILIKE 'x%'",
        "s LIKE '100!%!_x' ESCAPE '!'",
        "regexp_matches(s, 'b.')",
        "regexp_extract(s, '([a-z]+)b', 1)",
        "regexp_replace(s, '[aeiou]', '<\\0>', 'g')",
        "s < p",
        "s >= p",
        "s = 'abcabc'",
        "s IN ('hello world', '')",
        "s IS DISTINCT FROM p",
        "COALESCE(p, s, '?')",
        "NULLIF(s, '')",
        "GREATEST(s, p)",
        "LEAST(n, b)",
        "GREATEST(d, n)",
        "CASE WHEN n > 2 THEN s WHEN n < 0 THEN p END",
        "n + b",
        "n - b",
        "n * 2",
        "-n",
        "d / 3",
        "d * n + b",
        "MOD(b, 7)",
        "ABS(n)",
        "ABS(d)",
        "SIGN(d)",
        "CEIL(d)",
        "FLOOR(d)",
        "ROUND(d)",
        "ROUND(d, 1)",
        "TRUNC(d)",
        "POWER(n, 2)",
        "SQRT(ABS(n))",
        "CBRT(d)",
        "EXP(n)",
        "LN(ABS(n) + 1)",
        "LOG10(ABS(n) + 1)",
        "LOG2(ABS(n) + 1)",
        "SIN(n)",
        "ATAN2(n, 2)",
        "DEGREES(n)",
        "RADIANS(n)",
        "PI()",
        "BIT_COUNT(b)",
        "CAST(n AS VARCHAR)",
        "CAST(b AS VARCHAR)",
        "CAST(d AS VARCHAR)",
        "CAST(n AS DOUBLE)",
        "TRY_CAST(d AS INTEGER)",
        "TRY_CAST(b AS SMALLINT)",
        "TRY_CAST(s AS INTEGER)",
        "CAST(n AS DECIMAL(10, 2))",
        "CAST(ts AS VARCHAR)",
        "CAST(ts AS DATE)",
        "CAST(CAST(ts AS DATE) AS VARCHAR)",
        "CAST(CAST(ts AS VARCHAR) AS TIMESTAMP)",
        "EXTRACT(YEAR FROM ts)",
        "EXTRACT(QUARTER FROM ts)",
        "EXTRACT(MONTH FROM ts)",
        "EXTRACT(WEEK FROM ts)",
        "EXTRACT(DAY FROM ts)",
        "EXTRACT(HOUR FROM ts)",
        "EXTRACT(MINUTE FROM ts)",
        "EXTRACT(SECOND FROM ts)",
        "EXTRACT(MILLISECOND FROM ts)",
        "EXTRACT(MICROSECOND FROM ts)",
        "EXTRACT(DOW FROM ts)",
        "EXTRACT(ISODOW FROM ts)",
        "EXTRACT(DOY FROM ts)",
        "EXTRACT(ISOYEAR FROM ts)",
        "EXTRACT(DECADE FROM ts)",
        "EXTRACT(CENTURY FROM ts)",
        "DATE_TRUNC('hour', ts)",
        "DATE_TRUNC('week', ts)",
        "DATE_TRUNC('month', ts)",
        "DATE_TRUNC('quarter', ts)",
        "DATE_TRUNC('year', ts)",
        "DATE_TRUNC('decade', ts)",
        "DATE_PART('minute', ts)",
        "ts + INTERVAL '5' SECOND",
        "ts - INTERVAL '1' MONTH",
        "ts + INTERVAL '13' MONTH",
        "LAST_DAY(ts)",
        "DAYNAME(ts)",
        "MONTHNAME(ts)",
        "STRFTIME(ts, '%Y-%m-%d %H:%M:%S')",
        "n BETWEEN 1 AND 5",
        "n NOT IN (1, 2, 3, 4, 5, 6)",
        "n = 1 OR d > 1e0",
        "n = 1 AND d > 1e0",
        "NOT (n > 1)",
        "(n > 1) IS TRUE",
        "n IS NULL",
        "ASCII(s)",
        "REVERSE(p)",
        "BITAND(n, 6)",
        "XOR(n, 5)",
        "BIT_LENGTH(s)",
        "UNICODE(p)",
        "ORD(s)",
        "STRIP_ACCENTS(s)",
        "HEX(s)",
        "HEX(b)",
        "BIN(n)",
        "TO_BASE(ABS(n), 7)",
        "URL_ENCODE(s)",
        "URL_DECODE(s)",
        "PREFIX(s, p)",
        "SUFFIX(s, p)",
        "OVERLAY(s PLACING '<>' FROM 2 FOR 3)",
        "ASINH(d)",
        "ATANH(n / 10e0)",
        "ACOSH(ABS(d) + 1)",
        "EVEN(d)",
        "ISINF(d)",
        "ISFINITE(d)",
        "SIGNBIT(d)",
        "NEXTAFTER(d, 1)",
        "GCD(n, b)",
        "LCM(n, 4)",
        "FACTORIAL(ABS(n))",
        "EPOCH_US(ts)",
        "WEEKDAY(ts)",
        "MAKE_TIMESTAMP(2024, n + 4, 28, 1, 2, 3.5)",
        "CAST(json_extract('{\"a\": [1, \"x\", {\"b\" : true}]}', '$.a[' || ABS(n) || ']') AS VARCHAR)",
        "json_extract_string('{\"a\": [1, \"x\\u00e9\\n\", null, 2.5, 1, {\"b\" : [1, 2]}]}', '$.a[' || ABS(n) || ']')",
        "json_extract_string('{\"hello worldd\": 1}', '$.\"' || s || 'd\"')",
        "json_valid('{\"a\": ' || s || '}')",
        "json_valid(s)",
        "json_array_length('[1, [2, 3], {}]')",
        "json_type('{}')"
      })
  void agreesWithDuckDb(String expression) throws SQLException {
    List<Object> ours = new ArrayList<>();
    try (Evaluator evaluator = new Evaluator(ROWS)) {
      evaluator.select("SELECT " + expression + " FROM t", VALUES).forEach(r -> ours.add(r.get(0)));
    }
    List<Object> theirs = duckDb(expression);
    for (int i = 0; i < ours.size(); i++) {
      assertThat(same(ours.get(i), theirs.get(i)))
          .as(
              expression
                  + " of "
                  + VALUES.get(i)
                  + ": "
                  + ours.get(i)
                  + ", DuckDB "
                  + theirs.get(i))
          .isTrue();
    }
  }

  private static boolean same(Object ours, Object theirs) {
    if (ours instanceof Number a && theirs instanceof Number b) {
      double left = a.doubleValue();
      double right = b.doubleValue();
      return left == right
          || a instanceof Double && Math.abs(left - right) <= 1e-14 * Math.abs(right);
    }
    return Objects.equals(ours, theirs);
  }

  private static List<Object> duckDb(String expression) throws SQLException {
    String theirs =
        expression
            .replace("`", "")
            .replaceAll("BITAND\\((.*)\\)", "($1)")
            .replace("(n, 6)", "(n & 6)");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE t (i INTEGER, s VARCHAR, p VARCHAR, n INTEGER, b BIGINT, d DOUBLE, ts TIMESTAMP)");
      for (int i = 0; i < VALUES.size(); i++) {
        List<Object> row = VALUES.get(i);
        statement.execute(
            "INSERT INTO t VALUES ("
                + i
                + ", "
                + text(row.get(0))
                + ", "
                + text(row.get(1))
                + ", "
                + row.get(2)
                + ", "
                + row.get(3)
                + ", "
                + row.get(4)
                + ", "
                + (row.get(5) == null ? "NULL" : "make_timestamp(" + row.get(5) + ")")
                + ")");
      }
      List<Object> results = new ArrayList<>();
      try (ResultSet result = statement.executeQuery("SELECT " + theirs + " FROM t ORDER BY i")) {
        while (result.next()) {
          results.add(plain(result.getObject(1)));
        }
      }
      return results;
    }
  }

  private static String text(Object value) {
    return value == null ? "NULL" : "'" + value + "'";
  }

  private static Object plain(Object value) {
    if (value instanceof Timestamp time) {
      return micros(time.toLocalDateTime());
    }
    if (value instanceof LocalDateTime time) {
      return micros(time);
    }
    if (value instanceof Date date) {
      return date.toLocalDate().toEpochDay();
    }
    return value instanceof LocalDate date
        ? (Object) date.toEpochDay()
        : value instanceof BigDecimal decimal ? decimal : value;
  }

  private static long micros(LocalDateTime time) {
    return time.toEpochSecond(ZoneOffset.UTC) * 1_000_000 + time.getNano() / 1000;
  }
}
