package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Field;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;

/**
 * Comparisons of all types. Floating point numbers are totally ordered, as in DuckDB and PostgreSQL:
 * NaN equals NaN and is greater than every other number; -0.0 equals 0.0.
 */
final class Comparisons {
  private final ExpressionCompiler compiler;

  Comparisons(ExpressionCompiler compiler) {
    this.compiler = compiler;
  }

  Value compile(RexCall call, CodeBuffer code) {
    List<RexNode> operands = call.getOperands();
    return switch (call.getKind()) {
      case IS_DISTINCT_FROM -> distinct(call, code);
      case IS_NOT_DISTINCT_FROM -> Logic.not(distinct(call, code));
      case SEARCH -> new Searches(compiler).compile(call, code);
      case BETWEEN, IN, NOT_IN -> throw compiler.notSupported(call);
      default -> {
        Value left = compiler.compile(operands.get(0), code);
        Value right = compiler.compile(operands.get(1), code);
        DataType common = common(left.type(), right.type());
        if (!left.type().equals(common)) {
          left = compiler.compile(operands.get(0), common, code);
        }
        if (!right.type().equals(common)) {
          right = compiler.compile(operands.get(1), common, code);
        }
        yield compare(
            call.getKind(),
            left,
            right,
            code,
            isLiteral(operands.get(0)),
            isLiteral(operands.get(1)));
      }
    };
  }

  private static boolean isLiteral(RexNode node) {
    return node instanceof RexLiteral;
  }

  /** Compares values of any two comparable types. */
  Value compare(SqlKind kind, Value left, Value right, CodeBuffer code) {
    return compare(kind, left, right, code, false, false);
  }

  private Value compare(
      SqlKind kind,
      Value left,
      Value right,
      CodeBuffer code,
      boolean leftLiteral,
      boolean rightLiteral) {
    if (left.isNullLiteral() || right.isNullLiteral()) {
      return Value.nullOf(DataType.BOOLEAN);
    }
    DataType common = common(left.type(), right.type());
    Value l = compiler.casts().implicit(left, common, code);
    Value r = compiler.casts().implicit(right, common, code);
    String java = java(kind, common, l.java(), r.java(), leftLiteral, rightLiteral);
    if (!l.isNullable() && !r.isNullable()) {
      return Value.of(DataType.BOOLEAN, "(" + java + ")");
    }
    return compiler.strict(
        "compared", DataType.BOOLEAN, List.of(l, r), true, false, values -> "(" + java + ")", code);
  }

  private Value distinct(RexCall call, CodeBuffer code) {
    Value left = compiler.compile(call.getOperands().get(0), code);
    Value right = compiler.compile(call.getOperands().get(1), code);
    if (left.isNullLiteral()) {
      return Value.of(DataType.BOOLEAN, right.isNullable() ? "(!" + right.isNull() + ")" : "true");
    }
    if (right.isNullLiteral()) {
      return Value.of(DataType.BOOLEAN, left.isNullable() ? "(!" + left.isNull() + ")" : "true");
    }
    DataType common = common(left.type(), right.type());
    Value l = compiler.casts().implicit(left, common, code);
    Value r = compiler.casts().implicit(right, common, code);
    String differ = "(" + java(SqlKind.NOT_EQUALS, common, l.java(), r.java(), false, false) + ")";
    if (!l.isNullable() && !r.isNullable()) {
      return Value.of(DataType.BOOLEAN, differ);
    }
    String either =
        l.isNullable() && r.isNullable()
            ? "(" + l.isNull() + " != " + r.isNull() + " || !" + l.isNull() + " && " + differ + ")"
            : "(" + (l.isNullable() ? l.isNull() : r.isNull()) + " || " + differ + ")";
    return compiler.local("distinct", DataType.BOOLEAN, either, "false", code);
  }

  /** The type in which two values are compared. */
  static DataType common(DataType left, DataType right) {
    if (left.equals(right)) {
      return left;
    }
    if (RexTypes.isNumeric(left) && RexTypes.isNumeric(right)) {
      return commonNumber(left, right);
    }
    if (left.isNested() && right.isNested()) {
      return commonNested(left, right);
    }
    if (left.isVariableWidth() && right.isVariableWidth()) {
      return left;
    }
    if (RexTypes.isTimePoint(left) && RexTypes.isTimePoint(right)) {
      int leftPrecision = left.isTimestamp() ? left.precision() : 0;
      int rightPrecision = right.isTimestamp() ? right.precision() : 0;
      DataType timestamp = left.isTimestamp() ? left : right;
      return new DataType(timestamp.kind(), Math.max(leftPrecision, rightPrecision), 0);
    }
    return left;
  }

  private static DataType commonNested(DataType left, DataType right) {
    if (left.kind() != right.kind() || left.children().size() != right.children().size()) {
      return left;
    }
    List<Field> children = new ArrayList<>();
    for (int i = 0; i < left.children().size(); i++) {
      Field own = left.children().get(i);
      DataType type = common(own.type(), right.children().get(i).type());
      children.add(new Field(own.name(), type, own.nullable(), false));
    }
    return new DataType(left.kind(), 0, 0, children);
  }

