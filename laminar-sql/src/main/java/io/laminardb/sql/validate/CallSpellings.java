package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.avatica.util.TimeUnit;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlBasicTypeNameSpec;
import org.apache.calcite.sql.SqlBinaryOperator;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalLiteral;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlUnresolvedFunction;
import org.apache.calcite.sql.fun.SqlLikeOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlTypeName;

/** Calls with a syntax of their own that are plain calls of a function. */
final class CallSpellings {
  private static final String AT_TIME_ZONE = "AT TIME ZONE"; // the grammar's operator

  private static final long BUCKET_ORIGIN_NS = 946_857_600_000_000_000L;
  private static final long BUCKET_ORIGIN_MONTHS = 2_000 * 12;

  private CallSpellings() {}

  /**
   * The plain call, or null when {@code call} is no such spelling.
   *
   * @param zone of clock times; null for UTC
   */
  static SqlCall plain(SqlCall call, String zone) {
    SqlParserPos position = call.getParserPosition();
    if (zone != null) {
      SqlCall inZone = unixTime(call, zone);
      if (inZone != null) {
        return inZone;
      }
    }
    if (call.getOperator().getName().equals(AT_TIME_ZONE)) {
      return function("TIMEZONE", position, call.operand(1), call.operand(0));
    }
    if (call.getOperator().getName().equalsIgnoreCase("CONVERT_TZ") && call.operandCount() == 3) {
      return convertZone(call);
    }
    if (call.getOperator() == SqlStdOperatorTable.INTERVAL) { // INTERVAL (n) DAY
      SqlIntervalQualifier unit = call.operand(1);
      return SqlStdOperatorTable.MULTIPLY.createCall(
          position, call.operand(0), SqlLiteral.createInterval(1, "1", unit, position));
    }
    if (call.getKind() == SqlKind.RLIKE) {
      SqlCall matches = function("REGEXP_MATCHES", position, call.operand(0), call.operand(1));
      return ((SqlLikeOperator) call.getOperator()).isNegated()
          ? SqlStdOperatorTable.NOT.createCall(position, matches)
          : matches;
    }
    if (call.getKind() == SqlKind.ITEM && isBounds(call.operand(1))) {
      SqlCall bounds = call.operand(1);
      return function(
          "ARRAY_SLICE", position, call.operand(0), bounds.operand(0), bounds.operand(1));
    }
    SqlCall other = interval(call);
    if (other == null) {
      other = byName(call);
    }
    if (other != null) {
      return other;
    }
    SqlCall list = ListSpellings.plain(call);
    return list != null ? list : JsonSpellings.plain(call);
  }

  /** The function that an operator of the grammar's own is; null for another call. */
  static SqlCall infix(SqlCall call) {
    if (!(call.getOperator() instanceof SqlBinaryOperator operator)
        || operator.getKind() != SqlKind.OTHER_FUNCTION) {
      return null;
    }
    SqlParserPos position = call.getParserPosition();
    SqlOperator standard =
        switch (operator.getName()) {
          case "||" -> SqlStdOperatorTable.CONCAT;
          case "&" -> SqlStdOperatorTable.BITAND_OPERATOR;
          case "<<" -> SqlStdOperatorTable.BIT_LEFT_SHIFT;
          default -> null;
        };
    if (standard != null) {
      return standard.createCall(position, call.getOperandList());
    }
    String name =
        switch (operator.getName()) {
          case "**" -> "POWER";
          case "|" -> "BITOR";
          case ">>" -> "SHIFTRIGHT";
          case "^@" -> "STARTS_WITH";
          case "GLOB", "NOT GLOB" -> "GLOB";
          case "~" -> "BITNOT";
          default -> null;
        };
    if (name == null) {
      return null;
    }
    if (name.equals("BITNOT")) {
      return function(name, position, call.operand(1));
    }
    SqlCall plain = function(name, position, call.operand(0), call.operand(1));
    return operator.getName().equals("NOT GLOB")
        ? SqlStdOperatorTable.NOT.createCall(position, plain)
        : plain;
  }

