package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;

/** AND, OR, NOT, IS, CASE, COALESCE and NULLIF: what looks at only as much as it needs. */
final class Logic {
  /** Branches written into one method before the rest moves to another. */
  private static final int BRANCHES = 12;

  private final ExpressionCompiler compiler;

  Logic(ExpressionCompiler compiler) {
    this.compiler = compiler;
  }

  Value compile(RexCall call, CodeBuffer code) {
    List<RexNode> operands = call.getOperands();
    return switch (call.getKind()) {
      case AND, OR -> junction(operands, call.getKind() == SqlKind.AND, code);
      case NOT -> not(compiler.compile(operands.get(0), code));
      case CASE -> choose(operands, RexTypes.of(call.getType()), code);
      case COALESCE -> coalesce(operands, RexTypes.of(call.getType()), code);
      case NULLIF -> nullIf(call, code);
      default -> is(call, code);
    };
  }

  static Value not(Value value) {
    String java = value.java();
    return value.isNullable()
        ? new Value(DataType.BOOLEAN, "(!" + value.isNull() + " && !" + java + ")", value.isNull())
        : Value.of(
            DataType.BOOLEAN, java.startsWith("!") ? "(!(" + java + "))" : "(!" + java + ")");
  }

  private Value is(RexCall call, CodeBuffer code) {
    Value value = compiler.compile(call.getOperands().get(0), code);
    String java =
        switch (call.getKind()) {
          case IS_NULL, IS_UNKNOWN -> value.isNull();
          case IS_NOT_NULL -> value.isNullable() ? "(!" + value.isNull() + ")" : "true";
          case IS_TRUE -> value.java();
          case IS_NOT_TRUE -> "(!" + value.java() + ")";
          case IS_FALSE -> not(value).java();
          case IS_NOT_FALSE ->
              value.isNullable()
                  ? "(" + value.isNull() + " || " + value.java() + ")"
                  : value.java();
          default -> throw compiler.notSupported(call);
        };
    return Value.of(DataType.BOOLEAN, java.equals("true") && value.isNullLiteral() ? "true" : java);
  }

  /** AND and OR, left to right; the right side is evaluated only when the left does not decide. */
  private Value junction(List<RexNode> operands, boolean and, CodeBuffer code) {
    if (operands.size() == 1) {
      return compiler.compile(operands.get(0), code);
    }
    String name = compiler.kernel().fresh(and ? "all" : "any");
    Value first = compiler.compile(operands.get(0), code);
    code.line("boolean " + name + " = " + first.java() + ";");
    String isNull = "false";
    boolean nullable =
        operands.stream().anyMatch(o -> o.getType().isNullable()) || first.isNullable();
    if (nullable) {
      isNull = compiler.kernel().fresh(name + "IsNull");
      code.line("boolean " + isNull + " = " + first.isNull() + ";");
    }
    List<RexNode> rest = operands.subList(1, operands.size());
    int open = 0;
    for (int i = 0; i < rest.size(); i++) {
      if (i == BRANCHES) {
        code.open("if (" + undecided(name, isNull, and) + ")");
        open++;
        List<RexNode> tail = rest.subList(i, rest.size());
        Value decided =
            compiler.method(
                "rest",
                and ? "AND, continued" : "OR, continued",
                code,
                body -> junction(tail, and, body));
        Value copy = compiler.local("rest", decided.type(), decided.java(), decided.isNull(), code);
        combine(name, isNull, copy, and, code);
        break;
      }
      code.open("if (" + undecided(name, isNull, and) + ")");
      open++;
      combine(name, isNull, compiler.compile(rest.get(i), code), and, code);
    }
    for (; open > 0; open--) {
      code.close();
    }
    return new Value(DataType.BOOLEAN, name, isNull);
  }

  private static String undecided(String name, String isNull, boolean and) {
    if (!and) {
      return "!" + name;
    }
    return isNull.equals("false") ? name : name + " || " + isNull;
  }

