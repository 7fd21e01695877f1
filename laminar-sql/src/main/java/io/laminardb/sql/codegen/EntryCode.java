package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;

/** Makes the entries that aggregates with ORDER BY keep, and reads them. */
final class EntryCode {
  private static final String PACKAGE = "io.laminardb.core.operator.aggregate.*";

  private final ExpressionCompiler compiler;

  EntryCode(ExpressionCompiler compiler) {
    this.compiler = compiler;
    compiler.kernel().addImport(PACKAGE);
  }

  /** The flags of the keys, the keys, the value. */
  Value entry(RexCall call, CodeBuffer code) {
    List<RexNode> operands = call.getOperands();
    String flags = Literals.text((RexLiteral) operands.get(0));
    String writer =
        compiler.kernel().openField("OrderedEntry", "entry", "new OrderedEntry(buffer())");
    Value[] values = new Value[operands.size() - 1];
    for (int i = 0; i < values.length; i++) {
      RexNode operand = operands.get(i + 1);
      values[i] = compiler.compile(operand, RexTypes.of(operand.getType()), code);
    }
    code.line(writer + ".start();");
    for (int i = 0; i < flags.length(); i++) {
      put(writer, "Key(" + flags.charAt(i) + ")", ", " + flags.charAt(i), values[i], code);
    }
    Value value = values[values.length - 1];
    put(writer, "Value(" + width(value.type()) + ")", ", " + nonZeroWidth(value), value, code);
    return compiler.local(
        "entryBytes",
        DataType.VARBINARY,
        writer + ".result(" + !flags.isEmpty() + ")",
        "false",
        code);
  }

  private static void put(
      String writer, String nullCall, String argument, Value value, CodeBuffer code) {
    String method = nullCall.startsWith("Key") ? ".key(" : ".value(";
    String present = writer + method + value.java() + argument + ");";
    if (value.isNullable()) {
      code.open("if (" + value.isNull() + ")").line(writer + ".null" + nullCall + ";");
      code.next("else").line(present).close();
    } else {
      code.line(present);
    }
  }

  private static int width(DataType type) {
    return type.isVariableWidth() ? 0 : Math.max(1, type.kind().width());
  }

  private static int nonZeroWidth(Value value) {
    return Math.max(1, width(value.type()));
  }

  Value value(RexCall call, CodeBuffer code) {
    DataType type = RexTypes.of(call.getType());
    Value entry = compiler.compile(call.getOperands().get(0), code);
    String isNull = compiler.kernel().fresh("valueIsNull");
    String test = "EntryValues.isNull(" + entry.java() + ")";
    code.line(
        "boolean "
            + isNull
            + " = "
            + (entry.isNullable() ? entry.isNull() + " || " + test : test)
            + ";");
    String read =
        switch (Value.javaType(type)) {
          case "boolean" -> "EntryValues.booleanValue(" + entry.java() + ")";
          case "int" -> "(int) EntryValues.longValue(" + entry.java() + ", " + width(type) + ")";
          case "long" -> "EntryValues.longValue(" + entry.java() + ", " + width(type) + ")";
          case "float" -> "EntryValues.floatValue(" + entry.java() + ")";
          case "double" -> "EntryValues.doubleValue(" + entry.java() + ")";
          case "BigDecimal" ->
              "EntryValues.decimalValue(" + entry.java() + ", " + type.scale() + ")";
          default ->
              "EntryValues.textValue(" + compiler.kernel().buffer() + ", " + entry.java() + ")";
        };
    return compiler.local(
        "value", type, isNull + " ? " + Value.defaultOf(type) + " : " + read, isNull, code);
  }
}
