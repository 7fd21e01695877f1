package io.laminardb.core.operator.scalar;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import io.laminardb.core.state.Keys;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** What stands between generated code and {@link UserFunction}s: values of Java and back. */
public final class UserCalls {
  private static final int INLINE_BYTES = Keys.INLINE_BYTES;
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private UserCalls() {}

  /** The error of a row for which a function has failed. */
  public static LaminarException failed(String function, Exception cause) {
    return new LaminarException(
        ErrorCode.EXPRESSION_FAILED, "function " + function + " failed: " + cause + ".", cause);
  }

  public static byte[] bytes(Utf8 value) {
    byte[] bytes = new byte[value.length];
    Memory.copyToHeap(value.address, bytes, 0, value.length);
    return bytes;
  }

  /** The text that a view stands for. */
  public static String text(long head, long tail) {
    return new String(bytes(head, tail), StandardCharsets.UTF_8);
  }

  /** The bytes that a view stands for. */
  public static byte[] bytes(long head, long tail) {
    byte[] bytes = new byte[(int) head];
    if (bytes.length > INLINE_BYTES) {
      Memory.copyToHeap(tail, bytes, 0, bytes.length);
      return bytes;
    }
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i < 4 ? head >>> 32 + 8 * i : tail >>> 8 * (i - 4));
    }
    return bytes;
  }

  public static LocalDate date(int days) {
    return LocalDate.ofEpochDay(days);
  }

  public static LocalDateTime dateTime(long value, long unitsPerSecond) {
    return LocalDateTime.ofInstant(instant(value, unitsPerSecond), ZoneOffset.UTC);
  }

  public static Instant instant(long value, long unitsPerSecond) {
    return Instant.ofEpochSecond(
        Math.floorDiv(value, unitsPerSecond),
        Math.floorMod(value, unitsPerSecond) * (NANOS_PER_SECOND / unitsPerSecond));
  }

  /** Null for null. */
  public static Utf8 text(Utf8Buffer buffer, String value) {
    return value == null ? null : buffer.setString(value);
  }

  /** Null for null. */
  public static Utf8 bytes(Utf8Buffer buffer, byte[] value) {
    return value == null ? null : buffer.setBytes(value);
  }

  /** Null for null; rounded half away from zero. */
  public static BigDecimal decimal(BigDecimal value, int precision, int scale) {
    return value == null
        ? null
        : Decimals.fit(value.setScale(scale, RoundingMode.HALF_UP), precision, scale);
  }

  public static int days(LocalDate value) {
    return Math.toIntExact(value.toEpochDay());
  }

  public static long micros(LocalDateTime value) {
    return micros(value.toInstant(ZoneOffset.UTC));
  }

  public static long micros(Instant value) {
    return Math.addExact(
        Math.multiplyExact(value.getEpochSecond(), MICROS_PER_SECOND), value.getNano() / 1000);
  }
}
