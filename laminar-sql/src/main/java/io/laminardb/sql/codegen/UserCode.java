package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.operator.scalar.UserFunction;
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