  static DataType commonNumber(DataType left, DataType right) {
    if (left.kind() == Kind.REAL && right.kind() == Kind.REAL) {
      return DataType.REAL;
    }
    if (RexTypes.isFloating(left) || RexTypes.isFloating(right)) {
      return DataType.DOUBLE;
    }
    if (RexTypes.isDecimal(left) || RexTypes.isDecimal(right)) {
      return DataType.decimal(38, Math.max(left.scale(), right.scale()));
    }
    return left.kind() == Kind.BIGINT || right.kind() == Kind.BIGINT
        ? DataType.BIGINT
        : DataType.INTEGER;
  }

  private static String java(
      SqlKind kind, DataType type, String l, String r, boolean leftLiteral, boolean rightLiteral) {
    if (RexTypes.isFloating(type)) {
      return floating(kind, l, r, leftLiteral, rightLiteral);
    }
    return switch (type.kind()) {
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW ->
          switch (kind) {
            case EQUALS -> l + ".sameAs(" + r + ")";
            case NOT_EQUALS -> "!" + l + ".sameAs(" + r + ")";
            default -> l + ".compareWith(" + r + ")" + operator(kind) + "0";
          };
      case DECIMAL -> l + ".compareTo(" + r + ")" + operator(kind) + "0";
      case BOOLEAN ->
          switch (kind) {
            case EQUALS, NOT_EQUALS -> l + operator(kind) + r;
            case LESS_THAN -> "!" + l + " && " + r;
            case LESS_THAN_OR_EQUAL -> "!" + l + " || " + r;
            case GREATER_THAN -> l + " && !" + r;
            default -> l + " || !" + r;
          };
      default -> l + operator(kind) + r;
    };
  }

  /** Where one side is a literal, and so not NaN, one plain comparison is enough. */
  private static String floating(
      SqlKind kind, String l, String r, boolean leftLiteral, boolean rightLiteral) {
    if (leftLiteral || rightLiteral) {
      return switch (kind) {
        case LESS_THAN -> rightLiteral ? l + " < " + r : "!(" + l + " >= " + r + ")";
        case LESS_THAN_OR_EQUAL -> rightLiteral ? l + " <= " + r : "!(" + l + " > " + r + ")";
        case GREATER_THAN -> rightLiteral ? "!(" + l + " <= " + r + ")" : l + " > " + r;
        case GREATER_THAN_OR_EQUAL -> rightLiteral ? "!(" + l + " < " + r + ")" : l + " >= " + r;
        default -> l + operator(kind) + r;
      };
    }
    return switch (kind) {
      case EQUALS -> "Numbers.same(" + l + ", " + r + ")";
      case NOT_EQUALS -> "!Numbers.same(" + l + ", " + r + ")";
      case LESS_THAN -> "Numbers.less(" + l + ", " + r + ")";
      case LESS_THAN_OR_EQUAL -> "!Numbers.less(" + r + ", " + l + ")";
      case GREATER_THAN -> "Numbers.less(" + r + ", " + l + ")";
      default -> "!Numbers.less(" + l + ", " + r + ")";
    };
  }

  /** A condition that compares a value with a literal of its own type; NULL is the caller's. */
  String compareWithLiteral(SqlKind kind, Value value, Value literal) {
    return "(" + java(kind, value.type(), value.java(), literal.java(), false, true) + ")";
  }

  static String operator(SqlKind kind) {
    return switch (kind) {
      case EQUALS -> " == ";
      case NOT_EQUALS -> " != ";
      case LESS_THAN -> " < ";
      case LESS_THAN_OR_EQUAL -> " <= ";
      case GREATER_THAN -> " > ";
      case GREATER_THAN_OR_EQUAL -> " >= ";
      default -> throw new IllegalArgumentException(kind + " is not a comparison");
    };
  }

  /** GREATEST or LEAST of values that are already of one type; NULLs are looked over. */
  Value extreme(List<Value> values, DataType type, boolean greatest, CodeBuffer code) {
    KernelClass<?> kernel = compiler.kernel();
    List<Value> rest = new ArrayList<>(values);
    Value first = rest.remove(0);
    String name = kernel.fresh(greatest ? "greatest" : "least");
    String isNull = kernel.fresh(name + "IsNull");
    code.line(first.javaType() + " " + name + " = " + first.java() + ";");
    code.line("boolean " + isNull + " = " + first.isNull() + ";");
    for (Value value : rest) {
      if (value.isNullLiteral()) {
        continue;
      }
      SqlKind kind = greatest ? SqlKind.GREATER_THAN : SqlKind.LESS_THAN;
      String better = "(" + java(kind, type, value.java(), name, false, false) + ")";
      code.open(
          "if ("
              + (value.isNullable() ? "!" + value.isNull() + " && " : "")
              + "("
              + isNull
              + " || "
              + better
              + "))");
      code.line(name + " = " + value.java() + ";").line(isNull + " = false;").close();
    }
    return type.kind() == Kind.BOOLEAN
        ? new Value(type, "(!" + isNull + " && " + name + ")", isNull)
        : new Value(type, name, isNull);
  }
}
