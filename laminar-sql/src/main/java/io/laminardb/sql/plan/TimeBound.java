package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.sql.validate.Types;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;

/**
 * One comparison of a time of the left row and one of the right row, solved for their difference.
 *
 * @param condition as it stood
 * @param left column of the left side
 * @param right column of the right side
 * @param kind how right time less left time compares to {@code nanos}
 * @param namesInterval whether an INTERVAL says that these are times
 */
record TimeBound(
    RexNode condition, int left, int right, SqlKind kind, BigInteger nanos, boolean namesInterval) {

  /** The bound a comparison is, or null when it is something else. */
  static TimeBound of(RexNode condition, int leftColumns) {
    if (!(condition instanceof RexCall call)
        || !SqlKind.ORDER_COMPARISON.contains(call.getKind())) {
      return null;
    }
    Sum first = Sum.of(call.getOperands().get(0), leftColumns);
    Sum second = Sum.of(call.getOperands().get(1), leftColumns);
    Sum difference = first == null || second == null ? null : first.minus(second);
    if (difference == null || difference.left == null || difference.right == null) {
      return null;
    }
    boolean forward = difference.rightSign > 0;
    if (difference.leftSign == difference.rightSign) {
      return null;
    }
    // forward: right - left + nanos op 0; else left - right + nanos op 0.
    return new TimeBound(
        condition,
        difference.left,
        difference.right,
        forward ? call.getKind() : call.getKind().reverse(),
        forward ? difference.nanos.negate() : difference.nanos,
        difference.namesInterval);
  }

  boolean isOfSame(TimeBound other) {
    return left == other.left && right == other.right;
  }

  boolean isLower() {
    return kind == SqlKind.GREATER_THAN || kind == SqlKind.GREATER_THAN_OR_EQUAL;
  }

  /** The least difference in units of {@code nanosPerUnit} of a lower bound, the greatest of an upper one. */
  BigInteger inUnits(long nanosPerUnit) {
    BigInteger[] parts = nanos.divideAndRemainder(BigInteger.valueOf(nanosPerUnit));
    BigInteger floor = parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0];
    boolean whole = parts[1].signum() == 0;
    return switch (kind) {
      case GREATER_THAN -> floor.add(BigInteger.ONE);
      case GREATER_THAN_OR_EQUAL -> whole ? floor : floor.add(BigInteger.ONE);
      case LESS_THAN -> whole ? floor.subtract(BigInteger.ONE) : floor;
      default -> floor;
    };
  }

  /** At most one column of each side, each added or subtracted once, and nanoseconds. */
  private static final class Sum {
    private Integer left;
    private int leftSign;
    private Integer right;
    private int rightSign;
    private BigInteger nanos = BigInteger.ZERO;
    private boolean namesInterval;

    static Sum of(RexNode node, int leftColumns) {
      if (node instanceof RexInputRef reference) {
        return ofColumn(reference, leftColumns);
      }
      if (node instanceof RexLiteral literal) {
        return ofLiteral(literal);
      }
      if (!(node instanceof RexCall call)) {
        return null;
      }
      List<RexNode> operands = call.getOperands();
      switch (call.getKind()) {
        case CAST -> {
          return isLossless(operands.get(0), call) ? of(operands.get(0), leftColumns) : null;
        }
        case PLUS, MINUS -> {
          Sum first = operands.size() == 2 ? of(operands.get(0), leftColumns) : null;
          Sum second = first == null ? null : of(operands.get(1), leftColumns);
          if (second == null || isRounded(call)) {
            return null;
          }
          return call.getKind() == SqlKind.PLUS ? first.plus(second, 1) : first.minus(second);
        }
        default -> {
          return null;
        }
      }
    }

    private static Sum ofColumn(RexInputRef reference, int leftColumns) {
      SqlTypeName type = reference.getType().getSqlTypeName();
      if (type != SqlTypeName.BIGINT
          && type != SqlTypeName.TIMESTAMP
          && type != SqlTypeName.TIMESTAMP_WITH_LOCAL_TIME_ZONE) {
        return null;
      }
      Sum sum = new Sum();
      if (reference.getIndex() < leftColumns) {
        sum.left = reference.getIndex();
        sum.leftSign = 1;
      } else {
        sum.right = reference.getIndex() - leftColumns;
        sum.rightSign = 1;
      }
      return sum;
    }

    /** A day-time INTERVAL, or a whole number of milliseconds. */
    private static Sum ofLiteral(RexLiteral literal) {
      boolean interval =
          SqlTypeName.DAY_INTERVAL_TYPES.contains(literal.getType().getSqlTypeName());
      if (literal.isNull()
          || !interval && !SqlTypeName.INT_TYPES.contains(literal.getType().getSqlTypeName())) {
        return null;
      }
      Sum sum = new Sum();
      sum.nanos =
          literal
              .getValueAs(BigDecimal.class)
              .toBigInteger()
              .multiply(BigInteger.valueOf(TimeUnits.NANOS_PER_MILLI));
      sum.namesInterval = interval;
      return sum;
    }

    private static boolean isLossless(RexNode from, RexCall cast) {
      if (!SqlTypeUtil.isDatetime(from.getType()) || !SqlTypeUtil.isDatetime(cast.getType())) {
        return false;
      }
      DataType source = Types.of(from.getType());
      DataType target = Types.of(cast.getType());
      return source.kind() == target.kind()
          && source.isTimestamp()
          && target.precision() >= source.precision();
    }

    /** The difference of two timestamps is one of milliseconds, whatever they hold. */
    private static boolean isRounded(RexCall call) {
      List<RexNode> operands = call.getOperands();
      return operands.stream().allMatch(operand -> SqlTypeUtil.isDatetime(operand.getType()))
          && operands.stream().anyMatch(operand -> operand.getType().getPrecision() > 3);
    }

    Sum minus(Sum other) {
      return plus(other, -1);
    }

    /** This and {@code sign} times the other; null when a column would be there twice. */
    private Sum plus(Sum other, int sign) {
      if (left != null && other.left != null || right != null && other.right != null) {
        return null;
      }
      Sum sum = new Sum();
      sum.left = left != null ? left : other.left;
      sum.leftSign = leftSign + sign * other.leftSign;
      sum.right = right != null ? right : other.right;
      sum.rightSign = rightSign + sign * other.rightSign;
      sum.nanos = nanos.add(sign > 0 ? other.nanos : other.nanos.negate());
      sum.namesInterval = namesInterval || other.namesInterval;
      return sum;
    }
  }
}
