package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;

/**
 * + - * / % and signs. Integers and decimals that do not fit fail, and so does their division by
 * zero; floating point follows IEEE 754. Times take intervals.
 */
final class Arithmetic {
  private final ExpressionCompiler compiler;

  Arithmetic(ExpressionCompiler compiler) {
    this.compiler = compiler;
  }

  Value compile(RexCall call, CodeBuffer code) {
    List<RexNode> operands = call.getOperands();
    if (call.getKind() == SqlKind.PLUS_PREFIX) {
      return compiler.compile(operands.get(0), code);
    }
    DataType type = RexTypes.of(call.getType());
    if (call.getKind() == SqlKind.MINUS_PREFIX) {
      return negate(call, type, code);
    }
    RexNode left = operands.get(0);
    RexNode right = operands.get(1);
    DataType leftType = RexTypes.of(left.getType());
    DataType rightType = RexTypes.of(right.getType());
    if (!RexTypes.isNumeric(leftType) || !RexTypes.isNumeric(rightType) || isTime(call)) {
      return new TimeArithmetic(compiler).compile(call, code);
    }
    return number(call, type, leftType, rightType, code);
  }

  private static boolean isTime(RexCall call) {
    boolean left = RexTypes.isInterval(call.getOperands().get(0).getType());
    boolean right = RexTypes.isInterval(call.getOperands().get(1).getType());
    return right && !left && (call.getKind() == SqlKind.PLUS || call.getKind() == SqlKind.MINUS)
        || left && !right && call.getKind() == SqlKind.PLUS;
  }

  private Value number(
      RexCall call, DataType type, DataType leftType, DataType rightType, CodeBuffer code) {
    RexNode left = call.getOperands().get(0);
    RexNode right = call.getOperands().get(1);
    DataType work = workType(type, leftType, rightType);
    boolean decimal = work.kind() == Kind.DECIMAL;
    Value l = decimal ? decimalOperand(left, code) : compiler.compile(left, work, code);
    Value r = decimal ? decimalOperand(right, code) : compiler.compile(right, work, code);
    Value result =
        RexTypes.isFloating(work)
            ? floating(call, work, l, r, code)
            : decimal
                ? decimal(
                    call, type.kind() == Kind.DECIMAL ? type : DataType.decimal(38, 10), l, r, code)
                : integer(call, work, type, l, r, code);
    return compiler.casts().implicit(result, type, code);
  }

  /** The type the operation is done in. */
  private static DataType workType(DataType type, DataType left, DataType right) {
    if (RexTypes.isFloating(type) || RexTypes.isFloating(left) || RexTypes.isFloating(right)) {
      boolean real =
          type.kind() == Kind.REAL && left.kind() != Kind.DOUBLE && right.kind() != Kind.DOUBLE;
      return real ? DataType.REAL : DataType.DOUBLE;
    }
    if (RexTypes.isDecimal(type) || RexTypes.isDecimal(left) || RexTypes.isDecimal(right)) {
      return DataType.decimal(38, 0);
    }
    return left.kind() == Kind.BIGINT || right.kind() == Kind.BIGINT || type.kind() == Kind.BIGINT
        ? DataType.BIGINT
        : DataType.INTEGER;
  }

  /** A DECIMAL operand keeps its own scale. */
  private Value decimalOperand(RexNode node, CodeBuffer code) {
    DataType own = RexTypes.of(node.getType());
    DataType type = RexTypes.isDecimal(own) ? own : DataType.decimal(38, 0);
    return node instanceof RexLiteral
        ? compiler.compile(node, type, code)
        : compiler.casts().implicit(compiler.compile(node, code), type, code);
  }

  private Value floating(RexCall call, DataType work, Value l, Value r, CodeBuffer code) {
    return compiler.strict(
        hint(call.getKind()),
        work,
        List.of(l, r),
        true,
        false,
        v -> v.get(0) + " " + sign(call.getKind()) + " " + v.get(1),
        code);
  }

  private Value decimal(RexCall call, DataType type, Value l, Value r, CodeBuffer code) {
    String text = compiler.textConstant(call);
    String method =
        switch (call.getKind()) {
          case PLUS -> "add";
          case MINUS -> "subtract";
          case TIMES -> "multiply";
          case DIVIDE -> "divide";
          default -> "remainder";
        };
    return compiler.strict(
        hint(call.getKind()),
        type,
        List.of(l, r),
        false,
        false,
        v ->
            "Decimals."
                + method
                + "("
                + v.get(0)
                + ", "
                + v.get(1)
                + ", "
                + type.precision()
                + ", "
                + type.scale()
                + ", "
                + text
                + ")",
        code);
  }

  private Value integer(
      RexCall call, DataType work, DataType type, Value l, Value r, CodeBuffer code) {
    String text = compiler.textConstant(call);
    String method =
        switch (call.getKind()) {
          case PLUS -> "add";
          case MINUS -> "subtract";
          case TIMES -> "multiply";
          case DIVIDE -> "divide";
          default -> "remainder";
        };
    Value result =
        compiler.strict(
            hint(call.getKind()),
            work,
            List.of(l, r),
            false,
            false,
            v -> "Numbers." + method + "(" + v.get(0) + ", " + v.get(1) + ", " + text + ")",
            code);
    return narrow(result, type, text, code);
  }

  /** A result of INTEGER or BIGINT arithmetic as a smaller type, checked. */
  private Value narrow(Value value, DataType type, String text, CodeBuffer code) {
    String method =
        switch (type.kind()) {
          case TINYINT -> "tinyint";
          case SMALLINT -> "smallint";
          case INTEGER -> value.type().kind() == Kind.BIGINT ? "integer" : null;
          default -> null;
        };
    if (method == null) {
      return value;
    }
    return compiler.strict(
        "narrow",
        type,
        List.of(value),
        false,
        false,
        v -> "Numbers." + method + "(" + v.get(0) + ", " + text + ")",
        code);
  }

  private Value negate(RexCall call, DataType type, CodeBuffer code) {
    Value value = compiler.compile(call.getOperands().get(0), type, code);
    String text = compiler.textConstant(call);
    if (RexTypes.isFloating(type)) {
      return compiler.strict("minus", type, List.of(value), true, false, v -> "-" + v.get(0), code);
    }
    if (RexTypes.isDecimal(type)) {
      return compiler.strict(
          "minus", type, List.of(value), false, false, v -> v.get(0) + ".negate()", code);
    }
    Value result =
        compiler.strict(
            "minus",
            type,
            List.of(value),
            false,
            false,
            v -> "Numbers.negate(" + v.get(0) + ", " + text + ")",
            code);
    return narrow(result, type, text, code);
  }

  static String hint(SqlKind kind) {
    return switch (kind) {
      case PLUS -> "sum";
      case MINUS -> "difference";
      case TIMES -> "product";
      case DIVIDE -> "quotient";
      default -> "remainder";
    };
  }

  private static String sign(SqlKind kind) {
    return switch (kind) {
      case PLUS -> "+";
      case MINUS -> "-";
      case TIMES -> "*";
      case DIVIDE -> "/";
      default -> "%";
    };
  }
}
