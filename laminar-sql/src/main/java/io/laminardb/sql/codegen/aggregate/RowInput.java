package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.codegen.ExpressionCompiler;
import io.laminardb.sql.codegen.KernelClass;
import io.laminardb.sql.codegen.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;

/**
 * What is evaluated of each row: condition, time, keys and arguments, and the Java that does it and
 * leaves the values in {@link RowWords}. Written in this order.
 */
final class RowInput {
  private final KernelClass<AggregateKernel> kernel;
  private final ExpressionCompiler compiler;
  private final CodeBuffer code;
  private final RowWords row;
  private final boolean changelog;
  private final List<Integer> keyTexts = new ArrayList<>();
  private final List<String> keyWords = new ArrayList<>();
  private final List<String> nullKeys = new ArrayList<>();
  private final List<Boolean> keyNullable = new ArrayList<>();
  private final StringBuilder hash = new StringBuilder("Keys.SEED");
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final Map<String, String> flags = new HashMap<>(); // by argument: the condition in add

  RowInput(
      KernelClass<AggregateKernel> kernel,
      ExpressionCompiler compiler,
      CodeBuffer code,
      RowWords row,
      boolean changelog) {
    this.kernel = kernel;
    this.compiler = compiler;
    this.code = code;
    this.row = row;
    this.changelog = changelog;
  }

  /** Leaves rows out for which {@code condition} is not TRUE. */
  void condition(RexNode condition) {
    String passes = compiler.condition(condition, code);
    code.open("if (!(" + passes + "))").line("continue;").close();
  }

  /** Compiles the time attribute; rows without time are counted and left out. Returns its Java. */
  String time(RexNode time) {
    Value value = compiler.compile(time, code);
    if (value.isNullable()) {
      code.open("if (" + value.isNull() + ")").line("nulls++;").line("continue;").close();
    }
    return value.java();
  }

  /** The words of a key, without storing them yet. */
  void key(RexNode key, DataType type) {
    if (type.isVariableWidth()) {
      textKey(key);
      return;
    }
    Words value = words(key, type, Slot.Form.CANONICAL, code);
    noteNull(value);
    addKeyWord(value.orZero(value.first));
    if (value.second != null) {
      addKeyWord(value.orZero(value.second));
    }
  }

  private void textKey(RexNode key) {
    Words value = words(key, DataType.VARCHAR, Slot.Form.CANONICAL, code);
    noteNull(value);
    String head = variable("head", value.orZero(value.first));
    String tail = variable("tail", value.orZero(value.second));
    keyTexts.add(keyWords.size());
    keyWords.add(head);
    keyWords.add(tail);
    hash.insert(0, "Keys.mixText(").append(", ").append(head).append(", ").append(tail).append(')');
  }

  private void noteNull(Words value) {
    keyNullable.add(value.isNullable());
    if (value.isNullable()) {
      nullKeys.add(value.isNull);
    }
  }

  /** Whether key {@code index} may be NULL. */
  boolean isNullableKey(int index) {
    return keyNullable.get(index);
  }

  private void addKeyWord(String java) {
    String word = variable("key", java);
    keyWords.add(word);
    hash.insert(0, "Keys.mix(").append(", ").append(word).append(')');
  }

  private String variable(String hint, String java) {
    if (java.matches("\\w+")) {
      return java;
    }
    String variable = kernel.fresh(hint);
    code.line("long " + variable + " = " + java + ";");
    return variable;
  }

  /** All keys are there: which of them are NULL is one more word. */
  void endKeys() {
    if (!nullKeys.isEmpty()) {
      StringBuilder nulls = new StringBuilder("0L");
      for (int i = 0; i < nullKeys.size(); i++) {
        nulls
            .append(" | (")
            .append(nullKeys.get(i))
            .append(" ? ")
            .append(1L << i)
            .append("L : 0L)");
      }
      addKeyWord(nulls.toString());
    }
  }

  /** The Java of the hash of the keys. */
  String hash() {
    return "Keys.finish(" + hash + ")";
  }

  /** The Java variables that hold the words of the keys. */
  List<String> keyWords() {
    return keyWords;
  }

  /**
   * Evaluates an argument where its filter lets the row through.
   *
   * @return the slot it lies in, and the condition that says in {@code add} whether it is there
   */
  Argument argument(RexNode filter, RexNode argument, DataType type, Slot.Form form, RexNode time) {
    String identity = filter + " " + argument + " " + form + " " + time;
    Slot known = slots.get(identity);
    if (known != null) {
      return new Argument(known, flags.get(identity));
    }
    Slot slot = row.take(type, form, hint(argument));
    return argument(identity, slot, filter, () -> storeArgument(slot, argument, time));
  }

