package io.laminardb.sql.codegen;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.nested.NestedBytes;
import io.laminardb.sql.function.NestedFunction;
import io.laminardb.sql.function.NestedFunction.Parameter;
import io.laminardb.sql.function.NestedFunction.Returns;
import io.laminardb.sql.function.NestedFunction.Signature;
import io.laminardb.sql.validate.Types;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;

/**
 * Constructors, access and functions of ARRAY, MAP and ROW. A nested value is a {@code Utf8} of its
 * bytes; see {@link io.laminardb.core.batch.nested.NestedWriter}.
 */
final class NestedCalls {
  private static final RelDataTypeFactory TYPES = Types.factory();

  private final ExpressionCompiler compiler;
  private final KernelClass<?> kernel;

  NestedCalls(ExpressionCompiler compiler) {
    this.compiler = compiler;
    this.kernel = compiler.kernel();
  }

  /** A field with a writer of its own. */
  String writer() {
    kernel.addImport("io.laminardb.core.batch.nested.*");
    return kernel.openField("NestedWriter", "writer", "new NestedWriter(buffer())");
  }

  /** A field with a type. */
  String type(DataType type) {
    return kernel.constant(type);
  }

  /** Java that appends a value that is not NULL to a writer. */
  static String put(String writer, DataType type, String java) {
    String arguments =
        switch (type.kind()) {
          case BOOLEAN -> "putBoolean(" + java;
          case REAL -> "putFloat(" + java;
          case DOUBLE -> "putDouble(" + java;
          case DECIMAL -> "putDecimal(Decimals.low(" + java + "), Decimals.high(" + java + ")";
          case VARCHAR, VARBINARY -> "putText(" + java;
          case ARRAY, MAP, ROW -> "putNested(" + java;
          default -> "putLong(" + java + ", " + type.kind().width();
        };
    return writer + "." + arguments + ");";
  }

  /** Java that appends NULL. */
  static String putNull(String writer, DataType type) {
    return writer + ".putNull(" + Math.max(0, NestedBytes.width(type)) + ");";
  }

  /** Java of the value of the item, which is not NULL, at an address. */
  String get(String address, DataType type) {
    kernel.addImport("io.laminardb.core.batch.nested.*");
    String item = "(" + address;
    return switch (type.kind()) {
      case BOOLEAN -> "NestedCodec.getBoolean" + item + ")";
      case REAL -> "NestedCodec.getFloat" + item + ")";
      case DOUBLE -> "NestedCodec.getDouble" + item + ")";
      case DECIMAL ->
          "Decimals.of(NestedCodec.getDecimalLow"
              + item
              + "), NestedCodec.getDecimalHigh"
              + item
              + "), "
              + type.scale()
              + ")";
      case VARCHAR, VARBINARY ->
          "NestedCodec.getText" + item + ", " + view() + ", " + kernel.buffer() + ")";
      case ARRAY, MAP, ROW ->
          "NestedCodec.getNested" + item + ", " + type(type) + ", " + view() + ")";
      case BIGINT, TIME, TIMESTAMP, TIMESTAMP_LTZ -> "NestedCodec.getLong" + item + ", 8)";
      default -> "(int) NestedCodec.getLong" + item + ", " + type.kind().width() + ")";
    };
  }

  private String view() {
    return kernel.field("Utf8", "view", "new Utf8()");
  }

  /** ARRAY[..], MAP[..] and ROW(..). */
  Value construct(RexCall call, CodeBuffer code) {
    DataType type = RexTypes.of(call.getType());
    List<Value> values = new ArrayList<>();
    List<DataType> types = new ArrayList<>();
    for (int i = 0; i < call.getOperands().size(); i++) {
      int child = type.kind() == Kind.ROW ? i : type.kind() == Kind.MAP ? i % 2 : 0;
      types.add(type.children().get(child).type());
      values.add(compiler.compile(call.getOperands().get(i), types.get(i), code));
    }
    String writer = writer();
    code.line(writer + ".start();");
    for (int i = 0; i < values.size(); i++) {
      append(writer, types.get(i), values.get(i), code);
    }
    if (type.kind() == Kind.ARRAY) {
      code.line(writer + ".mark(NestedWriter.END);");
    } else if (type.kind() == Kind.MAP) {
      code.fallible();
      code.line(
          "NestedMaps.finish("
              + type(type)
              + ", "
              + writer
              + ", 0, NestedMaps.Duplicates.REFUSED);");
    }
    return compiler.local("made", type, writer + ".result()", "false", code);
  }

