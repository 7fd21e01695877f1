package io.laminardb.core.batch.text;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.memory.Memory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A growing run of bytes that values are appended to as text. {@link TextParser} reads back the same
 * value. Once it has grown to its largest content it allocates nothing, but for a DOUBLE of more than
 * 15 digits and a DECIMAL beyond 64 bits.
 */
public final class TextWriter {
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes;
  private int length;

  public TextWriter() {
    this(1024);
  }

  public TextWriter(int capacity) {
    bytes = new byte[capacity];
  }

  /** What was appended starts at index 0 and is {@link #length} long; replaced when it grows. */
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  /** Forgets what was appended behind {@code newLength}. */
  public void truncate(int newLength) {
    length = newLength;
  }

  public void clear() {
    length = 0;
  }

  public TextWriter appendByte(int ascii) {
    reserve(1);
    bytes[length++] = (byte) ascii;
    return this;
  }

  public TextWriter appendString(String text) {
    return appendUtf8(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends bytes as they are. */
  public TextWriter appendUtf8(byte[] utf8) {
    reserve(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
    return this;
  }

  /** Appends bytes from off the heap. */
  public TextWriter appendBytes(long address, int count) {
    reserve(count);
    Memory.copyToHeap(address, bytes, length, count);
    length += count;
    return this;
  }

  /** Appends bytes from off the heap as pairs of hexadecimal digits. */
  public TextWriter appendHex(long address, int count) {
    reserve(Math.multiplyExact(count, 2));
    for (int i = 0; i < count; i++) {
      int b = Memory.getByte(address + i) & 0xff;
      bytes[length++] = (byte) Character.forDigit(b >> 4, 16);
      bytes[length++] = (byte) Character.forDigit(b & 15, 16);
    }
    return this;
  }

  /** Appends bytes as pairs of hexadecimal digits. */
  TextWriter appendHex(byte[] binary) {
    for (byte b : binary) {
      appendByte(Character.forDigit(b >> 4 & 15, 16)).appendByte(Character.forDigit(b & 15, 16));
    }
    return this;
  }

  public TextWriter appendBoolean(boolean value) {
    return appendUtf8(value ? TRUE : FALSE);
  }

  public TextWriter appendLong(long value) {
    reserve(20);
    if (value < 0) {
      bytes[length++] = '-';
    }
    int start = length;
    long rest = value < 0 ? value : -value; // that side reaches one further
    do {
      bytes[length++] = (byte) ('0' - rest % 10);
      rest /= 10;
    } while (rest != 0);
    reverse(start, length - 1);
    return this;
  }

  /** The shortest text that reads back as the same DOUBLE; {@code NaN, Infinity, -Infinity}. */
  public TextWriter appendDouble(double value) {
    double magnitude = Math.abs(value);
    double power = 1;
    for (int places = 0; places <= 15 && magnitude < 1e15; places++, power *= 10) {
      double scaled = Math.rint(magnitude * power);
      if (scaled >= 1L << 53) {
        break;
      }
      if (scaled / power == magnitude) {
        if (value < 0 || (value == 0 && 1 / value < 0)) {
          appendByte('-');
        }
        return places == 0
            ? appendLong((long) scaled).appendByte('.').appendByte('0')
            : appendScaled((long) scaled, places);
      }
    }
    return appendString(Double.toString(value));
  }

  /** The shortest text that reads back as the same REAL. */
  public TextWriter appendFloat(float value) {
    if (value == (int) value && Math.abs(value) < 1 << 24 && (value != 0 || 1 / value > 0)) {
      return appendLong((int) value).appendByte('.').appendByte('0');
    }
    return appendString(Float.toString(value));
  }

  /** Appends the unscaled value {@code (high, low)} with {@code scale} digits behind the point. */
  public TextWriter appendDecimal(long low, long high, int scale) {
    if (high == low >> 63 && low != Long.MIN_VALUE) {
      if (low < 0) {
        appendByte('-');
      }
      return scale == 0 ? appendLong(Math.abs(low)) : appendScaled(Math.abs(low), scale);
    }
    byte[] bigEndian = new byte[16];
    for (int i = 0; i < 8; i++) {
      bigEndian[i] = (byte) (high >> (56 - 8 * i));
      bigEndian[8 + i] = (byte) (low >> (56 - 8 * i));
    }
    return appendString(new BigDecimal(new BigInteger(bigEndian), scale).toPlainString());
  }

  /** {@code yyyy-mm-dd}; years before 0 and behind 9999 with a sign. */
  public TextWriter appendDate(long epochDay) {
    // The inverse of TextParser.epochDay: years begin in March.
    long shifted = epochDay + 719_468;
    long era = Math.floorDiv(shifted, 146_097L);
    long dayOfEra = shifted - era * 146_097;
    long yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long marchMonth = (5 * dayOfYear + 2) / 153;
    long day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
    long month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    long year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    if (year < 0 || year > 9999) {
      appendByte(year < 0 ? '-' : '+');
    }
    long absolute = Math.abs(year);
    appendDigits(absolute, absolute > 99_999 ? 6 : absolute > 9999 ? 5 : 4);
    appendByte('-');
    appendDigits(month, 2);
    appendByte('-');
    return appendDigits(day, 2);
  }

  /** {@code hh:mm:ss} and, with a precision, a point and that many digits. */
  public TextWriter appendTime(long microOfDay, int precision) {
    return appendTimeOfDay(microOfDay * 1000, precision);
  }

  /**
   * {@code yyyy-mm-ddThh:mm:ss[.fraction]}, with a {@code Z} behind it for WITH LOCAL TIME ZONE.
   *
   * @param value in {@code type}'s unit
   * @param separator the character between date and time
   */
  public TextWriter appendTimestamp(long value, DataType type, char separator) {
    long unitsPerDay = 86_400_000_000_000L / type.nanosPerUnit();
    long day = Math.floorDiv(value, unitsPerDay);
    appendDate(day);
    appendByte(separator);
    appendTimeOfDay((value - day * unitsPerDay) * type.nanosPerUnit(), type.precision());
    return type.kind() == DataType.Kind.TIMESTAMP_LTZ ? appendByte('Z') : this;
  }

  private TextWriter appendTimeOfDay(long nanoOfDay, int precision) {
    long seconds = nanoOfDay / 1_000_000_000;
    appendDigits(seconds / 3600, 2);
    appendByte(':');
    appendDigits(seconds / 60 % 60, 2);
    appendByte(':');
    appendDigits(seconds % 60, 2);
    if (precision > 0) {
      long fraction = nanoOfDay % 1_000_000_000;
      for (int i = precision; i < 9; i++) {
        fraction /= 10;
      }
      appendByte('.');
      appendDigits(fraction, precision);
    }
    return this;
  }

  /** A whole number with a point before its last {@code scale >= 1} digits. */
  private TextWriter appendScaled(long magnitude, int scale) {
    int start = length;
    appendLong(magnitude);
    int missing = scale + 1 - (length - start);
    if (missing > 0) {
      reserve(missing);
      System.arraycopy(bytes, start, bytes, start + missing, length - start);
      Arrays.fill(bytes, start, start + missing, (byte) '0');
      length += missing;
    }
    reserve(1);
    int point = length - scale;
    System.arraycopy(bytes, point, bytes, point + 1, scale);
    bytes[point] = '.';
    length++;
    return this;
  }

  private TextWriter appendDigits(long value, int count) {
    reserve(count);
    long rest = value;
    for (int i = length + count - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += count;
    return this;
  }

  /** Puts what was appended since {@code start} in quotes, doubling the {@code count} in it. */
  void quoteFrom(int start, int count, byte quote) {
    int end = length;
    reserve(count + 2);
    length = end + count + 2;
    int to = length - 1;
    bytes[to--] = quote;
    for (int i = end - 1; i >= start; i--) {
      bytes[to--] = bytes[i];
      if (bytes[i] == quote) {
        bytes[to--] = quote;
      }
    }
    bytes[start] = quote;
  }

  /** Puts blanks before what was appended since {@code start}. */
  void padLeft(int start, int count) {
    reserve(count);
    System.arraycopy(bytes, start, bytes, start + count, length - start);
    Arrays.fill(bytes, start, start + count, (byte) ' ');
    length += count;
  }

  /** Appends blanks. */
  void pad(int count) {
    padLeft(length, count);
  }

  private void reverse(int first, int last) {
    for (int i = first, j = last; i < j; i++, j--) {
      byte swapped = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = swapped;
    }
  }

  private void reserve(int more) {
    if (length + (long) more > bytes.length) {
      long wanted = Math.max(bytes.length * 2L, length + (long) more);
      bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
    }
  }

  /** What was appended, as a Java string. */
  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
