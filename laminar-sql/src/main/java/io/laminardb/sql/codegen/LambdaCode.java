package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.sql.function.LambdaFunction;
import io.laminardb.sql.function.LambdaFunction.Action;
import io.laminardb.sql.function.LambdaParameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;

/**
 * Functions of an ARRAY and a lambda: a loop over the elements with the body in it. Parameters are
 * fields, as parts of a large body stand in methods of their own.
 */
final class LambdaCode {
  private final ExpressionCompiler compiler;
  private final KernelClass<?> kernel;
  private final Map<LambdaParameter, Value> values = new HashMap<>();

  LambdaCode(ExpressionCompiler compiler) {
    this.compiler = compiler;
    this.kernel = compiler.kernel();
  }

  /** The value of a parameter, inside its lambda. */
  Value value(LambdaParameter parameter) {
    return values.get(parameter);
  }

  Value call(RexCall call, LambdaFunction function, CodeBuffer code) {
    kernel.addImport("io.laminardb.core.batch.nested.*");
    List<RexNode> operands = call.getOperands();
    DataType result = RexTypes.of(call.getType());
    DataType type = RexTypes.of(operands.get(0).getType());
    Value array = compiler.compile(operands.get(0), type, code);
    if (array.isNullLiteral()) {
      return Value.nullOf(result);
    }
    code.fallible();
    Loop loop = new Loop(function, operands, type, array, code);
    Value value =
        switch (function.action()) {
          case TRANSFORM -> loop.transform(result);
          case FILTER -> loop.filter(result);
          case REDUCE -> loop.reduce(result);
          case ANY, ALL, NONE -> loop.match(function.action());
        };
    values.keySet().removeAll(loop.parameters.keySet());
    return value;
  }

  /** One call's loop. */
  private final class Loop {
    private final LambdaFunction function;
    private final List<RexNode> operands;
    private final DataType type; // of the array
    private final Value array;
    private final CodeBuffer code;
    private final Map<LambdaParameter, Value> parameters = new HashMap<>();
    private final String at = kernel.fresh("at");
    private final String place;
    private final Value element;

    Loop(
        LambdaFunction function,
        List<RexNode> operands,
        DataType type,
        Value array,
        CodeBuffer code) {
      this.function = function;
      this.operands = operands;
      this.type = type;
      this.array = array;
      this.code = code;
      this.place = kernel.variable("long", "place");
      this.element = variable("element", type.element());
      bind(function.body() - 2, element);
      bind(function.body() - 1, Value.of(DataType.BIGINT, place));
    }

    private void bind(int operand, Value value) {
      LambdaParameter parameter = (LambdaParameter) ((RexCall) operands.get(operand)).getOperator();
      parameters.put(parameter, value);
      values.put(parameter, value);
    }

    /** A field that may be NULL. */
    private Value variable(String hint, DataType type) {
      String name = kernel.variable(Value.javaType(type), hint);
      return new Value(type, name, kernel.variable("boolean", name + "IsNull"));
    }

    private RexNode body() {
      return operands.get(function.body());
    }

    private void openArray() {
      if (array.isNullable()) {
        code.open("if (!" + array.isNull() + ")");
      }
      code.line("long " + at + " = " + array.java() + ".address;");
      code.line(place + " = 0L;");
    }

    private void closeArray() {
      if (array.isNullable()) {
        code.close();
      }
    }

    private void openElement() {
      code.open("while (!NestedBytes.isEnd(" + at + "))");
      code.line(place + "++;");
      load(element, at);
    }

    private void load(Value variable, String address) {
      code.line(variable.isNull() + " = NestedBytes.isNull(" + address + ");");
      code.open("if (!" + variable.isNull() + ")");
      code.line(variable.java() + " = " + compiler.nested().get(address, variable.type()) + ";");
      if (variable.type().kind() == Kind.BOOLEAN) {
        code.next("else").line(variable.java() + " = false;");
      }
      code.close();
    }

    private void closeElement() {
      code.line(at + " = " + next() + ";").close();
    }

    private String next() {
      return "NestedBytes.afterItem(" + compiler.nested().type(type.element()) + ", " + at + ")";
    }

