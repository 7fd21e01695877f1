package io.laminardb.core.operator.scalar;

import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times in a given format, one way and the other. There are three languages of formats: that of
 * PostgreSQL for TO_CHAR and TO_TIMESTAMP ({@code YYYY-MM-DD HH24:MI:SS}, in any case, so that {@code
 * mm} is the month), that of Java for DATE_FORMAT ({@code yyyy-MM-dd HH:mm:ss}), and that of C for
 * STRFTIME and STRPTIME ({@code %Y-%m-%d %H:%M:%S}). Remembers the last format.
 */
public final class TimeFormat {
  private static final String[][] TO_CHAR = {
    {"HH24", "HH"},
    {"HH12", "hh"},
    {"HH", "hh"},
    {"MI", "mm"},
    {"SS", "ss"},
    {"MS", "SSS"},
    {"US", "SSSSSS"},
    {"FF3", "SSS"},
    {"FF6", "SSSSSS"},
    {"FF9", "SSSSSSSSS"},
    {"YYYY", "uuuu"},
    {"YY", "uu"},
    {"MONTH", "MMMM"},
    {"MON", "MMM"},
    {"MM", "MM"},
    {"DDD", "DDD"},
    {"DD", "dd"},
    {"DAY", "EEEE"},
    {"DY", "EEE"},
    {"ID", "e"},
    {"AM", "a"},
    {"PM", "a"},
    {"Q", "Q"},
    {"IW", "w"},
    {"IYYY", "Y"}
  };

  private static final Pattern FIELD = Pattern.compile("(\\w+)\\(([^,)]*)");
  private static final Set<String> COARSE =
      Set.of(
          "Year",
          "YearOfEra",
          "QuarterOfYear",
          "MonthOfYear",
          "DayOfMonth",
          "DayOfYear",
          "DayOfWeek",
          "AmPmOfDay",
          "HourOfDay",
          "ClockHourOfAmPm",
          "MinuteOfHour");

  private byte[] lastFormat;
  private char lastLanguage;
  private DateTimeFormatter formatter;
  private boolean isOfMinutes; // all times of a minute have the same text
  private long lastMinute;
  private String lastText; // of that minute, or null

  /** TO_CHAR. */
  public Utf8 toChar(Utf8Buffer buffer, long value, long unitsPerSecond, Utf8 format) {
    return format(buffer, value, unitsPerSecond, format, 'p');
  }

  /** DATE_FORMAT. */
  public Utf8 dateFormat(Utf8Buffer buffer, long value, long unitsPerSecond, Utf8 format) {
    return format(buffer, value, unitsPerSecond, format, 'j');
  }

  /** STRFTIME. */
  public Utf8 strftime(Utf8Buffer buffer, long value, long unitsPerSecond, Utf8 format) {
    return format(buffer, value, unitsPerSecond, format, 'c');
  }

  /** STRFTIME with its arguments the other way round. */
  public Utf8 strftime(Utf8Buffer buffer, Utf8 format, long value, long unitsPerSecond) {
    return format(buffer, value, unitsPerSecond, format, 'c');
  }

  /** FROM_UNIXTIME: seconds since the epoch in a format of Java. */
  public Utf8 fromUnixTime(Utf8Buffer buffer, long seconds, Utf8 format) {
    return format(buffer, seconds, 1, format, 'j');
  }

  /** TO_TIMESTAMP of a text: milliseconds since the epoch. */
  public long toTimestamp(Utf8 text, Utf8 format) {
    boolean java = isJava(format.toString());
    return parse(text, format, java ? 'j' : 'p');
  }

  /** UNIX_TIMESTAMP of a text in a format of Java: whole seconds since the epoch. */
  public long unixTime(Utf8 text, Utf8 format) {
    return Math.floorDiv(parse(text, format, 'j'), 1000L);
  }

  /** STRPTIME: milliseconds since the epoch. */
  public long strptime(Utf8 text, Utf8 format) {
    return parse(text, format, 'c');
  }

  /** TRY_STRPTIME: {@link Long#MIN_VALUE} for a text that is none of the format. */
  public long tryStrptime(Utf8 text, Utf8 format) {
    prepare(format, 'c');
    try {
      return parse(text, format, 'c');
    } catch (LaminarException notOfTheFormat) {
      return Long.MIN_VALUE;
    }
  }

  /** TO_DATE: days since the epoch. */
  public int toDate(Utf8 text, Utf8 format) {
    return (int) Math.floorDiv(toTimestamp(text, format), 86_400_000L);
  }

  /** Formats of Java mix cases: mm is a minute beside the MM of a month, yyyy is in small letters. */
  private static boolean isJava(String format) {
    return format.contains("yyyy") || format.contains("mm") && format.contains("HH");
  }

