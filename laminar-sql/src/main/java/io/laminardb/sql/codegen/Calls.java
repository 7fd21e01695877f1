package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.function.Implementation;
import io.laminardb.sql.function.Implementation.Parameter;
import io.laminardb.sql.function.UserOperator;
import io.laminardb.sql.function.UserTableOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;

/** Calls of functions: of the Java method that {@link Functions} names, or compiled right here. */
final class Calls {
  private static final Set<String> FIELDS =
      Set.of(
          "year",
          "quarter",
          "month",
          "week",
          "day",
          "hour",
          "minute",
          "second",
          "millisecond",
          "microsecond",
          "nanosecond",
          "dow",
          "isodow",
          "doy",
          "isoyear",
          "decade",
          "century",
          "millennium",
          "epoch");

  private final ExpressionCompiler compiler;

  Calls(ExpressionCompiler compiler) {
    this.compiler = compiler;
  }

  Value compile(RexCall call, CodeBuffer code) {
    if (call.getOperator() instanceof UserTableOperator user) {
      return new UserCode(compiler, this).call(call, user.function(), code);
    }
    if (call.getOperator() instanceof UserOperator user) {
      return new UserCode(compiler, this).call(call, user.function(), code);
    }
    String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
    return switch (name) {
      case "GREATEST", "LEAST" -> extreme(call, name.equals("GREATEST"), code);
      case "IF", "IIF" ->
          compiler.logic().choose(call.getOperands(), RexTypes.of(call.getType()), code);
      case "IFNULL", "NVL" ->
          compiler.logic().coalesce(call.getOperands(), RexTypes.of(call.getType()), code);
      case "EPOCH_MS" ->
          RexTypes.of(call.getType()).isTimestamp()
              ? compiler.compile(call.getOperands().get(0), RexTypes.of(call.getType()), code)
              : function(call, code);
      case "UNIX_TIMESTAMP" ->
          call.getOperands().size() == 1
                  && RexTypes.isText(RexTypes.of(call.getOperands().get(0).getType()))
              ? invoke(call, Functions.UNIX_TIME_OF_TEXT, code)
              : function(call, code);
      case "EXTRACT" -> extract(call, code);
      case "FLOOR", "CEIL" ->
          call.getOperands().size() == 2
              ? toUnit(call, name.toLowerCase(Locale.ROOT), code)
              : function(call, code);
      case "DATE_TRUNC", "DATETRUNC" -> truncate(call, code);
      case "TIMEZONE" -> timeZone(call, code);
      case "TRY_STRPTIME" -> leastIsNull(function(call, code), code);
      case "ENTRY" -> new EntryCode(compiler).entry(call, code);
      case "VALUE OF ENTRY" -> new EntryCode(compiler).value(call, code);
      case "CONCAT" -> concat(call, code);
      case "CONCAT_WS" -> concatWithSeparator(call, code);
      case "FORMAT", "PRINTF" -> format(call, name.toLowerCase(Locale.ROOT), code);
      default -> function(call, code);
    };
  }

  /** A number of which the least one stands for NULL. */
  private Value leastIsNull(Value value, CodeBuffer code) {
    if (value.isNullLiteral()) {
      return value;
    }
    String isNull = compiler.kernel().fresh(value.java() + "IsNull");
    String nullable = value.isNullable() ? value.isNull() + " || " : "";
    code.line(
        "boolean " + isNull + " = " + nullable + value.java() + " == java.lang.Long.MIN_VALUE;");
    return new Value(value.type(), value.java(), isNull);
  }

  private Value function(RexCall call, CodeBuffer code) {
    Implementation java = Functions.implementation(call.getOperator(), call.getOperands().size());
    if (java == null) {
      throw compiler.notSupported(call);
    }
    return invoke(call, java, code);
  }

  /** EXTRACT(field FROM time): a method a field. */
  private Value extract(RexCall call, CodeBuffer code) {
    String field = Literals.text((RexLiteral) call.getOperands().get(0)).toLowerCase(Locale.ROOT);
    Value time = timePoint(compiler.compile(call.getOperands().get(1), code), code);
    if (!FIELDS.contains(field) || RexTypes.isInterval(call.getOperands().get(1).getType())) {
      throw compiler.notSupported(call);
    }
    Value part =
        compiler.strict(
            field,
            DataType.BIGINT,
            List.of(time),
            true,
            false,
            v -> "Times." + field + "(" + v.get(0) + ", " + unitsPerSecond(time) + ")",
            code);
    return compiler.casts().implicit(part, RexTypes.of(call.getType()), code);
  }

