package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * CAST, TRY_CAST and the conversions that types alone ask for. A value that does not fit fails, or is
 * NULL with TRY_CAST.
 */
final class Casts {
  private final ExpressionCompiler compiler;
  private final NestedCasts nested;

  Casts(ExpressionCompiler compiler) {
    this.compiler = compiler;
    this.nested = new NestedCasts(compiler);
  }

  Value compile(RexCall call, CodeBuffer code) {
    RexNode operand = call.getOperands().get(0);
    DataType to = RexTypes.of(call.getType());
    if (operand.getType().getSqlTypeName() == SqlTypeName.NULL) {
      return Value.nullOf(to);
    }
    boolean fromInterval = RexTypes.isInterval(operand.getType());
    boolean toInterval = RexTypes.isInterval(call.getType());
    if (call.getKind() == SqlKind.REINTERPRET || fromInterval && toInterval) {
      return reinterpret(compiler.compile(operand, code), to, code);
    }
    if (fromInterval || toInterval) {
      return interval(call, operand, to, code);
    }
    if (call.getKind() == SqlKind.SAFE_CAST) {
      return attempt(call, compiler.compile(operand, code), to, code);
    }
    return cut(call, explained(call, operand, to, code), code);
  }

  /** Converts, and says of a failure which expression it was. */
  private Value explained(RexCall call, RexNode operand, DataType to, CodeBuffer code) {
    Value folded = compiler.folded(operand, to);
    if (folded != null) {
      return folded;
    }
    Value value = compiler.compile(operand, code);
    boolean total = value.type().equals(to) || value.isNullLiteral();
    String java = total ? null : conversion(value.type(), to);
    if (java == null || java.startsWith("(")) {
      return implicit(value, to, code);
    }
    KernelClass<?> kernel = compiler.kernel();
    kernel.addImport("io.laminardb.core.error.LaminarException");
    String name = kernel.fresh("cast");
    code.fallible();
    code.line(Value.javaType(to) + " " + name + " = " + Value.defaultOf(to) + ";");
    if (value.isNullable()) {
      code.open("if (!" + value.isNull() + ")");
    }
    code.open("try").line(name + " = " + java.replace("$", value.java()) + ";");
    code.next("catch (LaminarException failure)");
    code.line("throw Conversions.failed(failure, " + compiler.textConstant(call) + ");").close();
    if (value.isNullable()) {
      code.close();
    }
    return new Value(to, name, value.isNull());
  }

  /** A time as its number of milliseconds; everything else stays what it is. */
  private Value reinterpret(Value value, DataType to, CodeBuffer code) {
    return value.type().isTimestamp() && to.kind() == Kind.BIGINT
        ? implicit(value, to, code)
        : new Value(to, value.java(), value.isNull());
  }

  /** Between an INTERVAL and the number of its unit: {@code CAST(INTERVAL '2' HOUR AS INTEGER)} is 2. */
  private Value interval(RexCall call, RexNode operand, DataType to, CodeBuffer code) {
    boolean from = RexTypes.isInterval(operand.getType());
    String unit =
        (from ? operand.getType() : call.getType()).getIntervalQualifier().getUnit().multiplier
            + "L";
    String text = compiler.textConstant(call);
    if (from) {
      Value value = compiler.compile(operand, code);
      Value count =
          compiler.strict(
              "count",
              DataType.BIGINT,
              List.of(value),
              true,
              false,
              v -> v.get(0) + " / " + unit,
              code);
      return implicit(count, to, code);
    }
    Value count = compiler.compile(operand, DataType.BIGINT, code);
    return compiler.strict(
        "interval",
        DataType.BIGINT,
        List.of(count),
        false,
        false,
        v -> "Numbers.multiply(" + v.get(0) + ", " + unit + ", " + text + ")",
        code);
  }

  /** TRY_CAST. */
  private Value attempt(RexCall call, Value value, DataType to, CodeBuffer code) {
    if (value.isNullLiteral()) {
      return Value.nullOf(to);
    }
    KernelClass<?> kernel = compiler.kernel();
    kernel.addImport("io.laminardb.core.error.LaminarException");
    String name = kernel.fresh("tried");
    String isNull = kernel.fresh(name + "IsNull");
    code.line(Value.javaType(to) + " " + name + " = " + Value.defaultOf(to) + ";");
    code.line("boolean " + isNull + " = " + value.isNull() + ";");
    code.open("if (!" + isNull + ")").open("try");
    Value converted = cut(call, implicit(Value.of(value.type(), value.java()), to, code), code);
    code.line(name + " = " + converted.java() + ";");
    code.next("catch (LaminarException failure)").line(isNull + " = true;").close().close();
    return new Value(to, name, isNull);
  }

