package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.over.Frame;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.sql.parser.MarkedNumbers;
import io.laminardb.sql.validate.Types;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexWindow;
import org.apache.calcite.rex.RexWindowBound;
import org.apache.calcite.sql.type.SqlTypeUtil;

/** Frames of Calcite's windows as ours. */
final class OverFrames {
  private static final long MILLIS_PER_DAY = 86_400_000L;

  private static final BigDecimal MOST_MONTHS = BigDecimal.valueOf(1_200_000);

  private static final BigInteger LONGEST = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger WIDEST = BigInteger.valueOf(Frame.Bound.FARTHEST).shiftLeft(64);

  private OverFrames() {}

  static Frame of(RexWindow window) {
    boolean groups = isOfGroups(window.getLowerBound()) || isOfGroups(window.getUpperBound());
    Frame.Unit unit =
        groups ? Frame.Unit.GROUPS : window.isRows() ? Frame.Unit.ROWS : Frame.Unit.RANGE;
    Frame.Bound end = bound(window.getUpperBound(), unit, window);
    if (end.months() != 0 && window.getLowerBound().isUnboundedPreceding()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "a frame that begins with the partition and ends at a distance of months is not"
                  + " supported.")
          .mend("Give it a beginning, or a number of days.");
    }
    return new Frame(
        unit,
        bound(window.getLowerBound(), unit, window),
        end,
        switch (window.getExclude()) {
          case EXCLUDE_NO_OTHER -> Frame.Exclusion.NO_OTHERS;
          case EXCLUDE_CURRENT_ROW -> Frame.Exclusion.CURRENT_ROW;
          case EXCLUDE_GROUP -> Frame.Exclusion.GROUP;
          case EXCLUDE_TIES -> Frame.Exclusion.TIES;
        });
  }

  /** Whether a distance is one of groups of peers, as the parser marks it. */
  private static boolean isOfGroups(RexWindowBound bound) {
    return bound.getOffset() instanceof RexLiteral literal
        && !literal.isNull()
        && literal.getValue() instanceof BigDecimal value
        && MarkedNumbers.isMarked(value);
  }

  private static Frame.Bound bound(RexWindowBound bound, Frame.Unit unit, RexWindow window) {
    if (bound.isUnboundedPreceding()) {
      return Frame.Bound.of(Frame.Kind.UNBOUNDED_PRECEDING);
    }
    if (bound.isUnboundedFollowing()) {
      return Frame.Bound.of(Frame.Kind.UNBOUNDED_FOLLOWING);
    }
    if (bound.isCurrentRow()) {
      return Frame.Bound.of(Frame.Kind.CURRENT_ROW);
    }
    Frame.Kind kind = bound.isPreceding() ? Frame.Kind.PRECEDING : Frame.Kind.FOLLOWING;
    if (!(bound.getOffset() instanceof RexLiteral literal) || literal.isNull()) {
      throw new LaminarException(ErrorCode.NOT_SUPPORTED, "the bound of a frame is not a literal.")
          .mend("Write a number or an INTERVAL.");
    }
    BigDecimal value = literal.getValueAs(BigDecimal.class);
    if (value.signum() < 0) {
      throw new LaminarException(ErrorCode.VALIDATION_FAILED, "a frame's bound is negative.")
          .mend("Write PRECEDING for FOLLOWING, or the other way round.");
    }
    if (unit == Frame.Unit.GROUPS) {
      value = MarkedNumbers.unmarked(value);
    }
    if (unit != Frame.Unit.RANGE) {
      return new Frame.Bound(kind, value.longValueExact(), 0, value.doubleValue());
    }
    RelDataType order = window.orderKeys.get(0).left.getType();
    if (literal.getType().getSqlTypeName().isYearMonth()) {
      return months(kind, value.min(MOST_MONTHS).intValue(), Types.of(order));
    }
    BigInteger offset = distance(value, literal.getType(), order);
    return new Frame.Bound(
        kind, offset.longValue(), offset.shiftRight(64).longValue(), value.doubleValue());
  }

  /** How far it is in units of the sort column. */
  private static BigInteger distance(BigDecimal value, RelDataType type, RelDataType column) {
    DataType ordered = Types.of(column);
    if (!SqlTypeUtil.isInterval(type)) {
      return switch (ordered.kind()) {
        case TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE -> unscaled(value, 0, LONGEST);
        case DECIMAL -> unscaled(value, ordered.scale(), WIDEST);
        default -> throw unmeasured(ordered);
      };
    }
    long millis = value.longValue();
    return BigInteger.valueOf(
        switch (ordered.kind()) {
          case DATE -> millis / MILLIS_PER_DAY;
          case TIME -> millis * 1_000;
          case TIMESTAMP, TIMESTAMP_LTZ ->
              TimeUnits.toNanos(millis, TimeUnits.NANOS_PER_MILLI) / ordered.nanosPerUnit();
          default -> throw unmeasured(ordered);
        });
  }

  /** A distance by the calendar, which is never longer than so many months of 31 days. */
  private static Frame.Bound months(Frame.Kind kind, int months, DataType ordered) {
    long unitsPerDay =
        switch (ordered.kind()) {
          case DATE -> 1;
          case TIMESTAMP -> MILLIS_PER_DAY * TimeUnits.NANOS_PER_MILLI / ordered.nanosPerUnit();
          case TIMESTAMP_LTZ ->
              throw new LaminarException(
                      ErrorCode.NOT_SUPPORTED,
                      "RANGE with months or years over " + ordered + " is not supported.")
                  .mend("Order by CAST(.. AS TIMESTAMP), the clock time, or write days.");
          default -> throw unmeasured(ordered);
        };
    long longest = TimeUnits.toNanos(months * 31L, unitsPerDay);
    return new Frame.Bound(kind, longest, 0, months, months);
  }

  /** The digits that values of this scale can tell apart; further than {@code most} is as far. */
  private static BigInteger unscaled(BigDecimal value, int scale, BigInteger most) {
    return value.setScale(scale, RoundingMode.FLOOR).unscaledValue().min(most);
  }

  private static LaminarException unmeasured(DataType type) {
    return new LaminarException(
            ErrorCode.NOT_SUPPORTED, "RANGE with a distance over " + type + " is not supported.")
        .mend("Order by a number or a time, or use ROWS or GROUPS.");
  }
}