  private static void combine(
      String name, String isNull, Value right, boolean and, CodeBuffer code) {
    if (isNull.equals("false")) {
      code.line(name + " = " + right.java() + ";");
    } else if (and) {
      // TRUE or NULL so far: FALSE decides, NULL stays NULL beside TRUE
      code.line(
          isNull
              + " = "
              + (right.isNullable() ? right.isNull() + " || " : "")
              + isNull
              + " && "
              + right.java()
              + ";");
      code.line(name + " = !" + isNull + " && " + right.java() + ";");
    } else {
      // FALSE or NULL so far: TRUE decides, NULL stays NULL beside FALSE
      code.line(name + " = " + right.java() + ";");
      code.line(
          isNull
              + " = !"
              + name
              + " && ("
              + isNull
              + (right.isNullable() ? " || " + right.isNull() : "")
              + ");");
    }
  }

  /** CASE WHEN c1 THEN v1 WHEN c2 THEN v2 ELSE v3 END, its operands in that order. */
  Value choose(List<RexNode> operands, DataType type, CodeBuffer code) {
    KernelClass<?> kernel = compiler.kernel();
    String name = kernel.fresh("chosen");
    String isNull = kernel.fresh(name + "IsNull");
    code.line(Value.javaType(type) + " " + name + " = " + Value.defaultOf(type) + ";");
    code.line("boolean " + isNull + " = false;");
    Assignment target = new Assignment(type, name, isNull);
    int open = 0;
    int i = 0;
    for (; i + 1 < operands.size(); i += 2) {
      if (i == 2 * BRANCHES) {
        break;
      }
      code.open("if (" + compiler.condition(operands.get(i), code) + ")");
      target.assign(operands.get(i + 1), code);
      code.next("else");
      open++;
    }
    if (i + 1 < operands.size()) {
      List<RexNode> rest = operands.subList(i, operands.size());
      target.assign(
          compiler.method("otherwise", "CASE, continued", code, body -> choose(rest, type, body)),
          code);
    } else {
      target.assign(operands.get(i), code);
    }
    for (; open > 0; open--) {
      code.close();
    }
    return new Value(type, name, isNull);
  }

  Value coalesce(List<RexNode> operands, DataType type, CodeBuffer code) {
    KernelClass<?> kernel = compiler.kernel();
    String name = kernel.fresh("present");
    String isNull = kernel.fresh(name + "IsNull");
    code.line(Value.javaType(type) + " " + name + " = " + Value.defaultOf(type) + ";");
    code.line("boolean " + isNull + " = true;");
    Assignment target = new Assignment(type, name, isNull);
    target.assign(operands.get(0), code);
    for (RexNode operand : operands.subList(1, operands.size())) {
      code.open("if (" + isNull + ")");
      target.assign(operand, code);
    }
    for (int i = 1; i < operands.size(); i++) {
      code.close();
    }
    return new Value(type, name, isNull);
  }

  private Value nullIf(RexCall call, CodeBuffer code) {
    Value value = compiler.compile(call.getOperands().get(0), code);
    Value other = compiler.compile(call.getOperands().get(1), code);
    Value same = compiler.comparisons().compare(SqlKind.EQUALS, value, other, code);
    DataType type = RexTypes.of(call.getType());
    Value converted = compiler.casts().implicit(value, type, code);
    String isNull = compiler.kernel().fresh("nullIfIsNull");
    code.line(
        "boolean "
            + isNull
            + " = "
            + (converted.isNullable() ? converted.isNull() + " || " : "")
            + same.java()
            + ";");
    return type.kind() == DataType.Kind.BOOLEAN
        ? compiler.local("nullIf", type, "!" + isNull + " && " + converted.java(), isNull, code)
        : new Value(type, converted.java(), isNull);
  }

  /** A variable of CASE or COALESCE. */
  private final class Assignment {
    private final DataType type;
    private final String name;
    private final String isNull;

    Assignment(DataType type, String name, String isNull) {
      this.type = type;
      this.name = name;
      this.isNull = isNull;
    }

    void assign(RexNode node, CodeBuffer code) {
      assign(compiler.compile(node, type, code), code);
    }

    void assign(Value value, CodeBuffer code) {
      if (!value.isNullLiteral()) {
        code.line(name + " = " + value.java() + ";");
      }
      code.line(isNull + " = " + value.isNull() + ";");
    }
  }
}
