package io.laminardb.sql.validate;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.TimeString;
import org.apache.calcite.util.TimestampString;

/**
 * Functions whose answer is not a matter of their arguments. The clock is read once a statement; a
 * stream, whose rows must come out the same when it is run again, has none of them.
 */
final class Nondeterminism {
  private Nondeterminism() {}

  /** Fails where a query that never ends calls such a function. */
  static void refuse(SqlNode query) {
    query.accept(
        new SqlBasicVisitor<Void>() {
          @Override
          public Void visit(SqlCall call) {
            SqlOperator operator = call.getOperator();
            if (readsClock(operator) || !operator.isDeterministic()) {
              throw Positions.notSupported(
                  call,
                  operator.getName()
                      + " in a stream is not supported: its rows would not be the same when they"
                      + " are computed again.",
                  readsClock(operator)
                      ? "Use the time column of the rows, or push the time as a column."
                      : "Push it as a column.");
            }
            return super.visit(call);
          }
        });
  }

  static boolean readsClock(SqlOperator operator) {
    return operator.isDynamicFunction() && operator.isDeterministic();
  }

  /**
   * The time of the statement as a literal.
   *
   * @param zone whose clocks show it; null for UTC
   */
  static RexNode literal(RelDataType type, RexBuilder rex, long epochNs, String zone) {
    LocalDateTime now =
        LocalDateTime.ofInstant(
            Instant.ofEpochSecond(
                Math.floorDiv(epochNs, 1_000_000_000L), Math.floorMod(epochNs, 1_000_000_000L)),
            zone == null ? ZoneOffset.UTC : ZoneId.of(zone));
    DateString date = new DateString(now.toLocalDate().toString());
    int precision = Math.max(0, type.getPrecision());
    TimeString time =
        new TimeString(now.getHour(), now.getMinute(), now.getSecond()).withNanos(now.getNano());
    return switch (type.getSqlTypeName()) {
      case DATE -> rex.makeDateLiteral(date);
      case TIME -> rex.makeTimeLiteral(time.round(precision), precision);
      default ->
          rex.makeTimestampLiteral(
              new TimestampString(date + " " + time).round(precision), precision);
    };
  }
}
