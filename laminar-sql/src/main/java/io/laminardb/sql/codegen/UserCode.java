package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.operator.scalar.UserFunction;
import io.laminardb.core.operator.scalar.UserTableFunction;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;

/** Calls of functions that users wrote: a method of the kernel that calls theirs, and says whose. */
final class UserCode {
  private static final int DECIMAL_DIGITS = 38;
  private static final int DECIMAL_SCALE = 10;

  private final ExpressionCompiler compiler;
  private final Calls calls;

  UserCode(ExpressionCompiler compiler, Calls calls) {
    this.compiler = compiler;
    this.calls = calls;
  }

  Value call(RexCall call, UserFunction function, CodeBuffer code) {
    DataType result = RexTypes.of(call.getType());
    List<Value> arguments = new ArrayList<>();
    for (int i = 0; i < call.getOperands().size(); i++) {
      arguments.add(argument(call.getOperands().get(i), function.parameters().get(i), code));
    }
    String method = method(function, arguments, result);
    boolean reference =
        switch (function.result()) {
          case VARCHAR, VARBINARY, DECIMAL -> true;
          default -> false;
        };
    return compiler.strict(
        function.name(),
        result,
        arguments,
        false,
        reference,
        v -> method + "(" + String.join(", ", v) + ")",
        code);
  }

  /** A call of a table function: the ARRAY of its rows. */
  Value call(RexCall call, UserTableFunction function, CodeBuffer code) {
    DataType result = RexTypes.of(call.getType());
    List<Value> arguments = new ArrayList<>();
    for (int i = 0; i < call.getOperands().size(); i++) {
      arguments.add(argument(call.getOperands().get(i), function.parameters().get(i), code));
    }
    String method = method(function, arguments, emitter(function, result.element()));
    return compiler.strict(
        function.name(),
        result,
        arguments,
        false,
        false,
        v -> method + "(" + String.join(", ", v) + ")",
        code);
  }

  /** Adds a class that takes the rows; returns the field with an object of it. */
  private String emitter(UserTableFunction function, DataType row) {
    KernelClass<?> kernel = compiler.kernel();
    kernel.addImport("io.laminardb.core.batch.nested.*");
    String type = kernel.fresh("rows of " + function.name());
    CodeBuffer body = new CodeBuffer(1);
    body.open(
        "public static final class "
            + type
            + " extends RowEmitter implements "
            + kernel.visible(function.rows()));
    body.open("public " + type + "(NestedWriter out, Utf8Buffer scratch)");
    body.line("super(out, scratch);").close();
    List<String> parameters = new ArrayList<>();
    for (int i = 0; i < function.columns().size(); i++) {
      Class<?> declared = function.columns().get(i).declared();
      parameters.add(declared.getCanonicalName() + " column" + i);
    }
    body.open("public void " + function.rowMethod() + "(" + String.join(", ", parameters) + ")");
    body.line("beginRow();").open("try");
    for (int i = 0; i < function.columns().size(); i++) {
      put(function.columns().get(i), "column" + i, row.children().get(i).type(), body);
    }
    body.next("catch (RuntimeException e)").line("failRow(e);").close();
    body.close().close();
    kernel.method(body);
    return kernel.openField(
        type, "emitter", "new " + type + "(new NestedWriter(buffer()), buffer())");
  }

  private static void put(
      UserTableFunction.Column column, String java, DataType type, CodeBuffer code) {
    String value = "((" + column.javaType().getCanonicalName() + ") " + java + ")";
    if (column.isBoxed()) {
      value += "." + column.type().javaType().getName() + "Value()";
    }
    String written =
        switch (column.type()) {
          case VARCHAR -> "UserCalls.text(scratch, " + value + ")";
          case VARBINARY -> "UserCalls.bytes(scratch, " + value + ")";
          case DECIMAL ->
              "UserCalls.decimal(" + value + ", " + type.precision() + ", " + type.scale() + ")";
          case DATE -> "UserCalls.days(" + value + ")";
          case TIMESTAMP, TIMESTAMP_LTZ -> "UserCalls.micros(" + value + ")";
          default -> value;
        };
    if (column.isNullable()) {
      code.open("if (" + java + " == null)").line(NestedCalls.putNull("out", type));
      code.next("else").line(NestedCalls.put("out", type, written)).close();
    } else {
      code.line(NestedCalls.put("out", type, written));
    }
  }

