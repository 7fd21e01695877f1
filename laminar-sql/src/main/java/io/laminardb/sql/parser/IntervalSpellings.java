package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns spellings of intervals that the grammar lacks into ones it has:
 *
 * <ul>
 *   <li>{@code INTERVAL '5' MILLISECOND} is {@code INTERVAL '0.005' SECOND};
 *   <li>{@code INTERVAL 5 MINUTES} is {@code INTERVAL '5' MINUTES};
 *   <li>{@code INTERVAL '1 hour 30 minutes'} is {@code INTERVAL '5400' SECOND}.
 * </ul>
 */
final class IntervalSpellings {
  private static final Pattern PART =
      Pattern.compile("\\G\\s*([+-]?(?:\\d{1,15}(?:\\.\\d{1,9})?))\\s*([a-zA-Z]+)(?:\\s*,)?\\s*");

  private static final Map<String, BigDecimal> SECONDS =
      Map.ofEntries(
          Map.entry("MICROSECOND", new BigDecimal("0.000001")),
          Map.entry("MILLISECOND", new BigDecimal("0.001")),
          Map.entry("MS", new BigDecimal("0.001")),
          Map.entry("SECOND", BigDecimal.ONE),
          Map.entry("SEC", BigDecimal.ONE),
          Map.entry("S", BigDecimal.ONE),
          Map.entry("MINUTE", BigDecimal.valueOf(60)),
          Map.entry("MIN", BigDecimal.valueOf(60)),
          Map.entry("HOUR", BigDecimal.valueOf(3_600)),
          Map.entry("H", BigDecimal.valueOf(3_600)),
          Map.entry("DAY", BigDecimal.valueOf(86_400)),
          Map.entry("D", BigDecimal.valueOf(86_400)),
          Map.entry("WEEK", BigDecimal.valueOf(604_800)));

  private static final Map<String, BigDecimal> MONTHS =
      Map.of(
          "MONTH",
          BigDecimal.ONE,
          "MON",
          BigDecimal.ONE,
          "QUARTER",
          BigDecimal.valueOf(3),
          "YEAR",
          BigDecimal.valueOf(12));

  private IntervalSpellings() {}

  /** What a text such as {@code 1 day 2 hours} says: months and seconds, or whole days alone. */
  record Length(BigDecimal months, BigDecimal seconds, boolean inDays) {}

  /** The length a text says in words; null for a text that has none. */
  static Length ofText(String text) {
    Matcher part = PART.matcher(text);
    BigDecimal months = BigDecimal.ZERO;
    BigDecimal seconds = BigDecimal.ZERO;
    boolean inDays = true;
    int end = 0;
    while (part.find()) {
      BigDecimal amount = new BigDecimal(part.group(1));
      String unit = singular(part.group(2));
      if (MONTHS.containsKey(unit)) {
        months = months.add(amount.multiply(MONTHS.get(unit)));
      } else if (SECONDS.containsKey(unit)) {
        seconds = seconds.add(amount.multiply(SECONDS.get(unit)));
        inDays &= unit.startsWith("D") || unit.equals("WEEK");
      } else {
        return null;
      }
      end = part.end();
    }
    inDays &= seconds.remainder(SECONDS.get("DAY")).signum() == 0;
    return end == 0 || end < text.length() ? null : new Length(months, seconds, inDays);
  }

  /**
   * Adds the interval that begins at {@code interval} to {@code out}, as far as it has to be spelled
   * another way.
   *
   * @return how many tokens behind INTERVAL are done
   */
  static int add(List<SqlToken> tokens, int interval, List<SqlToken> out, String sql) {
    out.add(tokens.get(interval));
    int at = interval + 1;
    if (kind(tokens, at) == MINUS || kind(tokens, at) == PLUS) {
      at++;
    }
    if (at >= tokens.size()) {
      return 0;
    }
    SqlToken amount = tokens.get(at);
    String unit = at + 1 < tokens.size() ? singular(tokens.get(at + 1).image) : "";
    boolean isText = amount.kind == QUOTED_STRING;
    boolean isNumber =
        amount.kind == UNSIGNED_INTEGER_LITERAL || amount.kind == DECIMAL_NUMERIC_LITERAL;
    String text =
        isText ? amount.image.substring(1, amount.image.length() - 1).trim() : amount.image;
    if (at > interval + 1 && (isText || isNumber)) {
      out.add(tokens.get(at - 1));
    }
    int signs = out.get(out.size() - 1) == tokens.get(interval) ? 0 : 1;
    if (unit.equals("MILLISECOND") || unit.equals("MICROSECOND")) {
      if (isText && text.matches("[+-]?\\d{1,15}") || isNumber) {
        String seconds = plain(new BigDecimal(text).multiply(SECONDS.get(unit)));
        out.add(amount.copy(QUOTED_STRING, "'" + seconds + "'"));
        out.add(tokens.get(at + 1).copy(SECOND, "SECOND"));
        return at + 1 - interval;
      }
      return signs;
    }
    if (isNumber) {
      out.add(amount.copy(QUOTED_STRING, "'" + text + "'"));
      return at - interval;
    }
    Length length = isText ? ofText(text) : null;
    if (length == null) {
      return signs;
    }
    if (length.months().signum() != 0 && length.seconds().signum() != 0) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "an interval of months and of days or less is not supported.")
          .at(amount.position())
          .mend("Write two of them: t + INTERVAL '1 month' + INTERVAL '2 days'.")
          .in(sql);
    }
    if (length.months().signum() != 0) {
      out.add(amount.copy(QUOTED_STRING, "'" + plain(length.months()) + "'"));
      out.add(amount.copy(MONTH, "MONTH"));
    } else if (length.inDays()) {
      BigDecimal days = length.seconds().divide(SECONDS.get("DAY"));
      out.add(amount.copy(QUOTED_STRING, "'" + plain(days) + "'"));
      out.add(amount.copy(DAY, "DAY"));
    } else {
      out.add(amount.copy(QUOTED_STRING, "'" + plain(length.seconds()) + "'"));
      out.add(amount.copy(SECOND, "SECOND"));
    }
    return at - interval;
  }

  private static String plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }

  private static String singular(String unit) {
    String word = unit.toUpperCase(Locale.ROOT);
    return word.length() > 2 && word.endsWith("S") ? word.substring(0, word.length() - 1) : word;
  }

  private static int kind(List<SqlToken> tokens, int i) {
    return i < tokens.size() ? tokens.get(i).kind : EOF;
  }
}
