package io.laminardb.core.batch.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.DataType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextTest {
  private final long seed = Long.getLong("laminar.seed", 20_261_123);
  private final Random random = new Random(seed);
  private final TextParser parser = new TextParser();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private boolean parses(Kind kind, String text) {
    byte[] bytes = bytes("<" + text + ">");
    int to = bytes.length - 1;
    return switch (kind) {
      case LONG -> parser.parseLong(bytes, 1, to);
      case DOUBLE -> parser.parseDouble(bytes, 1, to);
      case BOOLEAN -> parser.parseBoolean(bytes, 1, to);
      case DATE -> parser.parseDate(bytes, 1, to);
      case TIME -> parser.parseTime(bytes, 1, to);
      case MILLIS -> parser.parseTimestamp(bytes, 1, to, DataType.timestamp(3));
      case NANOS -> parser.parseTimestamp(bytes, 1, to, DataType.timestamp(9));
      case DECIMAL -> parser.parseDecimal(bytes, 1, to, DataType.decimal(6, 2));
    };
  }

  private enum Kind {
    LONG,
    DOUBLE,
    BOOLEAN,
    DATE,
    TIME,
    MILLIS,
    NANOS,
    DECIMAL
  }

  private void refuses(Kind kind, String... texts) {
    for (String text : texts) {
      assertThat(parses(kind, text)).as(kind + " " + text).isFalse();
    }
  }

  @Test
  void integersReadBackUpToTheirLimits() {
    long[] edges = {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE / 10, 1L << 62};
    for (int i = 0; i < 100_000; i++) {
      long value = i < edges.length ? edges[i] : random.nextLong() >> random.nextInt(64);
      String text = new TextWriter(1).appendLong(value).toString();
      assertThat(text).isEqualTo(Long.toString(value));
      assertThat(parses(Kind.LONG, text)).as(text).isTrue();
      assertThat(parser.longValue).isEqualTo(value);
    }
    assertThat(parses(Kind.LONG, "+0000000000000000000000000042")).isTrue();
    assertThat(parser.longValue).isEqualTo(42);
    refuses(
        Kind.LONG,
        "",
        "-",
        "+",
        "1.0",
        " 1",
        "1 ",
        "1x",
        "0x1",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "--1");
  }

  @Test
  void doublesReadBackBitForBit() {
    for (int i = 0; i < 200_000; i++) {
      double value =
          switch (i % 4) {
            case 0 -> Double.longBitsToDouble(random.nextLong());
            case 1 -> random.nextInt(2_000_000) / 100.0;
            case 2 -> (random.nextLong() >> random.nextInt(64)) / Math.pow(10, random.nextInt(12));
            default -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
          };
      String text = new TextWriter().appendDouble(value).toString();
      assertThat(Double.valueOf(text)).as("seed " + seed).isEqualTo(Double.valueOf(value));
      assertThat(parses(Kind.DOUBLE, text)).as(text).isTrue();
      assertThat(Double.doubleToLongBits(parser.doubleValue))
          .as("seed " + seed + ", " + text)
          .isEqualTo(Double.doubleToLongBits(value));
    }
  }

  @Test
  void doublesOfAnyDigitsAreReadAsTheJdkReadsThem() {
    for (int i = 0; i < 200_000; i++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
      digits(text, random.nextInt(25));
      text.append(random.nextBoolean() ? "." : "");
      digits(text, 1 + random.nextInt(25));
      if (random.nextInt(3) == 0) {
        text.append("e").append(random.nextInt(700) - 350);
      }
      assertThat(parses(Kind.DOUBLE, text.toString())).as(text.toString()).isTrue();
      assertThat(parser.doubleValue)
          .as("seed " + seed + ", " + text)
          .isEqualTo(Double.parseDouble(text.toString()));
    }
    refuses(Kind.DOUBLE, "", ".", "-", "e5", "1e", "1.2.3", "abc", "1f", "0x1p3", "nano");
    assertThat(parses(Kind.DOUBLE, "-Infinity")).isTrue();
    assertThat(parser.doubleValue).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(parses(Kind.DOUBLE, "1e99999999999")).isTrue();
    assertThat(parser.doubleValue).isInfinite();
  }

  private void digits(StringBuilder text, int count) {
    for (int i = 0; i < count; i++) {
      text.append((char) ('0' + (random.nextInt(3) == 0 ? 0 : random.nextInt(10))));
    }
  }

  @Test
  void decimalsAreRoundedAndCheckedAsBigDecimalDoes() {
    for (int i = 0; i < 200_000; i++) {
      int precision = 1 + random.nextInt(38);
      DataType type = DataType.decimal(precision, random.nextInt(precision + 1));
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
      digits(text, 1 + random.nextInt(precision));
      text.append('.');
      digits(text, random.nextInt(40));
      BigDecimal expected =
          new BigDecimal(text.toString()).setScale(type.scale(), RoundingMode.HALF_UP);
      byte[] bytes = bytes(text.toString());
      boolean fits = expected.precision() <= precision || expected.signum() == 0;
      String what = "seed " + seed + ", " + text + " as " + type;
      assertThat(parser.parseDecimal(bytes, 0, bytes.length, type)).as(what).isEqualTo(fits);
      if (fits) {
        BigInteger unscaled = expected.unscaledValue();
        assertThat(parser.decimalLow).as(what).isEqualTo(unscaled.longValue());
        assertThat(parser.decimalHigh).as(what).isEqualTo(unscaled.shiftRight(64).longValue());
        assertThat(
                new TextWriter()
                    .appendDecimal(parser.decimalLow, parser.decimalHigh, type.scale())
                    .toString())
            .as(what)
            .isEqualTo(expected.toPlainString());
      }
    }
    refuses(Kind.DECIMAL, "", ".", "-", "1e3", "12345", "9999.995");
  }

  @Test
  void datesAndTimesAreThoseOfTheCalendar() {
    for (int i = 0; i < 100_000; i++) {
      long nanos = random.nextLong();
      LocalDateTime time =
          LocalDateTime.ofEpochSecond(
              Math.floorDiv(nanos, 1_000_000_000L),
              (int) Math.floorMod(nanos, 1_000_000_000L),
              ZoneOffset.UTC);
      String text = new TextWriter().appendTimestamp(nanos, DataType.timestamp(9), 'T').toString();
      assertThat(LocalDateTime.parse(text)).as("seed " + seed).isEqualTo(time);
      assertThat(parses(Kind.NANOS, text.replace('T', ' '))).as(text).isTrue();
      assertThat(parser.longValue).as(text).isEqualTo(nanos);

      long day = random.nextInt(8_000_000) - 4_000_000L;
      String date = new TextWriter().appendDate(day).toString();
      assertThat(date).isEqualTo(LocalDate.ofEpochDay(day).toString());
      assertThat(parses(Kind.DATE, date)).as(date).isTrue();
      assertThat(parser.longValue).as(date).isEqualTo(day);
    }
  }

  @Test
  void timestampsComeInTheFormsOfIso8601() {
    String[] same = {
      "2024-02-29T12:30:15.5", "2024-02-29 12:30:15.500000000999", "2024-02-29T12:30:15,5Z",
      "2024-02-29T14:30:15.5+02:00", "2024-02-29T05:00:15.5-0730", "2024-02-29T13:30:15.5+01"
    };
    for (String text : same) {
      assertThat(parses(Kind.MILLIS, text)).as(text).isTrue();
      assertThat(parser.longValue).as(text).isEqualTo(1_709_209_815_500L);
    }
    refuses(
        Kind.MILLIS,
        "",
        "2024",
        "2024-02-30",
        "2023-02-29",
        "2024-13-01",
        "2024-00-01",
        "24-01-01",
        "2024-01-01T",
        "2024-01-01T24:00",
        "2024-01-01T10",
        "2024-01-01T10:60",
        "2024-1-1",
        "2024-01-01T10:00:60",
        "2024-01-01T10:00:00.",
        "2024-01-01T10:00+",
        "2024-01-01X10:00",
        "2024-01-01T10:00:00+2",
        "2024-01-01Z",
        "2024-01-01T10:00:00 Z",
        "2024-01-01T10:00:00+25:00");
    refuses(Kind.NANOS, "2300-01-01", "1600-01-01T00:00:00");
  }

  @Test
  void timesAndBooleansAreRead() {
    assertThat(parses(Kind.TIME, "23:59:59.999999")).isTrue();
    assertThat(parser.longValue).isEqualTo(86_399_999_999L);
    assertThat(new TextWriter().appendTime(parser.longValue, 3).toString())
        .isEqualTo("23:59:59.999");
    refuses(Kind.TIME, "", "1:00", "24:00", "12:61", "12:00:00Z", "12:0a");
    for (String yes : new String[] {"true", "TRUE", "t", "Yes", "y", "1"}) {
      assertThat(parses(Kind.BOOLEAN, yes)).as(yes).isTrue();
      assertThat(parser.longValue).isEqualTo(1);
    }
    for (String no : new String[] {"false", "F", "no", "N", "0"}) {
      assertThat(parses(Kind.BOOLEAN, no)).as(no).isTrue();
      assertThat(parser.longValue).isZero();
    }
    refuses(Kind.BOOLEAN, "", "2", "on", "tru", "truee", "\u0011");
  }
}