  /** FLOOR(time TO unit) and CEIL(time TO unit). */
  private Value toUnit(RexCall call, String method, CodeBuffer code) {
    String unit = Literals.text((RexLiteral) call.getOperands().get(1));
    Value own = compiler.compile(call.getOperands().get(0), code);
    Value time = timePoint(own, code);
    Value result =
        compiler.strict(
            method,
            time.type(),
            List.of(time),
            false,
            false,
            v ->
                "TimeUnit."
                    + method
                    + "(\""
                    + unit
                    + "\", "
                    + v.get(0)
                    + ", "
                    + unitsPerSecond(time)
                    + ")",
            code);
    return compiler.casts().implicit(result, RexTypes.of(call.getType()), code);
  }

  /** DATE_TRUNC('unit', time), also with its arguments the other way round. */
  private Value truncate(RexCall call, CodeBuffer code) {
    int at = RexTypes.of(call.getOperands().get(0).getType()).isVariableWidth() ? 0 : 1;
    Value unit = compiler.compile(call.getOperands().get(at), DataType.VARCHAR, code);
    Value time = timePoint(compiler.compile(call.getOperands().get(1 - at), code), code);
    String cutter = compiler.kernel().field("TimeUnit", "timeUnit", "new TimeUnit()");
    Value result =
        compiler.strict(
            "truncated",
            time.type(),
            List.of(unit, time),
            false,
            false,
            v ->
                cutter + ".floor(" + v.get(0) + ", " + v.get(1) + ", " + unitsPerSecond(time) + ")",
            code);
    return compiler.casts().implicit(result, RexTypes.of(call.getType()), code);
  }

  /** TIMEZONE(zone, time): an instant of a clock time, and the other way round. */
  private Value timeZone(RexCall call, CodeBuffer code) {
    Value zone = compiler.compile(call.getOperands().get(0), DataType.VARCHAR, code);
    Value time = timePoint(compiler.compile(call.getOperands().get(1), code), code);
    DataType type = RexTypes.of(call.getType());
    String method = type.kind() == DataType.Kind.TIMESTAMP ? "toLocal" : "toInstant";
    String zones = state("Zones");
    return compiler.strict(
        method,
        type,
        List.of(zone, time),
        false,
        false,
        v ->
            zones
                + "."
                + method
                + "("
                + v.get(0)
                + ", "
                + v.get(1)
                + ", "
                + unitsPerSecond(time)
                + ")",
        code);
  }

  /** A DATE as a timestamp; others as they are. */
  Value timePoint(Value value, CodeBuffer code) {
    return value.type().kind() == DataType.Kind.DATE
        ? compiler.casts().implicit(value, DataType.timestamp(3), code)
        : value;
  }