  /** The first n characters for VARCHAR(n). */
  private Value cut(RexCall call, Value value, CodeBuffer code) {
    int length = call.getType().getPrecision();
    boolean text = SqlTypeName.CHAR_TYPES.contains(call.getType().getSqlTypeName());
    if (!text || length < 0 || length >= 65536 || value.isNullLiteral()) {
      return value;
    }
    RexNode operand = call.getOperands().get(0);
    boolean fits =
        SqlTypeName.CHAR_TYPES.contains(operand.getType().getSqlTypeName())
            && operand.getType().getPrecision() >= 0
            && operand.getType().getPrecision() <= length;
    if (fits) {
      return value;
    }
    String buffer = compiler.kernel().buffer();
    return compiler.strict(
        "cut",
        value.type(),
        List.of(value),
        false,
        false,
        v -> "Texts.left(" + buffer + ", " + v.get(0) + ", " + length + ")",
        code);
  }

  /** Converts a value to a type, failing at run time when it does not fit. */
  Value implicit(Value value, DataType to, CodeBuffer code) {
    DataType from = value.type();
    if (from.equals(to)) {
      return value;
    }
    if (value.isNullLiteral()) {
      return Value.nullOf(to);
    }
    String java = conversion(from, to);
    if (java == null) {
      return new Value(to, value.java(), value.isNull());
    }
    boolean safe = java.startsWith("(");
    return compiler.strict(
        "cast", to, List.of(value), safe, false, v -> java.replace("$", v.get(0)), code);
  }

  /** Java with {@code $} for the value; null where the representation is the same. */
  private String conversion(DataType from, DataType to) {
    return switch (to.kind()) {
      case BOOLEAN -> toBoolean(from, to);
      case TINYINT, SMALLINT, INTEGER, BIGINT -> toInteger(from, to);
      case REAL, DOUBLE -> toFloating(from, to);
      case DECIMAL -> toDecimal(from, to);
      case VARCHAR -> toText(from, to);
      case VARBINARY -> from.isVariableWidth() && !from.isNested() ? null : refuse(from, to);
      case ARRAY, MAP, ROW -> nested.toNested(from, to);
      case DATE -> toDate(from, to);
      case TIME -> toTime(from, to);
      case TIMESTAMP, TIMESTAMP_LTZ -> toTimestamp(from, to);
    };
  }

  private String toBoolean(DataType from, DataType to) {
    return switch (from.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE -> "($ != 0)";
      case DECIMAL -> "Conversions.toBoolean($)";
      case VARCHAR -> "Conversions.toBoolean($)";
      default -> refuse(from, to);
    };
  }

  private String toInteger(DataType from, DataType to) {
    String method =
        switch (to.kind()) {
          case TINYINT -> "toTinyint";
          case SMALLINT -> "toSmallint";
          case INTEGER -> "toInteger";
          default -> "toBigint";
        };
    return switch (from.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT ->
          from.kind().width() <= to.kind().width()
              ? from.kind().width() < 8 && to.kind() == Kind.BIGINT ? "((long) $)" : null
              : "Conversions." + method + "($)";
      case BOOLEAN -> "($ ? 1 : 0)";
      case REAL, DOUBLE, DECIMAL, VARCHAR -> "Conversions." + method + "($)";
      case TIMESTAMP, TIMESTAMP_LTZ ->
          to.kind() == Kind.BIGINT
              ? "Times.toMillis($, " + RexTypes.unitsPerSecond(from) + "L)"
              : refuse(from, to);
      default -> refuse(from, to);
    };
  }

  private String toFloating(DataType from, DataType to) {
    String type = to.kind() == Kind.REAL ? "float" : "double";
    return switch (from.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT, REAL -> "((" + type + ") $)";
      case DOUBLE -> "Conversions.toReal($)";
      case BOOLEAN -> "($ ? 1 : 0)";
      case DECIMAL -> "$." + type + "Value()";
      case VARCHAR -> to.kind() == Kind.REAL ? "Conversions.toReal($)" : "Conversions.toDouble($)";
      default -> refuse(from, to);
    };
  }

