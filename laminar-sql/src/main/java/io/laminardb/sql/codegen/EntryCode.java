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
    compiler.kernel().addImport("io.laminardb.core.batch.nested.*");
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
      String flag = "(" + flags.charAt(i) + ");";
      putIfPresent(
          values[i],
          writer + ".nullKey" + flag,
          writer + ".items()." + put(values[i]) + " " + writer + ".endKey" + flag,
          code);
    }
    Value value = values[values.length - 1];
    putIfPresent(
        value,
        writer + ".items().putNull(" + width(value.type()) + ");",
        writer + ".items()." + put(value),
        code);
    return compiler.local(
        "entryBytes",
        DataType.VARBINARY,
        writer + ".result(" + !flags.isEmpty() + ")",
        "false",
        code);
  }

  private static void putIfPresent(Value value, String absent, String present, CodeBuffer code) {
    if (value.isNullable()) {
      code.open("if (" + value.isNull() + ")").line(absent).next("else").line(present).close();
    } else {
      code.line(present);
    }
  }

  /** Bytes of a value in an item, 0 where they differ. */
  private static int width(DataType type) {
    return type.isVariableWidth() ? 0 : Math.max(1, type.kind().width());
  }

  /** The call that writes a value as an item. */
  private static String put(Value value) {
    String java = value.java();
    return switch (value.javaType()) {
      case "boolean" -> "putBoolean(" + java + ");";
      case "float" -> "putFloat(" + java + ");";
      case "double" -> "putDouble(" + java + ");";
      case "BigDecimal" -> "putDecimal(Decimals.low(" + java + "), Decimals.high(" + java + "));";
      case "Utf8" -> (value.type().isNested() ? "putNested(" : "putText(") + java + ");";
      default -> "putLong(" + java + ", " + width(value.type()) + ");";
    };
  }

  /** The value of an entry with keys. */
  Value value(RexCall call, CodeBuffer code) {
    DataType type = RexTypes.of(call.getType());
    KernelClass<?> kernel = compiler.kernel();
    Value entry = compiler.compile(call.getOperands().get(0), code);
    String isNull = kernel.fresh("valueIsNull");
    String test = "OrderedEntry.isNull(" + entry.java() + ")";
    code.line(
        "boolean "
            + isNull
            + " = "
            + (entry.isNullable() ? entry.isNull() + " || " + test : test)
            + ";");
    String item = "(OrderedEntry.item(" + entry.java() + ")";
    String read =
        switch (Value.javaType(type)) {
          case "boolean" -> "NestedCodec.getBoolean" + item + ")";
          case "int" -> "(int) NestedCodec.getLong" + item + ", " + width(type) + ")";
          case "long" -> "NestedCodec.getLong" + item + ", " + width(type) + ")";
          case "float" -> "NestedCodec.getFloat" + item + ")";
          case "double" -> "NestedCodec.getDouble" + item + ")";
          case "BigDecimal" ->
              "Decimals.of(NestedCodec.getDecimalLow"
                  + item
                  + "), NestedCodec.getDecimalHigh"
                  + item
                  + "), "
                  + type.scale()
                  + ")";
          default -> {
            String view = kernel.field("Utf8", "value", "new Utf8()");
            yield type.isNested()
                ? "NestedCodec.getNested" + item + ", " + kernel.constant(type) + ", " + view + ")"
                : "NestedCodec.getText" + item + ", " + view + ", " + kernel.buffer() + ")";
          }
        };
    return compiler.local(
        "value", type, isNull + " ? " + Value.defaultOf(type) + " : " + read, isNull, code);
  }
}
