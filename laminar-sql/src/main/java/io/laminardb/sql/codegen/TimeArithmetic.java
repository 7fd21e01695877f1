package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;

/**
 * Times and intervals. A day-time INTERVAL counts milliseconds, a year-month one months; a BIGINT
 * beside an INTERVAL is epoch milliseconds. The difference of two times is in milliseconds, or in
 * months where its type says so.
 */
final class TimeArithmetic {
  private final ExpressionCompiler compiler;

  TimeArithmetic(ExpressionCompiler compiler) {
    this.compiler = compiler;
  }

  Value compile(RexCall call, CodeBuffer code) {
    RexNode left = call.getOperands().get(0);
    RexNode right = call.getOperands().get(1);
    boolean leftInterval = RexTypes.isInterval(left.getType());
    boolean rightInterval = RexTypes.isInterval(right.getType());
    if (call.getKind() == SqlKind.PLUS && leftInterval && !rightInterval) {
      return shift(call, right, left, false, code);
    }
    if (rightInterval && !leftInterval) {
      return shift(call, left, right, call.getKind() == SqlKind.MINUS, code);
    }
    if (call.getKind() == SqlKind.MINUS && !leftInterval) {
      return difference(call, left, right, code);
    }
    throw compiler.notSupported(call);
  }

  private Value shift(
      RexCall call, RexNode point, RexNode interval, boolean back, CodeBuffer code) {
    DataType type = RexTypes.of(call.getType());
    boolean months = RexTypes.isMonths(interval.getType());
    Value time = compiler.compile(point, code);
    if (time.type().kind() == Kind.DATE && type.isTimestamp()) {
      time = compiler.casts().implicit(time, type, code);
    }
    Value amount = compiler.compile(interval, code);
    String text = compiler.textConstant(call);
    DataType own = time.type();
    String sign = back ? "-" : "";
    String suffix =
        switch (own.kind()) {
          case DATE -> "Date";
          case TIME -> "Time";
          default -> "";
        };
    String unit =
        own.kind() == Kind.DATE || own.kind() == Kind.TIME
            ? ""
            : ", " + RexTypes.unitsPerSecond(own) + "L";
    if (own.kind() == Kind.TIME && months || RexTypes.isText(own)) {
      throw compiler.notSupported(call);
    }
    Value result =
        compiler.strict(
            back ? "before" : "after",
            own,
            List.of(time, amount),
            false,
            false,
            v ->
                "Times."
                    + (months ? "plusMonths" : "plusMillis")
                    + suffix
                    + "("
                    + v.get(0)
                    + ", "
                    + sign
                    + v.get(1)
                    + unit
                    + ", "
                    + text
                    + ")",
            code);
    return compiler.casts().implicit(result, type, code);
  }

  private Value difference(RexCall call, RexNode left, RexNode right, CodeBuffer code) {
    Value l = compiler.compile(left, code);
    Value r = compiler.compile(right, code);
    String text = compiler.textConstant(call);
    if (l.type().kind() == Kind.TIME) {
      return compiler.strict(
          "elapsed",
          DataType.BIGINT,
          List.of(l, r),
          true,
          false,
          v -> "(" + v.get(0) + " - " + v.get(1) + ") / 1000L",
          code);
    }
    if (!RexTypes.isTimePoint(l.type()) || !RexTypes.isTimePoint(r.type())) {
      throw compiler.notSupported(call);
    }
    boolean days = l.type().kind() == Kind.DATE && r.type().kind() == Kind.DATE;
    boolean inDays = days && !RexTypes.isInterval(call.getType());
    if (inDays) {
      return compiler.strict(
          "days",
          DataType.BIGINT,
          List.of(l, r),
          true,
          false,
          v -> "(long) " + v.get(0) + " - " + v.get(1),
          code);
    }
    DataType common = days ? DataType.timestamp(3) : Comparisons.common(l.type(), r.type());
    Value from = compiler.casts().implicit(r, common, code);
    Value to = compiler.casts().implicit(l, common, code);
    String method = RexTypes.isMonths(call.getType()) ? "monthsBetween" : "millisBetween";
    return compiler.strict(
        "elapsed",
        DataType.BIGINT,
        List.of(from, to),
        false,
        false,
        v ->
            "Times."
                + method
                + "("
                + v.get(0)
                + ", "
                + v.get(1)
                + ", "
                + RexTypes.unitsPerSecond(common)
                + "L, "
                + text
                + ")",
        code);
  }
}