  /** TO_DAYS(n) and its like, {@code n * INTERVAL '1' DAY}; null for another call. */
  private static SqlCall interval(SqlCall call) {
    TimeUnit unit =
        switch (call.getOperator().getName().toUpperCase(Locale.ROOT)) {
          case "TO_YEARS" -> TimeUnit.YEAR;
          case "TO_MONTHS" -> TimeUnit.MONTH;
          case "TO_DAYS" -> TimeUnit.DAY;
          case "TO_HOURS" -> TimeUnit.HOUR;
          case "TO_MINUTES" -> TimeUnit.MINUTE;
          case "TO_SECONDS" -> TimeUnit.SECOND;
          default -> null;
        };
    return unit == null || call.operandCount() != 1
        ? null
        : times(call.operand(0), unit, call.getParserPosition());
  }

  /** Functions that are casts or parts of times; null for another call. */
  private static SqlCall byName(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    if (call.operandCount() != 1) {
      return null;
    }
    SqlNode value = call.operand(0);
    return switch (call.getOperator().getName().toUpperCase(Locale.ROOT)) {
      case "ENCODE" -> cast(value, SqlTypeName.VARBINARY, position);
      case "DECODE" -> cast(value, SqlTypeName.VARCHAR, position);
      case "YEARWEEK" ->
          SqlStdOperatorTable.PLUS.createCall(
              position,
              SqlStdOperatorTable.MULTIPLY.createCall(
                  position,
                  extract(TimeUnit.ISOYEAR, value, position),
                  SqlLiteral.createExactNumeric("100", position)),
              extract(TimeUnit.WEEK, value.accept(new DeepCopy(position)), position));
      default -> null;
    };
  }

  private static SqlCall cast(SqlNode value, SqlTypeName type, SqlParserPos position) {
    return SqlStdOperatorTable.CAST.createCall(
        position, value, new SqlDataTypeSpec(new SqlBasicTypeNameSpec(type, position), position));
  }

  private static SqlCall extract(TimeUnit unit, SqlNode time, SqlParserPos position) {
    return SqlStdOperatorTable.EXTRACT.createCall(
        position, new SqlIntervalQualifier(unit, null, position), time);
  }

  /** {@code count * INTERVAL '1' unit}. */
  static SqlCall times(SqlNode count, TimeUnit unit, SqlParserPos position) {
    SqlIntervalQualifier qualifier = new SqlIntervalQualifier(unit, null, position);
    return SqlStdOperatorTable.MULTIPLY.createCall(
        position, count, SqlLiteral.createInterval(1, "1", qualifier, position));
  }

  /** FROM_UNIXTIME and UNIX_TIMESTAMP of texts, in a zone other than UTC. */
  private static SqlCall unixTime(SqlCall call, String zone) {
    SqlParserPos position = call.getParserPosition();
    String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
    boolean formatted = call.operandCount() == 2;
    SqlNode format =
        formatted ? call.operand(1) : SqlLiteral.createCharString("yyyy-MM-dd HH:mm:ss", position);
    SqlNode named = SqlLiteral.createCharString(zone, position);
    if (name.equals("FROM_UNIXTIME") && call.operandCount() > 0) {
      SqlNode instant =
          function(
              "TO_TIMESTAMP_LTZ",
              position,
              call.operand(0),
              SqlLiteral.createExactNumeric("0", position));
      return function(
          "DATE_FORMAT", position, function("TIMEZONE", position, named, instant), format);
    }
    if (name.equals("UNIX_TIMESTAMP") && formatted) {
      SqlNode clock = function("TO_TIMESTAMP", position, call.operand(0), format);
      return function("EPOCH", position, function("TIMEZONE", position, named, clock));
    }
    return null;
  }

  /** CONVERT_TZ(text, from, to): the clock time of one zone as a text of another's. */
  private static SqlCall convertZone(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    SqlNode format = SqlLiteral.createCharString("yyyy-MM-dd HH:mm:ss", position);
    SqlNode clock = function("TO_TIMESTAMP", position, call.operand(0), format);
    SqlNode instant = function("TIMEZONE", position, call.operand(1), clock);
    return function(
        "DATE_FORMAT", position, function("TIMEZONE", position, call.operand(2), instant), format);
  }

