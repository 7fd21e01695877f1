package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.function.Implementation;
import io.laminardb.sql.function.Implementation.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;

/** Calls of functions: of the Java method that {@link Functions} names, or compiled right here. */
final class Calls {
  private final ExpressionCompiler compiler;

  Calls(ExpressionCompiler compiler) {
    this.compiler = compiler;
  }

  Value compile(RexCall call, CodeBuffer code) {
    String name = call.getOperator().getName().toUpperCase(java.util.Locale.ROOT);
    return switch (name) {
      case "GREATEST", "LEAST" -> extreme(call, name.equals("GREATEST"), code);
      case "IF", "IIF" -> compiler.logic().choose(call.getOperands(), RexTypes.of(call.getType()), code);
      case "IFNULL", "NVL" ->
          compiler.logic().coalesce(call.getOperands(), RexTypes.of(call.getType()), code);
      case "CONCAT_WS" -> concatWithSeparator(call, code);
      default -> {
        Implementation java = Functions.implementation(call.getOperator(), call.getOperands().size());
        if (java == null) {
          throw compiler.notSupported(call);
        }
        yield invoke(call, java, code);
      }
    };
  }

  private Value extreme(RexCall call, boolean greatest, CodeBuffer code) {
    DataType type = RexTypes.of(call.getType());
    List<Value> values = new ArrayList<>();
    for (RexNode operand : call.getOperands()) {
      values.add(compiler.compile(operand, type, code));
    }
    return compiler.comparisons().extreme(values, type, greatest, code);
  }

  private Value invoke(RexCall call, Implementation java, CodeBuffer code) {
    KernelClass<?> kernel = compiler.kernel();
    List<Value> arguments = new ArrayList<>();
    List<String> patterns = new ArrayList<>();
    DataType result = RexTypes.of(call.getType());
    for (int i = 0; i < call.getOperands().size(); i++) {
      Parameter parameter =
          java.parameters().get(Math.min(i, java.parameters().size() - 1));
      argument(call.getOperands().get(i), parameter, result, arguments, patterns, code);
    }
    String target = java.method();
    if (java.state() != null) {
      target = kernel.field(java.state(), java.state(), "new " + java.state() + "()") + "." + target;
    }
    String head = target + "(" + (java.buffer() ? kernel.buffer() + ", " : "");
    String tail = (java.named() ? ", " + compiler.textConstant(call) : "") + ")";
    String method = call.getOperator().getName();
    DataType returns = java.returns() == null ? result : java.returns();
    Value value =
        compiler.strict(
            method,
            returns,
            arguments,
            false,
            java.nullableResult(),
            v -> {
              List<String> texts = new ArrayList<>();
              int next = 0;
              for (String pattern : patterns) {
                texts.add(pattern.contains("$") ? pattern.replace("$", v.get(next++)) : pattern);
              }
              return fit(head + String.join(", ", texts) + tail, returns);
            },
            code);
    return compiler.casts().implicit(value, result, code);
  }

  private static String fit(String java, DataType type) {
    return type.kind() == DataType.Kind.DECIMAL
        ? "Decimals.fit(" + java + ", " + type.precision() + ", " + type.scale() + ")"
        : java;
  }

  private void argument(
      RexNode node,
      Parameter parameter,
      DataType result,
      List<Value> arguments,
      List<String> patterns,
      CodeBuffer code) {
    if (parameter == Parameter.SYMBOL) {
      patterns.add("\"" + Literals.text((RexLiteral) node) + "\"");
      return;
    }
    Value value =
        switch (parameter) {
          case TEXT -> compiler.compile(node, DataType.VARCHAR, code);
          case BOOLEAN -> compiler.compile(node, DataType.BOOLEAN, code);
          case INTEGER -> compiler.compile(node, DataType.INTEGER, code);
          case BIGINT -> compiler.compile(node, DataType.BIGINT, code);
          case DOUBLE -> compiler.compile(node, DataType.DOUBLE, code);
          case RESULT -> compiler.compile(node, result, code);
          default -> compiler.compile(node, code);
        };
    if (parameter == Parameter.TIME_POINT) {
      if (value.type().kind() == DataType.Kind.DATE) {
        value = compiler.casts().implicit(value, DataType.timestamp(3), code);
      }
      patterns.add("$, " + RexTypes.unitsPerSecond(value.type()) + "L");
    } else {
      patterns.add("$");
    }
    arguments.add(value);
  }

  /** NULLs are left out together with their separator. */
  private Value concatWithSeparator(RexCall call, CodeBuffer code) {
    KernelClass<?> kernel = compiler.kernel();
    Value separator = compiler.compile(call.getOperands().get(0), DataType.VARCHAR, code);
    String joiner = kernel.openField("Joiner", "joiner", "new Joiner(buffer())");
    List<Value> parts = new ArrayList<>();
    for (RexNode operand : call.getOperands().subList(1, call.getOperands().size())) {
      parts.add(compiler.compile(operand, DataType.VARCHAR, code));
    }
    if (separator.isNullLiteral()) {
      return Value.nullOf(DataType.VARCHAR);
    }
    Value joined = compiler.local("joined", DataType.VARCHAR, "null", separator.isNull(), code);
    if (separator.isNullable()) {
      code.open("if (!" + separator.isNull() + ")");
    }
    code.line(joiner + ".start(" + separator.java() + ");");
    for (Value part : parts) {
      if (!part.isNullLiteral()) {
        code.line(
            (part.isNullable() ? "if (!" + part.isNull() + ") " : "") + joiner + ".add("
                + part.java() + ");");
      }
    }
    code.line(joined.java() + " = " + joiner + ".result();");
    if (separator.isNullable()) {
      code.close();
    }
    return joined;
  }
}