  /**
   * As above for several arguments, whose canonical words lie one behind the other. They are there
   * when none of them is NULL.
   */
  Argument tuple(RexNode filter, List<RexNode> arguments, List<DataType> types) {
    String identity = filter + " " + arguments;
    Slot known = slots.get(identity);
    if (known != null) {
      return new Argument(known, flags.get(identity));
    }
    List<Slot> parts = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      parts.add(row.take(types.get(i), Slot.Form.CANONICAL, hint(arguments.get(i))));
    }
    return argument(
        identity,
        parts.get(0),
        filter,
        () -> {
          List<String> present = new ArrayList<>();
          for (int i = 0; i < parts.size(); i++) {
            String isThere = storeArgument(parts.get(i), arguments.get(i), null);
            if (!isThere.equals("true")) {
              present.add(isThere);
            }
          }
          return present.isEmpty() ? "true" : String.join(" && ", present);
        });
  }

  /** Has an argument stored where its filter lets the row through. */
  private Argument argument(String identity, Slot slot, RexNode filter, Supplier<String> store) {
    String present = kernel.fresh("present");
    String passes = filter == null ? null : compiler.condition(filter, code);
    boolean conditional = passes != null;
    if (conditional) {
      code.line("boolean " + present + " = false;");
      row.declare(code, slot);
      code.open("if (" + passes + ")");
    }
    String isThere = store.get();
    if (conditional) {
      code.line(present + " = " + isThere + ";").close();
    } else if (!isThere.equals("true")) {
      code.line("boolean " + present + " = " + isThere + ";");
    }
    String condition = !conditional && isThere.equals("true") ? "true" : row.flag(code, present);
    slots.put(identity, slot);
    flags.put(identity, condition);
    return new Argument(slot, condition);
  }

  /** The condition in {@code add} that a filter lets the row through. */
  String filter(RexNode filter) {
    String identity = "filter " + filter;
    String known = flags.get(identity);
    if (known == null) {
      known = row.flag(code, compiler.condition(filter, code));
      flags.put(identity, known);
    }
    return known;
  }

  /** The condition in {@code add} that no argument is NULL, for COUNT(x, ..). */
  String notNull(RexNode filter, List<RexNode> arguments) {
    String identity = "count " + filter + " " + arguments;
    String known = flags.get(identity);
    if (known != null) {
      return known;
    }
    String present;
    if (filter == null) {
      present = noneIsNull(arguments);
    } else {
      present = kernel.fresh("present");
      String passes = compiler.condition(filter, code);
      code.line("boolean " + present + " = false;");
      code.open("if (" + passes + ")");
      code.line(present + " = " + noneIsNull(arguments) + ";").close();
    }
    String condition = present.equals("true") ? "true" : row.flag(code, present);
    flags.put(identity, condition);
    return condition;
  }

  private String noneIsNull(List<RexNode> arguments) {
    StringBuilder condition = new StringBuilder();
    for (RexNode argument : arguments) {
      Value value = compiler.compile(argument, code);
      if (value.isNullable()) {
        condition.append(condition.isEmpty() ? "" : " && ").append("!(");
        condition.append(value.isNull()).append(')');
      }
    }
    return condition.isEmpty() ? "true" : condition.toString();
  }

  private String hint(RexNode argument) {
    return argument instanceof RexInputRef ref
        ? kernel.input().field(ref.getIndex()).name()
        : "argument";
  }

  /** Stores an argument and returns the Java condition that it is there. */
  private String storeArgument(Slot slot, RexNode argument, RexNode time) {
    if (slot.isPlainDouble()) {
      Value value = compiler.compile(argument, slot.type(), code);
      String java =
          value.isNullable()
              ? "(" + value.isNull() + " ? 0d : " + value.java() + ")"
              : value.java();
      row.storeDouble(code, slot, java);
      return value.isNullable() ? "!(" + value.isNull() + ")" : "true";
    }
    Words value = words(argument, slot.type(), slot.form(), code);
    if (slot.form() == Slot.Form.TIMED) {
      storeTime(slot, time);
      row.store(code, slot, 2, value.isNullable() ? value.isNull + " ? 1L : 0L" : "0L");
      row.store(code, slot, 3, value.orZero(value.first));
      row.store(code, slot, 4, value.second == null ? "0L" : value.orZero(value.second));
      return "true";
    }
    row.store(code, slot, 0, value.orZero(value.first));
    if (value.second != null) {
      row.store(code, slot, 1, value.orZero(value.second));
    } else if (changelog && slot.form() == Slot.Form.ORDERED) {
      row.store(code, slot, 1, "0L"); // a multiset's key has two words
    }
    return value.isNullable() ? "!(" + value.isNull + ")" : "true";
  }

  private void storeTime(Slot slot, RexNode time) {
    String java = "0L";
    if (time != null) {
      Value value = compiler.compile(time, code);
      java =
          value.isNullable()
              ? "(" + value.isNull() + " ? Long.MIN_VALUE : " + value.java() + ")"
              : value.java();
    }
    row.store(code, slot, 0, java);
    row.store(code, slot, 1, "sequence");
  }

  /** An argument: where it lies, and the condition that it is there. */
  record Argument(Slot slot, String condition) {}

  /** A value as one word or two. */
  private record Words(String first, String second, String isNull) {
    boolean isNullable() {
      return !isNull.equals("false");
    }

    String orZero(String word) {
      return isNullable() ? "(" + isNull + " ? 0L : " + word + ")" : word;
    }
  }

  private Words words(RexNode node, DataType type, Slot.Form form, CodeBuffer into) {
    if (type.isVariableWidth()) {
      return textWords(node, into);
    }
    if (type.kind() == DataType.Kind.DECIMAL && node instanceof RexInputRef ref) {
      return storedDecimal(ref.getIndex(), into);
    }
    Value value = compiler.compile(node, type, into);
    String java = value.java();
    return switch (type.kind()) {
      case BOOLEAN -> new Words("(" + java + " ? 1L : 0L)", null, value.isNull());
      case DECIMAL ->
          new Words("Sums.low(" + java + ")", "Sums.high(" + java + ")", value.isNull());
      case REAL, DOUBLE ->
          new Words(
              switch (form) {
                case CANONICAL -> "Keys.ofDouble(" + java + ")";
                case ORDERED -> "Keys.orderOfDouble(" + java + ")";
                case PLAIN, TIMED -> "Double.doubleToRawLongBits(" + java + ")";
              },
              null,
              value.isNull());
      default -> new Words("(long) " + java, null, value.isNull());
    };
  }

  private Words storedDecimal(int column, CodeBuffer into) {
    String isNull = "false";
    if (kernel.input().field(column).nullable()) {
      String validity = kernel.validity(column);
      isNull = kernel.fresh("decimalIsNull");
      into.line(
          "boolean "
              + isNull
              + " = "
              + validity
              + " != 0 && !Memory.getBit("
              + validity
              + ", row);");
    }
    String at = "Memory.getLong(" + kernel.data(column) + " + ((long) row << 4)";
    return new Words(at + ")", at + " + 8)", isNull);
  }

  private Words textWords(RexNode node, CodeBuffer into) {
    if (node instanceof RexInputRef ref) {
      return storedText(ref.getIndex(), into);
    }
    Value value = compiler.compile(node, into);
    String length = kernel.fresh("length");
    String address = kernel.fresh("address");
    String isNull = value.isNull();
    boolean lasts = node instanceof RexLiteral;
    into.line("int " + length + " = 0;").line("long " + address + " = 0L;");
    if (!isNull.equals("true")) {
      into.open("if (!(" + isNull + "))");
      into.line(length + " = " + value.java() + ".length;");
      into.line(
          address
              + " = "
              + (lasts
                  ? value.java() + ".address;"
                  : row.lasts(value.java() + ".address", length) + ";"));
      into.close();
    }
    return new Words(
        "Keys.head(" + address + ", " + length + ")",
        "Keys.tail(" + address + ", " + length + ")",
        isNull);
  }

  private Words storedText(int column, CodeBuffer into) {
    String name = kernel.fresh(kernel.input().field(column).name());
    String isNull = "false";
    if (kernel.input().field(column).nullable()) {
      String validity = kernel.validity(column);
      isNull = kernel.fresh(name + "IsNull");
      into.line(
          "boolean "
              + isNull
              + " = "
              + validity
              + " != 0 && !Memory.getBit("
              + validity
              + ", row);");
    }
    String head = kernel.fresh("head");
    String tail = kernel.fresh("tail");
    String view = kernel.fresh("view");
    into.line("long " + head + ";").line("long " + tail + ";");
    into.open("if (" + kernel.isCoded(column) + ")");
    into.line("long " + view + " = " + kernel.textView(column) + ";");
    into.line(head + " = Memory.getLong(" + view + ");");
    into.line(tail + " = Memory.getLong(" + view + " + 8);");
    into.next("else");
    String at = kernel.textOffsets(column) + " + ((long) row << 2)";
    String start = kernel.fresh(name + "Start");
    String length = kernel.fresh(name + "Length");
    into.line("int " + start + " = Memory.getInt(" + at + ");");
    into.line("int " + length + " = Memory.getInt(" + at + " + 4) - " + start + ";");
    into.line("long " + name + " = " + kernel.textData(column) + " + " + start + ";");
    into.line("// One load for up to 8 bytes, where the column goes on that far.");
    into.open(
        "if ((" + length + " - 1 & -8) == 0 && " + name + " <= " + kernel.lastWord(column) + ")");
    into.line("long bytes = Memory.getLong(" + name + ") & -1L >>> -(" + length + " << 3);");
    into.line(head + " = " + length + " | bytes << 32;").line(tail + " = bytes >>> 32;");
    into.next("else");
    into.line(head + " = Keys.head(" + name + ", " + length + ");");
    into.line(tail + " = Keys.tail(" + name + ", " + length + ");");
    into.close();
    into.close();
    return new Words(head, tail, isNull);
  }

  int[] keyTexts() {
    return keyTexts.stream().mapToInt(Integer::intValue).toArray();
  }

  int keyWordCount() {
    return keyWords.size();
  }
}