  static String unitsPerSecond(Value time) {
    return (time.type().kind() == DataType.Kind.TIME
            ? 1_000_000L
            : RexTypes.unitsPerSecond(time.type()))
        + "L";
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
      Parameter parameter = java.parameters().get(Math.min(i, java.parameters().size() - 1));
      argument(call.getOperands().get(i), parameter, result, arguments, patterns, code);
    }
    String target = java.method();
    if (java.state() != null) {
      target = state(java.state()) + "." + target;
    }
    String head =
        target + "(" + (java.buffer() ? kernel.buffer() + (patterns.isEmpty() ? "" : ", ") : "");
    String tail = (java.named() ? ", " + compiler.textConstant(call) : "") + ")";
    String method = call.getOperator().getName();
    DataType returns = java.returns() == null ? result : java.returns();
    Value value =
        compiler.strict(
            method,
            returns,
            arguments,
            false,
            isTotal(call),
            java.nullableResult(),
            v -> {
              List<String> texts = new ArrayList<>();
              int next = 0;
              for (String pattern : patterns) {
                texts.add(pattern.contains("$") ? pattern.replace("$", v.get(next++)) : pattern);
              }
              return fit(head + String.join(", ", texts) + tail, returns, call);
            },
            code);
    return compiler.casts().implicit(value, result, code);
  }

  /** A field with the object that runs a call. */
  private String state(String state) {
    int arguments = state.indexOf('(');
    return arguments < 0
        ? compiler.kernel().field(state, state, "new " + state + "()")
        : compiler
            .kernel()
            .openField(
                state.substring(0, arguments), state.substring(0, arguments), "new " + state);
  }

  /** Whether no row can make a call fail, so that a filter may look ahead with it. */
  private static boolean isTotal(RexCall call) {
    if (call.getKind() == SqlKind.LIKE) {
      return call.getOperands().size() == 2;
    }
    return switch (call.getOperator().getName().toUpperCase(Locale.ROOT)) {
      case "LENGTH",
          "CHAR_LENGTH",
          "CHARACTER_LENGTH",
          "LEN",
          "STARTS_WITH",
          "ENDS_WITH",
          "CONTAINS",
          "STRPOS",
          "POSITION" ->
          true;
      default -> false;
    };
  }

  /** What Java gives, checked to be in the range of a type that Java has no arithmetic of. */
  private String fit(String java, DataType type, RexCall call) {
    return switch (type.kind()) {
      case DECIMAL -> "Decimals.fit(" + java + ", " + type.precision() + ", " + type.scale() + ")";
      case TINYINT -> "Numbers.tinyint(" + java + ", " + compiler.textConstant(call) + ")";
      case SMALLINT -> "Numbers.smallint(" + java + ", " + compiler.textConstant(call) + ")";
      default -> java;
    };
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
      value = timePoint(value, code);
      patterns.add("$, " + unitsPerSecond(value));
    } else {
      patterns.add("$");
    }
    arguments.add(value);
  }

  /** FORMAT(pattern, ..) and PRINTF(pattern, ..). */
  private Value format(RexCall call, String method, CodeBuffer code) {
    String formatter = compiler.kernel().openField("Formatter", method, "new Formatter(buffer())");
    List<Value> values = new ArrayList<>();
    for (RexNode operand : call.getOperands()) {
      DataType own = RexTypes.of(operand.getType());
      DataType type =
          switch (values.isEmpty() ? Kind.VARCHAR : own.kind()) {
            case BOOLEAN, REAL -> own;
            case TINYINT, SMALLINT, INTEGER, BIGINT -> DataType.BIGINT;
            case DOUBLE, DECIMAL -> DataType.DOUBLE;
            default -> DataType.VARCHAR;
          };
      values.add(compiler.compile(operand, type, code));
    }
    return compiler.strict(
        method,
        DataType.VARCHAR,
        values,
        false,
        false,
        v -> {
          StringBuilder java = new StringBuilder(formatter + "." + method + "(" + v.get(0) + ")");
          v.subList(1, v.size()).forEach(value -> java.append(".add(" + value + ")"));
          return java.append(".result()").toString();
        },
        code);
  }

  /** CONCAT(..): NULLs count as empty texts. */
  private Value concat(RexCall call, CodeBuffer code) {
    return join(Value.of(DataType.VARCHAR, compiler.kernel().text("")), call.getOperands(), code);
  }

  /** CONCAT_WS(separator, ..): NULLs are left out together with their separator. */
  private Value concatWithSeparator(RexCall call, CodeBuffer code) {
    Value separator = compiler.compile(call.getOperands().get(0), DataType.VARCHAR, code);
    return join(separator, call.getOperands().subList(1, call.getOperands().size()), code);
  }

  private Value join(Value separator, List<RexNode> operands, CodeBuffer code) {
    String joiner = compiler.kernel().openField("Joiner", "joiner", "new Joiner(buffer())");
    List<Value> parts = new ArrayList<>();
    for (RexNode operand : operands) {
      parts.add(compiler.compile(operand, DataType.VARCHAR, code));
    }
    if (separator.isNullLiteral()) {
      return Value.nullOf(DataType.VARCHAR);
    }
    code.fallible();
    Value joined = compiler.local("joined", DataType.VARCHAR, "null", separator.isNull(), code);
    if (separator.isNullable()) {
      code.open("if (!" + separator.isNull() + ")");
    }
    code.line(joiner + ".start(" + separator.java() + ");");
    for (Value part : parts) {
      if (!part.isNullLiteral()) {
        code.line(
            (part.isNullable() ? "if (!" + part.isNull() + ") " : "")
                + joiner
                + ".add("
                + part.java()
                + ");");
      }
    }
    code.line(joined.java() + " = " + joiner + ".result();");
    if (separator.isNullable()) {
      code.close();
    }
    return joined;
  }
}