  /**
   * COUNT_IF(c) and REGR_COUNT(y, x) as COUNT, of which Calcite knows that it gives 0 for no rows where
   * it rewrites subqueries; null for another call.
   */
  static SqlCall count(SqlCall call) {
    String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
    boolean pairs = name.equals("REGR_COUNT");
    if (!pairs && !name.equals("COUNT_IF") && !name.equals("COUNTIF")) {
      return null;
    }
    if (call.operandCount() != (pairs ? 2 : 1)) {
      throw Positions.error(
              ErrorCode.TYPE_MISMATCH,
              call,
              name + " takes " + (pairs ? "two numbers." : "one condition."))
          .mend(pairs ? "Write REGR_COUNT(y, x)." : "Write COUNT_IF(a > 1).");
    }
    if (call.getFunctionQuantifier() != null) {
      throw Positions.notSupported(
          call,
          name + " with DISTINCT is not supported.",
          "Leave DISTINCT out, or select distinct rows in a subquery.");
    }
    SqlParserPos position = call.getParserPosition();
    SqlNode counts =
        pairs
            ? SqlStdOperatorTable.AND.createCall(
                position, isNumber(call.operand(0)), isNumber(call.operand(1)))
            : call.operand(0);
    SqlNode one = SqlLiteral.createExactNumeric("1", position);
    SqlNode counted =
        SqlStdOperatorTable.CASE.createCall(
            position,
            null,
            SqlNodeList.of(counts),
            SqlNodeList.of(one),
            SqlLiteral.createNull(position));
    return SqlStdOperatorTable.COUNT.createCall(position, counted);
  }

  /** {@code +x IS NOT NULL}: only a number may have a sign. */
  private static SqlNode isNumber(SqlNode value) {
    SqlParserPos position = value.getParserPosition();
    return SqlStdOperatorTable.IS_NOT_NULL.createCall(
        position, SqlStdOperatorTable.UNARY_PLUS.createCall(position, value));
  }

  private static boolean isBounds(SqlNode node) {
    return node instanceof SqlCall call && call.getOperator().getName().equals("ARRAY_BOUNDS");
  }

  /**
   * TIME_BUCKET(width, time): the start of a tumbling window, counted from Monday, 2000-01-03, or in months
   * from January 2000.
   *
   * @param time the rewritten operand
   */
  static SqlNode timeBucket(SqlCall call, SqlNode time) {
    if (call.operandCount() != 2) {
      throw Positions.error(ErrorCode.TYPE_MISMATCH, call, "TIME_BUCKET takes a width and a time.")
          .mend("Write TIME_BUCKET(INTERVAL '15' MINUTE, ts).");
    }
    SqlNode width = call.operand(0);
    String what = "the width of TIME_BUCKET";
    boolean months = WindowCalendar.isMonths(width);
    long length =
        months
            ? WindowCalendar.months((SqlIntervalLiteral) width, what)
            : Intervals.nanos(width, ErrorCode.INVALID_WINDOW, what);
    if (length <= 0) {
      throw Positions.error(ErrorCode.INVALID_WINDOW, width, what + " must be longer than 0.")
          .mend("Write it as INTERVAL '15' MINUTE.");
    }
    SqlParserPos position = call.getParserPosition();
    if (months) {
      return monthBucket(length, time, position);
    }
    return new SqlBasicCall(
        WindowBound.START,
        List.of(
            time,
            SqlLiteral.createExactNumeric(Long.toString(length), position),
            SqlLiteral.createExactNumeric(
                Long.toString(Math.floorMod(BUCKET_ORIGIN_NS, length)), position)),
        position);
  }

  /** The beginning of the time's month, less the months that have passed of its bucket. */
  private static SqlNode monthBucket(long months, SqlNode time, SqlParserPos position) {
    SqlNode month =
        SqlStdOperatorTable.FLOOR.createCall(
            position, time, new SqlIntervalQualifier(TimeUnit.MONTH, null, position));
    SqlNode count =
        SqlStdOperatorTable.PLUS.createCall(
            position,
            SqlStdOperatorTable.MULTIPLY.createCall(
                position,
                extract(TimeUnit.YEAR, time.accept(new DeepCopy(position)), position),
                SqlLiteral.createExactNumeric("12", position)),
            SqlStdOperatorTable.PLUS.createCall(
                position,
                extract(TimeUnit.MONTH, time.accept(new DeepCopy(position)), position),
                SqlLiteral.createExactNumeric(
                    Long.toString(Math.floorMod(-BUCKET_ORIGIN_MONTHS - 1, months)), position)));
    SqlNode passed =
        SqlStdOperatorTable.MOD.createCall(
            position, count, SqlLiteral.createExactNumeric(Long.toString(months), position));
    return TimeShift.MINUS.createCall(position, month, times(passed, TimeUnit.MONTH, position));
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