  /** Appends a value, or NULL, to a writer. */
  void append(String writer, DataType type, Value value, CodeBuffer code) {
    if (value.isNullLiteral()) {
      code.line(putNull(writer, type));
    } else if (value.isNullable()) {
      code.open("if (" + value.isNull() + ")").line(putNull(writer, type));
      code.next("else").line(put(writer, type, value.java())).close();
    } else {
      code.line(put(writer, type, value.java()));
    }
  }

  /** {@code row.field}. */
  Value field(RexFieldAccess access, CodeBuffer code) {
    RexNode row = access.getReferenceExpr();
    return field(row, access.getField().getIndex(), code);
  }

  private Value field(RexNode node, int place, CodeBuffer code) {
    DataType type = RexTypes.of(node.getType());
    Value row = compiler.compile(node, type, code);
    return item(
        "MapFunctions.field(" + type(type) + ", $0, " + place + ")",
        List.of(row),
        type.children().get(place).type(),
        code);
  }

  /** {@code array[n]}, {@code map[key]} and {@code row[n]}. */
  Value item(RexCall call, CodeBuffer code) {
    RexNode collection = call.getOperands().get(0);
    RexNode index = call.getOperands().get(1);
    DataType type = RexTypes.of(collection.getType());
    if (type.kind() == Kind.ROW) {
      return field(collection, place((RexLiteral) index, collection.getType()), code);
    }
    Value value = compiler.compile(collection, type, code);
    if (type.kind() == Kind.MAP) {
      Value key = encoded(compiler.compile(index, type.element(), code), false, code);
      String java = "MapFunctions.value(" + type(type) + ", $0, $1)";
      return item(java, List.of(value, key), type.mapValue(), code);
    }
    Value place = compiler.compile(index, DataType.BIGINT, code);
    String java = "ArrayFunctions.element(" + type(type) + ", $0, $1)";
    return item(java, List.of(value, place), type.element(), code);
  }

  private static int place(RexLiteral index, RelDataType row) {
    return index.getValue() instanceof Number number
        ? number.intValue() - 1
        : row.getField(index.getValueAs(String.class), false, false).getIndex();
  }

  /** The value at the address that Java, with {@code $0..} for arguments, gives; NULL for 0. */
  private Value item(String java, List<Value> arguments, DataType type, CodeBuffer code) {
    Value address =
        compiler.strict(
            "item", DataType.BIGINT, arguments, false, false, v -> filled(java, v), code);
    if (address.isNullLiteral()) {
      return Value.nullOf(type);
    }
    String isNull = kernel.fresh(address.java() + "IsNull");
    String none = address.java() + " == 0 || NestedBytes.isNull(" + address.java() + ")";
    kernel.addImport("io.laminardb.core.batch.nested.*");
    code.line(
        "boolean "
            + isNull
            + " = "
            + (address.isNullable() ? address.isNull() + " || " : "")
            + none
            + ";");
    Value value = compiler.local("element", type, Value.defaultOf(type), isNull, code);
    code.open("if (!" + isNull + ")");
    code.line(value.java() + " = " + get(address.java(), type) + ";").close();
    return value;
  }

  private static String filled(String java, List<String> values) {
    String result = java;
    for (int i = 0; i < values.size(); i++) {
      result = result.replace("$" + i, values.get(i));
    }
    return result;
  }

  /**
   * A value as an item: a {@code Utf8}.
   *
   * @param nulls whether NULL is an item too
   */
  private Value encoded(Value value, boolean nulls, CodeBuffer code) {
    DataType bytes = DataType.VARBINARY;
    if (value.isNullLiteral() && !nulls) {
      return Value.nullOf(bytes);
    }
    String writer = writer();
    String isNull = nulls ? "false" : value.isNull();
    Value item = compiler.local("item", bytes, "null", isNull, code);
    if (!nulls && value.isNullable()) {
      code.open("if (!" + value.isNull() + ")");
    }
    code.line(writer + ".start();");
    append(writer, value.type(), nulls ? value : Value.of(value.type(), value.java()), code);
    code.line(item.java() + " = " + writer + ".result();");
    if (!nulls && value.isNullable()) {
      code.close();
    }
    return item;
  }