    Value transform(DataType result) {
      String writer = compiler.nested().writer();
      Value made = compiler.local("transformed", result, "null", array.isNull(), code);
      openArray();
      code.line(writer + ".start();");
      openElement();
      DataType item = result.element();
      compiler.nested().append(writer, item, compiler.compile(body(), item, code), code);
      closeElement();
      code.line(made.java() + " = " + writer + ".mark(NestedWriter.END).result();");
      closeArray();
      return made;
    }

    Value filter(DataType result) {
      String writer = compiler.nested().writer();
      Value made = compiler.local("filtered", result, "null", array.isNull(), code);
      openArray();
      code.line(writer + ".start();");
      openElement();
      code.open("if (" + compiler.condition(body(), code) + ")");
      code.line(writer + ".append(" + at + ", " + next() + " - " + at + ");").close();
      closeElement();
      code.line(made.java() + " = " + writer + ".mark(NestedWriter.END).result();");
      closeArray();
      return made;
    }

    /** TRUE or FALSE once an element decides; else NULL where the body was NULL of one. */
    Value match(Action action) {
      boolean all = action == Action.ALL;
      String decided = kernel.fresh("decided");
      String unknown = kernel.fresh("unknown");
      code.line("boolean " + decided + " = false;").line("boolean " + unknown + " = false;");
      openArray();
      openElement();
      Value body = compiler.compile(body(), DataType.BOOLEAN, code);
      String met =
          all
              ? "!" + body.java() + (body.isNullable() ? " && !" + body.isNull() : "")
              : body.java();
      code.open("if (" + met + ")").line(decided + " = true;").line("break;").close();
      if (body.isNullable()) {
        code.line(unknown + " |= " + body.isNull() + ";");
      }
      closeElement();
      closeArray();
      String isNull = kernel.fresh("matchIsNull");
      code.line(
          "boolean "
              + isNull
              + " = "
              + (array.isNullable() ? array.isNull() + " || " : "")
              + "!"
              + decided
              + " && "
              + unknown
              + ";");
      String value = action == Action.ANY ? decided : "!" + decided;
      return compiler.local("match", DataType.BOOLEAN, "!" + isNull + " && " + value, isNull, code);
    }

    Value reduce(DataType result) {
      Value sum = variable("reduced", result);
      bind(1, sum);
      boolean held = result.isVariableWidth(); // a view of bytes that the body moves
      String own = held ? compiler.nested().writer() : null;
      String made = held ? compiler.nested().writer() : null;
      boolean initial = operands.size() > function.body() + 1;
      Value first =
          initial ? compiler.compile(operands.get(function.body() + 1), result, code) : null;
      Value reduced = variable("reduction", result);
      code.line(reduced.isNull() + " = true;");
      openArray();
      if (initial) {
        keep(first, sum, own, own);
      } else {
        code.open("if (NestedBytes.isEnd(" + at + "))");
        code.line("throw ArrayFunctions.emptyReduction();").close();
        code.line(place + "++;");
        load(element, at);
        Value converted = compiler.casts().implicit(element, result, code);
        keep(converted, sum, own, own);
        code.line(at + " = " + next() + ";");
      }
      openElement();
      Value next = compiler.compile(body(), result, code);
      keep(next, sum, own, made);
      closeElement();
      code.line(reduced.isNull() + " = " + sum.isNull() + ";");
      code.line(reduced.java() + " = " + sum.java() + ";");
      closeArray();
      return reduced;
    }

    /** Makes a value the result so far; bytes are written to {@code to}, then kept in {@code own}. */
    private void keep(Value value, Value sum, String own, String to) {
      if (own == null) {
        code.line(sum.isNull() + " = " + value.isNull() + ";");
        if (!value.isNullLiteral()) {
          code.line(sum.java() + " = " + value.java() + ";");
        }
        return;
      }
      code.line(to + ".start();");
      compiler.nested().append(to, sum.type(), value, code);
      if (!own.equals(to)) {
        code.line(own + ".start();");
        code.line(own + ".append(" + to + ".address(), " + to + ".length());");
      }
      load(sum, own + ".address()");
    }
  }
}
