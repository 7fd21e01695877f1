package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.DECIMAL_NUMERIC_LITERAL;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.LPAREN;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.MINUS;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.PLUS;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.UNSIGNED_INTEGER_LITERAL;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads {@code INTERVAL '5' SECOND} and {@code INTERVAL '1 12:30' DAY TO MINUTE} as durations. */
final class Intervals {
  private static final List<String> UNITS = List.of("DAY", "HOUR", "MINUTE", "SECOND");
  private static final List<BigDecimal> UNIT_NANOS =
      List.of(
          BigDecimal.valueOf(86_400_000_000_000L),
          BigDecimal.valueOf(3_600_000_000_000L),
          BigDecimal.valueOf(60_000_000_000L),
          BigDecimal.valueOf(1_000_000_000L));
  private static final Map<String, BigDecimal> OTHER_NANOS =
      Map.of(
          "WEEK", BigDecimal.valueOf(604_800_000_000_000L),
          "MILLISECOND", BigDecimal.valueOf(1_000_000L),
          "MICROSECOND", BigDecimal.valueOf(1_000L),
          "NANOSECOND", BigDecimal.ONE);

  private Intervals() {}

  /** The interval literal at the cursor, to the nanosecond. */
  static Duration read(TokenCursor cursor) {
    SqlToken first = cursor.peek();
    cursor.expect("INTERVAL");
    boolean negative = cursor.acceptSymbol(MINUS);
    if (!negative) {
      cursor.acceptSymbol(PLUS);
    }
    SqlToken literal = cursor.peek();
    boolean number =
        literal.kind == UNSIGNED_INTEGER_LITERAL || literal.kind == DECIMAL_NUMERIC_LITERAL;
    String amount =
        number ? literal.image : cursor.string("a string such as '5' after INTERVAL").trim();
    if (number) {
      cursor.moveTo(cursor.index() + 1);
    }
    IntervalSpellings.Length length = number ? null : IntervalSpellings.ofText(amount);
    if (length != null) {
      if (length.months().signum() != 0) {
        throw noFixedLength(cursor, literal, "MONTH");
      }
      BigDecimal said = length.seconds().movePointRight(9);
      return duration(cursor, cursor.since(first), negative ? said.negate() : said);
    }
    String unit = unit(cursor);
    String lastUnit = cursor.accept("TO") ? unit(cursor) : unit;
    BigDecimal nanos = nanos(cursor, literal.position(), amount, unit, lastUnit);
    return duration(cursor, cursor.since(first), negative ? nanos.negate() : nanos);
  }

  private static String unit(TokenCursor cursor) {
    String word = cursor.peek().image.toUpperCase(Locale.ROOT);
    String unit = word.endsWith("S") ? word.substring(0, word.length() - 1) : word;
    if (List.of("MONTH", "YEAR", "QUARTER").contains(unit)) {
      throw noFixedLength(cursor, cursor.peek(), unit);
    }
    if (!cursor.peek().isWord() || !(UNITS.contains(unit) || OTHER_NANOS.containsKey(unit))) {
      throw cursor.expected(
          "a unit such as SECOND",
          List.of(
              "DAY",
              "HOUR",
              "MINUTE",
              "SECOND",
              "WEEK",
              "MILLISECOND",
              "MICROSECOND",
              "NANOSECOND"));
    }
    cursor.moveTo(cursor.index() + 1);
    if (cursor.isSymbol(LPAREN)) {
      cursor.moveTo(Math.min(cursor.end(), cursor.closing(cursor.index()) + 1));
    }
    return unit;
  }

  private static LaminarException noFixedLength(TokenCursor cursor, SqlToken at, String unit) {
    return cursor
        .error(ErrorCode.INVALID_OPTION, at.position(), "A " + unit + " has no fixed length.")
        .mend("Use days or shorter units here.")
        .in(cursor.sql);
  }

  private static BigDecimal nanos(
      TokenCursor cursor, SourcePosition position, String amount, String unit, String lastUnit) {
    if (unit.equals(lastUnit)) {
      if (!amount.matches("[+-]?(\\d{1,18}(\\.\\d{0,18})?|\\.\\d{1,18})")) {
        throw unreadable(cursor, position, amount, unit);
      }
      BigDecimal unitNanos =
          UNITS.contains(unit) ? UNIT_NANOS.get(UNITS.indexOf(unit)) : OTHER_NANOS.get(unit);
      return new BigDecimal(amount).multiply(unitNanos);
    }
    String range = unit + " TO " + lastUnit;
    int first = UNITS.indexOf(unit);
    int last = UNITS.indexOf(lastUnit);
    if (first < 0 || last < first || !amount.matches("[+-]?[\\d :.]{1,40}")) {
      throw unreadable(cursor, position, amount, range);
    }
    String[] parts = amount.replaceFirst("^[+-]", "").split(first == 0 ? "[ :]+" : ":");
    if (parts.length != last - first + 1) {
      throw unreadable(cursor, position, amount, range);
    }
    BigDecimal sum = BigDecimal.ZERO;
    for (int i = 0; i < parts.length; i++) {
      boolean seconds = first + i == 3;
      if (!parts[i].matches(seconds ? "\\d{1,18}(\\.\\d{1,18})?" : "\\d{1,18}")) {
        throw unreadable(cursor, position, amount, range);
      }
      sum = sum.add(new BigDecimal(parts[i]).multiply(UNIT_NANOS.get(first + i)));
    }
    return amount.startsWith("-") ? sum.negate() : sum;
  }

  private static Duration duration(TokenCursor cursor, SourcePosition place, BigDecimal nanos) {
    BigDecimal whole = nanos.setScale(0, RoundingMode.HALF_UP);
    if (whole.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw cursor.error(ErrorCode.INVALID_OPTION, place, "The interval exceeds 292 years.");
    }
    return Duration.ofNanos(whole.longValueExact());
  }

  private static LaminarException unreadable(
      TokenCursor cursor, SourcePosition position, String amount, String unit) {
    return cursor.error(
        ErrorCode.SYNTAX_ERROR, position, "'" + amount + "' is no interval of " + unit + ".");
  }
}