  /** A call of one of the functions. */
  Value call(RexCall call, NestedFunction function, CodeBuffer code) {
    Signature signature =
        function.signature(TYPES, call.getOperands().stream().map(RexNode::getType).toList());
    DataType result = RexTypes.of(call.getType());
    List<Value> arguments = new ArrayList<>();
    String collection = "null";
    for (int i = 0; i < call.getOperands().size(); i++) {
      DataType type = RexTypes.of(signature.operands().get(i));
      Value value = compiler.compile(call.getOperands().get(i), type, code);
      Parameter parameter = signature.variant().parameter(i);
      if (type.isNested() && collection.equals("null")) {
        collection = type(type);
      }
      arguments.add(
          switch (parameter) {
            case ELEMENT, KEY -> encoded(value, false, code);
            case ANY_ELEMENT -> encoded(value, true, code);
            case ARRAY_OR_NONE -> orNone(value, code);
            case OTHER_ARRAY, ANY_ARRAY, TRUTHS ->
                new Value(value.type(), type(type) + ", " + value.java(), value.isNull());
            default -> value;
          });
    }
    String head = target(signature.variant().method()) + "(";
    String type = collection;
    return switch (signature.variant().returns()) {
      case ITEM -> item(head + type + places(arguments), arguments, result, code);
      case WRITTEN_ITEM ->
          item(head + type + ", " + writer() + places(arguments), arguments, result, code);
      case WRITTEN -> written(head + type, signature.variant(), arguments, result, code);
      case JOINED -> {
        String joiner = kernel.openField("Joiner", "joiner", "new Joiner(buffer())");
        yield plain(head + joiner + ", " + type + places(arguments), arguments, result, code);
      }
      case VALUE, VALUE_OR_ZERO -> {
        Value value = plain(head + type + places(arguments), arguments, result, code);
        yield signature.variant().returns() == Returns.VALUE ? value : zeroIsNull(value, code);
      }
    };
  }

  /** An array, or one without elements for NULL. */
  private Value orNone(Value array, CodeBuffer code) {
    if (!array.isNullLiteral() && !array.isNullable()) {
      return array;
    }
    String writer = writer();
    Value value = compiler.local("elements", array.type(), "null", "false", code);
    code.open("if (" + (array.isNullLiteral() ? "true" : array.isNull()) + ")");
    code.line(value.java() + " = " + writer + ".start().mark(NestedWriter.END).result();");
    code.next("else").line(value.java() + " = " + array.java() + ";").close();
    return value;
  }

  /** A static method, or one of an object that is made with the kernel. */
  private String target(String method) {
    int made = method.indexOf(").");
    if (made < 0) {
      return method;
    }
    String type = method.substring(0, method.indexOf('('));
    return kernel.openField(type, type, "new " + method.substring(0, made + 1))
        + method.substring(made + 1);
  }

  private Value zeroIsNull(Value value, CodeBuffer code) {
    String isNull = kernel.fresh(value.java() + "IsNull");
    String nullable = value.isNullable() ? value.isNull() + " || " : "";
    code.line("boolean " + isNull + " = " + nullable + value.java() + " == 0;");
    return new Value(value.type(), value.java(), isNull);
  }

  /** A call that writes; of more arguments than it takes, one call after the other. */
  private Value written(
      String head,
      NestedFunction.Variant variant,
      List<Value> arguments,
      DataType result,
      CodeBuffer code) {
    int arity = Math.min(arguments.size(), variant.parameters().size());
    List<Value> first = arguments.subList(0, arity);
    Value value = plain(head + ", " + writer() + places(first), first, result, code);
    for (int i = arity; i < arguments.size(); i++) {
      List<Value> next = List.of(value, arguments.get(i));
      value = plain(head + ", " + writer() + places(next), next, result, code);
    }
    return value;
  }

  private Value plain(String java, List<Value> arguments, DataType result, CodeBuffer code) {
    kernel.addImport("io.laminardb.core.batch.nested.*");
    return compiler.strict("result", result, arguments, false, false, v -> filled(java, v), code);
  }

  /** {@code , $0, $1)} for the arguments. */
  private static String places(List<Value> arguments) {
    StringBuilder places = new StringBuilder();
    for (int i = 0; i < arguments.size(); i++) {
      places.append(", $").append(i);
    }
    return places.append(')').toString();
  }
}