  private Utf8 format(
      Utf8Buffer buffer, long value, long unitsPerSecond, Utf8 format, char language) {
    prepare(format, language);
    long seconds = Math.floorDiv(value, unitsPerSecond);
    long minute = Math.floorDiv(seconds, 60L);
    if (lastText != null && minute == lastMinute) {
      return buffer.setString(lastText);
    }
    long nanos = Math.floorMod(value, unitsPerSecond) * (1_000_000_000L / unitsPerSecond);
    try {
      LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, (int) nanos, ZoneOffset.UTC);
      String text = formatter.format(time);
      lastText = isOfMinutes ? text : null;
      lastMinute = minute;
      return buffer.setString(text);
    } catch (DateTimeException e) {
      throw Failures.argument("the format '" + format + "' cannot write this time.");
    }
  }

  private long parse(Utf8 text, Utf8 format, char language) {
    prepare(format, language);
    try {
      TemporalAccessor parsed = formatter.parse(text.toString().strip());
      LocalDate date = parsed.query(TemporalQueries.localDate());
      if (date == null) {
        int year = parsed.isSupported(ChronoField.YEAR) ? parsed.get(ChronoField.YEAR) : 1970;
        int month =
            parsed.isSupported(ChronoField.MONTH_OF_YEAR)
                ? parsed.get(ChronoField.MONTH_OF_YEAR)
                : 1;
        int day =
            parsed.isSupported(ChronoField.DAY_OF_MONTH) ? parsed.get(ChronoField.DAY_OF_MONTH) : 1;
        date = LocalDate.of(year, month, day);
      }
      long nanos =
          parsed.isSupported(ChronoField.NANO_OF_DAY) ? parsed.getLong(ChronoField.NANO_OF_DAY) : 0;
      long offset =
          parsed.isSupported(ChronoField.OFFSET_SECONDS)
              ? parsed.getLong(ChronoField.OFFSET_SECONDS)
              : 0;
      Instant instant =
          date.atStartOfDay(ZoneOffset.UTC).toInstant().plusNanos(nanos).minusSeconds(offset);
      return instant.toEpochMilli();
    } catch (DateTimeException e) {
      throw Failures.cast(text, "TIMESTAMP with the format '" + format + "'");
    }
  }

  private void prepare(Utf8 format, char language) {
    if (lastFormat != null && language == lastLanguage && LikePattern.same(lastFormat, format)) {
      return;
    }
    String pattern = format.toString();
    try {
      formatter =
          switch (language) {
            case 'j' -> DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
            case 'c' -> ofC(pattern);
            default -> ofPostgres(pattern);
          };
    } catch (IllegalArgumentException e) {
      throw Failures.argument(
          "'" + pattern + "' is not a format of times: " + e.getMessage() + ".");
    }
    formatter = formatter.withResolverStyle(ResolverStyle.SMART);
    isOfMinutes = isOfMinutes(formatter);
    lastText = null;
    lastFormat = LikePattern.bytes(format);
    lastLanguage = language;
  }

  /** Whether a formatter writes nothing finer than minutes, as far as its own text tells. */
  private static boolean isOfMinutes(DateTimeFormatter formatter) {
    Matcher fields = FIELD.matcher(formatter.toString());
    while (fields.find()) {
      boolean isCase = fields.group(1).equals("ParseCaseSensitive");
      boolean isField = fields.group(1).endsWith("Value") || fields.group(1).equals("Text");
      if (!isCase && !(isField && COARSE.contains(fields.group(2)))) {
        return false;
      }
    }
    return true;
  }

  private static DateTimeFormatter ofPostgres(String format) {
    DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
    for (int at = 0; at < format.length(); ) {
      if (format.charAt(at) == '"') {
        int end = format.indexOf('"', at + 1);
        end = end < 0 ? format.length() : end;
        builder.appendLiteral(format.substring(at + 1, end));
        at = end + 1;
        continue;
      }
      String[] field = null;
      for (String[] candidate : TO_CHAR) {
        boolean here = format.regionMatches(true, at, candidate[0], 0, candidate[0].length());
        if (here && (field == null || candidate[0].length() > field[0].length())) {
          field = candidate;
        }
      }
      if (field == null) {
        builder.appendLiteral(format.charAt(at++));
        continue;
      }
      append(builder, field[1]);
      at += field[0].length();
    }
    return builder.toFormatter(Locale.ENGLISH);
  }

  private static void append(DateTimeFormatterBuilder builder, String field) {
    switch (field) {
      case "e" -> builder.appendValue(ChronoField.DAY_OF_WEEK, 1);
      case "w" -> builder.appendValue(IsoFields.WEEK_OF_WEEK_BASED_YEAR, 2);
      case "Y" -> builder.appendValue(IsoFields.WEEK_BASED_YEAR, 4);
      default -> builder.appendPattern(field);
    }
  }

  private static DateTimeFormatter ofC(String format) {
    DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
    for (int at = 0; at < format.length(); at++) {
      char c = format.charAt(at);
      if (c != '%' || at + 1 == format.length()) {
        builder.appendLiteral(c);
        continue;
      }
      char field = format.charAt(++at);
      switch (field) {
        case 'Y' -> builder.appendPattern("uuuu");
        case 'y' -> builder.appendPattern("uu");
        case 'm' -> builder.appendPattern("MM");
        case 'd' -> builder.appendPattern("dd");
        case 'H' -> builder.appendPattern("HH");
        case 'I' -> builder.appendPattern("hh");
        case 'M' -> builder.appendPattern("mm");
        case 'S' -> builder.appendPattern("ss");
        case 'f' -> builder.appendPattern("SSSSSS");
        case 'g' -> builder.appendPattern("SSS");
        case 'n' -> builder.appendPattern("SSSSSSSSS");
        case 'p' -> builder.appendText(ChronoField.AMPM_OF_DAY, TextStyle.SHORT);
        case 'j' -> builder.appendPattern("DDD");
        case 'a' -> builder.appendPattern("EEE");
        case 'A' -> builder.appendPattern("EEEE");
        case 'b' -> builder.appendPattern("MMM");
        case 'B' -> builder.appendPattern("MMMM");
        case 'u' -> builder.appendValue(ChronoField.DAY_OF_WEEK, 1);
        case 'V' -> builder.appendValue(IsoFields.WEEK_OF_WEEK_BASED_YEAR, 2);
        case 'G' -> builder.appendValue(IsoFields.WEEK_BASED_YEAR, 4);
        case 'F' -> builder.appendPattern("uuuu-MM-dd");
        case 'T' -> builder.appendPattern("HH:mm:ss");
        case '%' -> builder.appendLiteral('%');
        default -> throw new IllegalArgumentException("%" + field + " is unknown");
      }
    }
    return builder.toFormatter(Locale.ENGLISH);
  }
}
