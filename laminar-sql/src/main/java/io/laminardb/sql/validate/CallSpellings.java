package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import java.util.List;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUnresolvedFunction;
import org.apache.calcite.sql.parser.SqlParserPos;

/** Calls with a syntax of their own that are plain calls of a function. */
final class CallSpellings {
  private static final String AT_TIME_ZONE = "AT TIME ZONE"; // the grammar's operator

  private static final long BUCKET_ORIGIN_NS = 946_857_600_000_000_000L;

  private CallSpellings() {}

  /** The plain call, or null when {@code call} is no such spelling. */
  static SqlCall plain(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    if (call.getOperator().getName().equals(AT_TIME_ZONE)) {
      return function("TIMEZONE", position, call.operand(1), call.operand(0));
    }
    if (call.getKind() == SqlKind.ITEM && isBounds(call.operand(1))) {
      SqlCall bounds = call.operand(1);
      return function(
          "ARRAY_SLICE", position, call.operand(0), bounds.operand(0), bounds.operand(1));
    }
    return JsonSpellings.plain(call);
  }

  private static boolean isBounds(SqlNode node) {
    return node instanceof SqlCall call && call.getOperator().getName().equals("ARRAY_BOUNDS");
  }

  /**
   * TIME_BUCKET(width, time): the start of a tumbling window, counted from Monday, 2000-01-03.
   *
   * @param time the rewritten operand
   */
  static SqlNode timeBucket(SqlCall call, SqlNode time) {
    if (call.operandCount() != 2) {
      throw Positions.error(ErrorCode.TYPE_MISMATCH, call, "TIME_BUCKET takes a width and a time.")
          .mend("Write TIME_BUCKET(INTERVAL '15' MINUTE, ts).");
    }
    SqlNode width = call.operand(0);
    long nanos = Intervals.nanos(width, ErrorCode.INVALID_WINDOW, "the width of TIME_BUCKET");
    if (nanos == 0) {
      throw Positions.error(
              ErrorCode.INVALID_WINDOW, width, "the width of TIME_BUCKET must be longer than 0.")
          .mend("Write it as INTERVAL '15' MINUTE.");
    }
    SqlParserPos position = call.getParserPosition();
    return new SqlBasicCall(
        WindowBound.START,
        List.of(
            time,
            SqlLiteral.createExactNumeric(Long.toString(nanos), position),
            SqlLiteral.createExactNumeric(
                Long.toString(Math.floorMod(BUCKET_ORIGIN_NS, nanos)), position)),
        position);
  }

  /** A call of one of our functions, by its name. */
  static SqlCall function(String name, SqlParserPos position, SqlNode... operands) {
    return new SqlBasicCall(
        new SqlUnresolvedFunction(
            new SqlIdentifier(name, position),
            null,
            null,
            null,
            null,
            SqlFunctionCategory.USER_DEFINED_FUNCTION),
        List.of(operands),
        position);
  }
}
