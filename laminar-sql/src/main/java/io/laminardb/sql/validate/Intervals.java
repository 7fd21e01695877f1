package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.apache.calcite.avatica.util.TimeUnit;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlIntervalLiteral.IntervalValue;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlNode;

/** INTERVAL literals as nanoseconds. */
public final class Intervals {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Intervals() {}

  /**
   * The length of a positive or zero INTERVAL literal.
   *
   * @param what the clause, for messages
   * @throws LaminarException with {@code code} for anything else
   */
  public static long nanos(SqlNode node, ErrorCode code, String what) {
    long nanos = signedNanos(node, code, what);
    if (nanos < 0) {
      throw Positions.error(code, node, what + " must not be negative.")
          .mend("Write it as INTERVAL '1' MINUTE.");
    }
    return nanos;
  }

  /** As {@link #nanos}, of either sign. */
  static long signedNanos(SqlNode node, ErrorCode code, String what) {
    if (!(node instanceof SqlIntervalLiteral literal)) {
      throw Positions.error(code, node, what + " must be an INTERVAL literal, is " + node + ".")
          .mend("Write it as INTERVAL '1' MINUTE.");
    }
    IntervalValue value = literal.getValueAs(IntervalValue.class);
    BigDecimal nanos = exactNanos(value, node, code, what);
    if (value.getSign() < 0) {
      nanos = nanos.negate();
    }
    try {
      return nanos.longValueExact();
    } catch (ArithmeticException e) {
      throw Positions.error(code, node, what + " is finer than nanoseconds or beyond 292 years.")
          .mend("Choose a length between.");
    }
  }

  private static BigDecimal exactNanos(
      IntervalValue value, SqlNode node, ErrorCode code, String what) {
    SqlIntervalQualifier qualifier = value.getIntervalQualifier();
    TimeUnit start = qualifier.getStartUnit();
    try {
      if (qualifier.getEndUnit() == null || qualifier.getEndUnit() == start) {
        BigDecimal count = new BigDecimal(value.getIntervalLiteral().trim());
        return count.multiply(BigDecimal.valueOf(unitNanos(start, node, code, what)));
      }
      unitNanos(start, node, code, what);
      return compound(value.getIntervalLiteral().trim(), start);
    } catch (NumberFormatException e) {
      throw Positions.error(
              code, node, "'" + value.getIntervalLiteral() + "' is not a number of " + start + "S.")
          .mend("Write it as INTERVAL '1' " + start + ".");
    }
  }

  /** Such as {@code 1 02:03:04.5} from DAY, or {@code 03:04.5} from MINUTE. */
  private static BigDecimal compound(String text, TimeUnit start) {
    String[] parts = text.split("[ :]+");
    TimeUnit[] units = {TimeUnit.DAY, TimeUnit.HOUR, TimeUnit.MINUTE, TimeUnit.SECOND};
    int unit = 0;
    while (units[unit] != start) {
      unit++;
    }
    BigDecimal nanos = BigDecimal.ZERO;
    for (String part : parts) {
      if (unit == units.length) {
        throw new NumberFormatException(text);
      }
      nanos =
          nanos.add(
              new BigDecimal(part)
                  .multiply(BigDecimal.valueOf(unitNanos(units[unit++], null, null, null))));
    }
    return nanos;
  }

  private static long unitNanos(TimeUnit unit, SqlNode node, ErrorCode code, String what) {
    return switch (unit) {
      case WEEK -> 7 * 86_400 * NANOS_PER_SECOND;
      case DAY -> 86_400 * NANOS_PER_SECOND;
      case HOUR -> 3_600 * NANOS_PER_SECOND;
      case MINUTE -> 60 * NANOS_PER_SECOND;
      case SECOND -> NANOS_PER_SECOND;
      case MILLISECOND -> 1_000_000L;
      case MICROSECOND -> 1_000L;
      case NANOSECOND -> 1L;
      default ->
          throw Positions.error(code, node, what + " has a length that varies: a " + unit + ".")
              .mend("Use DAY, HOUR, MINUTE or SECOND.");
    };
  }

  /** {@code 90 SECONDS} and the like: the greatest unit that divides. */
  public static String text(long nanos) {
    long[] lengths = {
      86_400 * NANOS_PER_SECOND, 3_600 * NANOS_PER_SECOND, 60 * NANOS_PER_SECOND, NANOS_PER_SECOND
    };
    String[] units = {"DAY", "HOUR", "MINUTE", "SECOND"};
    for (int i = 0; i < lengths.length; i++) {
      if (nanos != 0 && nanos % lengths[i] == 0) {
        return nanos / lengths[i] + " " + units[i];
      }
    }
    return BigDecimal.valueOf(nanos)
            .divide(BigDecimal.valueOf(NANOS_PER_SECOND), 9, RoundingMode.UNNECESSARY)
            .stripTrailingZeros()
            .toPlainString()
        + " SECOND";
  }
}
