package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/**
 * Times as texts of ISO 8601: {@code 2024-02-29 12:30:00.25}. Written without trailing zeros behind
 * the point, read with a blank or a T between date and time, and with an offset such as Z or +02:00.
 */
public final class TimeTexts {
  private static final long MICROS = 1_000_000;

  private TimeTexts() {}

  public static Utf8 date(Utf8Buffer buffer, int days) {
    long start = buffer.reserve(40);
    buffer.length = (int) (putDate(start, days) - start);
    return buffer;
  }

  public static Utf8 time(Utf8Buffer buffer, long micros, int precision) {
    long start = buffer.reserve(40);
    long at = putTime(start, micros / MICROS);
    buffer.length = (int) (putFraction(at, micros % MICROS, 6) - start);
    return buffer;
  }

  public static Utf8 timestamp(Utf8Buffer buffer, long value, long unitsPerSecond, int precision) {
    long start = buffer.reserve(48);
    long seconds = Math.floorDiv(value, unitsPerSecond);
    long at = putDate(start, Math.floorDiv(seconds, Calendar.SECONDS_PER_DAY));
    at = put(at, ' ');
    at = putTime(at, Math.floorMod(seconds, Calendar.SECONDS_PER_DAY));
    int digits = unitsPerSecond == 1000 ? 3 : unitsPerSecond == MICROS ? 6 : 9;
    at = putFraction(at, Math.floorMod(value, unitsPerSecond), digits);
    buffer.length = (int) (at - start);
    return buffer;
  }

  private static long put(long at, char c) {
    Memory.putByte(at, (byte) c);
    return at + 1;
  }

  private static long putDate(long start, long days) {
    long date = Calendar.date(days);
    long year = Calendar.year(date);
    long at = year < 0 ? put(start, '-') : start;
    long size = Math.abs(year);
    int width = 4;
    for (long limit = 10_000; size >= limit && width < 12; limit *= 10) {
      width++;
    }
    at = putDigits(at, size, width);
    at = putDigits(put(at, '-'), Calendar.month(date), 2);
    return putDigits(put(at, '-'), Calendar.day(date), 2);
  }

  private static long putTime(long start, long second) {
    long at = putDigits(start, second / 3600, 2);
    at = putDigits(put(at, ':'), second / 60 % 60, 2);
    return putDigits(put(at, ':'), second % 60, 2);
  }

  private static long putFraction(long start, long fraction, int digits) {
    if (fraction == 0) {
      return start;
    }
    long value = fraction;
    int width = digits;
    while (value % 10 == 0) {
      value /= 10;
      width--;
    }
    return putDigits(put(start, '.'), value, width);
  }

  private static long putDigits(long start, long value, int width) {
    long rest = value;
    for (int i = width - 1; i >= 0; i--) {
      Memory.putByte(start + i, (byte) ('0' + rest % 10));
      rest /= 10;
    }
    return start + width;
  }

  /** The date of a text; a time behind it is read and left out. */
  public static int toDate(Utf8 text) {
    TimeReader reader = new TimeReader(text.toString(), "DATE");
    long days = reader.date();
    reader.optionalTime();
    reader.end();
    return (int) days;
  }

  /** Whether an offset such as Z or +02:00 stands behind the date of a text. */
  public static boolean hasOffset(Utf8 text) {
    boolean digits = false;
    int signs = 0;
    for (int i = 0; i < text.length; i++) {
      byte c = Memory.getByte(text.address + i);
      if (c == 'Z' || c == 'z' || c == 'U' || c == '+') {
        return digits;
      }
      signs += c == '-' && digits ? 1 : 0; // one before the date is that of the year
      digits |= c >= '0' && c <= '9';
    }
    return signs > 2;
  }

  public static long toTime(Utf8 text) {
    TimeReader reader = new TimeReader(text.toString(), "TIME");
    long nanos = reader.time();
    reader.end();
    return nanos / 1000;
  }

  public static long toTimestamp(Utf8 text, long unitsPerSecond) {
    TimeReader reader = new TimeReader(text.toString(), "TIMESTAMP");
    long days = reader.date();
    long nanos = reader.optionalTime();
    long offset = reader.offset();
    reader.end();
    long seconds = days * Calendar.SECONDS_PER_DAY + Math.floorDiv(nanos, 1_000_000_000L) - offset;
    long units = seconds * unitsPerSecond;
    if (Math.multiplyHigh(seconds, unitsPerSecond) != units >> 63) {
      throw Failures.cast(text, "TIMESTAMP");
    }
    return units + Math.floorMod(nanos, 1_000_000_000L) / (1_000_000_000L / unitsPerSecond);
  }
}