  private String toDecimal(DataType from, DataType to) {
    String shape = to.precision() + ", " + to.scale();
    return switch (from.kind()) {
      case DECIMAL ->
          from.scale() == to.scale() && from.precision() <= to.precision()
              ? null
              : "Decimals.fit($, " + shape + ")";
      case TINYINT, SMALLINT, INTEGER, BIGINT, REAL, DOUBLE, VARCHAR ->
          "Conversions.toDecimal($, " + shape + ")";
      case BOOLEAN -> "Conversions.toDecimal($ ? 1L : 0L, " + shape + ")";
      default -> refuse(from, to);
    };
  }

  private String toText(DataType from, DataType to) {
    if (from.isNested()) {
      return nested.toText(from);
    }
    if (from.isVariableWidth()) {
      return null;
    }
    String buffer = compiler.kernel().buffer();
    return switch (from.kind()) {
      case DATE -> "TimeTexts.date(" + buffer + ", $)";
      case TIME -> "TimeTexts.time(" + buffer + ", $, " + from.precision() + ")";
      case TIMESTAMP, TIMESTAMP_LTZ ->
          "TimeTexts.timestamp("
              + buffer
              + ", $, "
              + RexTypes.unitsPerSecond(from)
              + "L, "
              + from.precision()
              + ")";
      default -> "Conversions.toText(" + buffer + ", $)";
    };
  }

  private String toDate(DataType from, DataType to) {
    return switch (from.kind()) {
      case TIMESTAMP, TIMESTAMP_LTZ -> "Times.toDate($, " + RexTypes.unitsPerSecond(from) + "L)";
      case VARCHAR -> "TimeTexts.toDate($)";
      default -> refuse(from, to);
    };
  }

  private String toTime(DataType from, DataType to) {
    return switch (from.kind()) {
      case TIME -> to.precision() < from.precision() ? cutTime("$", to) : null;
      case TIMESTAMP, TIMESTAMP_LTZ ->
          cutTime("Times.toTime($, " + RexTypes.unitsPerSecond(from) + "L)", to);
      case VARCHAR -> cutTime("TimeTexts.toTime($)", to);
      default -> refuse(from, to);
    };
  }

  private static String cutTime(String java, DataType to) {
    return to.precision() < 6 ? "Times.cutTime(" + java + ", " + to.precision() + ")" : java;
  }

  private String toTimestamp(DataType from, DataType to) {
    long units = RexTypes.unitsPerSecond(to);
    return switch (from.kind()) {
      case TIMESTAMP, TIMESTAMP_LTZ -> {
        long own = RexTypes.unitsPerSecond(from);
        String same = own == units ? "$" : "Times.rescale($, " + own + "L, " + units + "L)";
        String cut = from.precision() <= to.precision() ? same : cutTimestamp(same, to);
        yield cut.equals("$") ? null : cut;
      }
      case DATE -> "Times.ofDate($, " + units + "L)";
      case TINYINT, SMALLINT, INTEGER, BIGINT ->
          cutTimestamp("Times.rescale($, 1000L, " + units + "L)", to);
      case VARCHAR -> cutTimestamp("TimeTexts.toTimestamp($, " + units + "L)", to);
      default -> refuse(from, to);
    };
  }

  /** Without the digits that the unit of time has beyond the precision of the type. */
  private static String cutTimestamp(String java, DataType to) {
    long unit = 1;
    for (long i = RexTypes.unitsPerSecond(to); i > Math.pow(10, to.precision()); i /= 10) {
      unit *= 10;
    }
    return unit == 1 ? java : "Times.cut(" + java + ", " + unit + "L)";
  }

  private static String refuse(DataType from, DataType to) {
    throw refusal(from, to);
  }

  static io.laminardb.core.error.LaminarException refusal(DataType from, DataType to) {
    return new io.laminardb.core.error.LaminarException(
            io.laminardb.core.error.ErrorCode.TYPE_MISMATCH,
            "A value of type " + from + " cannot become " + to + ".")
        .mend("Cast it to VARCHAR first.");
  }
}