  /** Adds the method that calls a table function; returns its name. */
  private String method(UserTableFunction function, List<Value> arguments, String emitter) {
    KernelClass<?> kernel = compiler.kernel();
    String target = kernel.constant(function.target(), function.owner());
    String name = kernel.fresh("call " + function.name());
    List<String> parameters = new ArrayList<>();
    List<String> passed = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      parameters.add(arguments.get(i).javaType() + " argument" + i);
      passed.add(toJava(function.parameters().get(i), "argument" + i, arguments.get(i)));
    }
    passed.add(emitter);
    CodeBuffer method = new CodeBuffer(1);
    method.open("private Utf8 " + name + "(" + String.join(", ", parameters) + ")");
    method.line(emitter + ".start();").open("try");
    method.line(target + "." + function.method() + "(" + String.join(", ", passed) + ");");
    method.line("return " + emitter + ".rows();");
    method.next("catch (Exception e)");
    method.line("throw UserCalls.failed(" + kernel.constant(function.name()) + ", e);");
    method.next("finally").line(emitter + ".stop();").close();
    method.close();
    kernel.method(method);
    return name;
  }

  private Value argument(RexNode node, UserFunction.Type type, CodeBuffer code) {
    return switch (type) {
      case BOOLEAN -> compiler.compile(node, DataType.BOOLEAN, code);
      case INTEGER -> compiler.compile(node, DataType.INTEGER, code);
      case BIGINT -> compiler.compile(node, DataType.BIGINT, code);
      case REAL -> compiler.compile(node, DataType.REAL, code);
      case DOUBLE -> compiler.compile(node, DataType.DOUBLE, code);
      case VARCHAR -> compiler.compile(node, DataType.VARCHAR, code);
      case VARBINARY -> compiler.compile(node, DataType.VARBINARY, code);
      case DATE -> compiler.compile(node, DataType.DATE, code);
      case TIMESTAMP, TIMESTAMP_LTZ -> calls.timePoint(compiler.compile(node, code), code);
      case DECIMAL -> {
        DataType own = RexTypes.of(node.getType());
        boolean exact = own.kind() == DataType.Kind.DECIMAL;
        yield compiler.compile(
            node, exact ? own : DataType.decimal(DECIMAL_DIGITS, DECIMAL_SCALE), code);
      }
    };
  }

  /** Adds the method; returns its name. */
  private String method(UserFunction function, List<Value> arguments, DataType result) {
    KernelClass<?> kernel = compiler.kernel();
    String target = kernel.constant(function.target(), function.owner());
    String name = kernel.fresh("call " + function.name());
    List<String> parameters = new ArrayList<>();
    List<String> passed = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String parameter = "argument" + i;
      parameters.add(arguments.get(i).javaType() + " " + parameter);
      passed.add(toJava(function.parameters().get(i), parameter, arguments.get(i)));
    }
    String called = target + "." + function.method() + "(" + String.join(", ", passed) + ")";
    CodeBuffer method = new CodeBuffer(1);
    method.open(
        "private "
            + Value.javaType(result)
            + " "
            + name
            + "("
            + String.join(", ", parameters)
            + ")");
    method.open("try").line("return " + toSql(function.result(), called, result) + ";");
    method.next("catch (Exception e)");
    method.line("throw UserCalls.failed(" + kernel.constant(function.name()) + ", e);").close();
    method.close();
    kernel.method(method);
    return name;
  }

  private static String toJava(UserFunction.Type type, String java, Value value) {
    return switch (type) {
      case VARCHAR -> java + ".toString()";
      case VARBINARY -> "UserCalls.bytes(" + java + ")";
      case DATE -> "UserCalls.date(" + java + ")";
      case TIMESTAMP -> "UserCalls.dateTime(" + java + ", " + Calls.unitsPerSecond(value) + ")";
      case TIMESTAMP_LTZ -> "UserCalls.instant(" + java + ", " + Calls.unitsPerSecond(value) + ")";
      default -> java;
    };
  }

  private String toSql(UserFunction.Type type, String java, DataType result) {
    return switch (type) {
      case VARCHAR -> "UserCalls.text(" + compiler.kernel().buffer() + ", " + java + ")";
      case VARBINARY -> "UserCalls.bytes(" + compiler.kernel().buffer() + ", " + java + ")";
      case DECIMAL ->
          "UserCalls.decimal(" + java + ", " + result.precision() + ", " + result.scale() + ")";
      case DATE -> "UserCalls.days(" + java + ")";
      case TIMESTAMP, TIMESTAMP_LTZ -> "UserCalls.micros(" + java + ")";
      default -> java;
    };
  }
}
