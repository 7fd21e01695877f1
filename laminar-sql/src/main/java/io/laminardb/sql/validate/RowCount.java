package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.parser.MarkedNumbers;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNumericLiteral;

/** The number of rows that LIMIT or OFFSET says: a whole number, or a computation with some. */
final class RowCount {
  private final String clause;
  private final SqlNode count;

  private RowCount(String clause, SqlNode count) {
    this.clause = clause;
    this.count = count;
  }

  /**
   * The number as a literal; null, which says nothing, for NULL.
   *
   * @param count parameters are literals in it; null where the clause is not said
   * @throws LaminarException VALIDATION_FAILED where it is no whole number, or negative
   */
  static SqlNode of(SqlNode count, String clause) {
    if (count == null || count instanceof SqlLiteral literal && literal.getValue() == null) {
      return null;
    }
    RowCount rows = new RowCount(clause, count);
    BigInteger value = rows.value(count);
    if (value.signum() < 0) {
      throw rows.refused();
    }
    return count instanceof SqlNumericLiteral // may be a marked one
        ? count
        : SqlLiteral.createExactNumeric(
            MarkedNumbers.limited(value.toString()), count.getParserPosition());
  }

  private BigInteger value(SqlNode node) {
    if (node instanceof SqlNumericLiteral number) {
      BigDecimal value = number.bigDecimalValue().stripTrailingZeros();
      if (value.scale() > 0) {
        throw refused();
      }
      return value.toBigInteger();
    }
    if (!(node instanceof SqlCall call)) {
      throw refused();
    }
    return switch (call.getKind()) {
      case PLUS -> value(call.operand(0)).add(value(call.operand(1)));
      case MINUS -> value(call.operand(0)).subtract(value(call.operand(1)));
      case TIMES -> value(call.operand(0)).multiply(value(call.operand(1)));
      case DIVIDE -> value(call.operand(0)).divide(divisor(call.operand(1)));
      case MOD -> value(call.operand(0)).remainder(divisor(call.operand(1)));
      case MINUS_PREFIX -> value(call.operand(0)).negate();
      case PLUS_PREFIX, CAST -> value(call.operand(0));
      default -> throw refused();
    };
  }

  private BigInteger divisor(SqlNode node) {
    BigInteger value = value(node);
    if (value.signum() == 0) {
      throw refused();
    }
    return value;
  }

  private LaminarException refused() {
    return Positions.error(
            ErrorCode.VALIDATION_FAILED,
            count,
            clause + " takes a number of rows, not " + count + ".")
        .mend("Give a whole number that is not negative, or compute with numbers and ?.");
  }
}
