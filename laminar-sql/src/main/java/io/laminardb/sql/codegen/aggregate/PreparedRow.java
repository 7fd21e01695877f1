package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
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
 * The prepared row of an aggregation, and the Java that fills it: {@code [hash][keys][row number,
 * weight][time][flags][arguments]}. Written in this order: condition, time, keys, arguments.
 */
final class PreparedRow {
  /** Bits of the word that tells which arguments are there. */
  private static final int MAX_FLAGS = 64;

  private final KernelClass<AggregateKernel> kernel;
  private final ExpressionCompiler compiler;
  private final CodeBuffer code;
  private final boolean changelog;
  private final List<Integer> keyTexts = new ArrayList<>();
  private final List<String> keyWords = new ArrayList<>();
  private final List<String> nullKeys = new ArrayList<>();
  private final List<Boolean> keyNullable = new ArrayList<>();
  private final StringBuilder hash = new StringBuilder("Keys.SEED");
  private final Map<String, Slot> slots = new LinkedHashMap<>();
  private final Map<String, String> flags = new HashMap<>(); // by argument: the condition in add
  private final List<String> flagBits = new ArrayList<>(); // Java conditions in prepare
  private final List<Integer> argumentTexts = new ArrayList<>();
  private final List<Integer> sequences = new ArrayList<>();
  private int words;
  private int rowOffset;
  private int timeOffset;
  private int flagsOffset;

  PreparedRow(
      KernelClass<AggregateKernel> kernel,
      ExpressionCompiler compiler,
      CodeBuffer code,
      boolean changelog) {
    this.kernel = kernel;
    this.compiler = compiler;
    this.code = code;
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
    String head = kernel.fresh("head");
    String tail = kernel.fresh("tail");
    code.line("long " + head + " = " + value.orZero(value.first) + ";");
    code.line("long " + tail + " = " + value.orZero(value.second) + ";");
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
    String word = kernel.fresh("key");
    code.line("long " + word + " = " + java + ";");
    keyWords.add(word);
    hash.insert(0, "Keys.mix(").append(", ").append(word).append(')');
  }

  /** Stores hash, keys, row number, weight and time. */
  void store(String time, String sequence) {
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
    code.line("Memory.putLong(s, Keys.finish(" + hash + "));");
    for (int i = 0; i < keyWords.size(); i++) {
      code.line("Memory.putLong(s + " + (8 + 8 * i) + ", " + keyWords.get(i) + ");");
    }
    words = 1 + keyWords.size();
    rowOffset = 8 * words++;
    code.line(
        changelog
            ? "Memory.putLong(s + "
                + rowOffset
                + ", row | (weights == 0 ? 1L : (long) Memory.getByte(weights + row)) << 32);"
            : "Memory.putLong(s + " + rowOffset + ", row | 1L << 32);");
    timeOffset = 8 * words;
    if (time != null) {
      code.line("Memory.putLong(s + " + timeOffset + ", " + time + ");");
      words++;
    }
    flagsOffset = 8 * words;
  }

  /** Whether flags will be needed has to be said before arguments are laid down. */
  void reserveFlags() {
    words++;
  }

  /** Stores which arguments are there. */
  void storeFlags() {
    StringBuilder bits = new StringBuilder("0L");
    for (int i = 0; i < flagBits.size(); i++) {
      bits.append(" | (").append(flagBits.get(i)).append(" ? ").append(1L << i).append("L : 0L)");
    }
    if (!flagBits.isEmpty()) {
      code.line("Memory.putLong(s + " + flagsOffset + ", " + bits + ");");
    }
  }

  boolean hasFlags() {
    return !flagBits.isEmpty();
  }

  int flagsOffset() {
    return flagsOffset;
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
    int offset = 8 * words;
    words += form == Slot.Form.TIMED ? 5 : 2;
    Slot slot = new Slot(type, form, offset);
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
    for (DataType type : types) {
      parts.add(new Slot(type, Slot.Form.CANONICAL, 8 * words));
      words += Slot.words(type);
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
      code.open("if (" + passes + ")");
    }
    String isThere = store.get();
    if (conditional) {
      code.line(present + " = " + isThere + ";").close();
    } else if (!isThere.equals("true")) {
      code.line("boolean " + present + " = " + isThere + ";");
    }
    String condition = !conditional && isThere.equals("true") ? "true" : flag(identity, present);
    slots.put(identity, slot);
    flags.put(identity, condition);
    return new Argument(slot, condition);
  }

  /** The condition in {@code add} that a filter lets the row through. */
  String filter(RexNode filter) {
    String identity = "filter " + filter;
    String known = flags.get(identity);
    if (known == null) {
      known = flag(identity, compiler.condition(filter, code));
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
    String condition = present.equals("true") ? "true" : flag(identity, present);
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

  private String flag(String identity, String javaCondition) {
    if (flagBits.size() == MAX_FLAGS) {
      throw new LaminarException(
              ErrorCode.QUERY_TOO_COMPLEX,
              "more than " + MAX_FLAGS + " different arguments and filters in one aggregation.")
          .mend("Split the query into two streams and join them, or drop some of the calls.");
    }
    flagBits.add(javaCondition);
    return "(flags & " + (1L << (flagBits.size() - 1)) + "L) != 0";
  }

  /** Stores an argument and returns the Java condition that it is there. */
  private String storeArgument(Slot slot, RexNode argument, RexNode time) {
    Words value = words(argument, slot.type(), slot.form(), code);
    int at = slot.offset();
    if (slot.isText()) {
      argumentTexts.add(slot.form() == Slot.Form.TIMED ? at + 24 : at);
    }
    if (slot.form() == Slot.Form.TIMED) {
      storeTime(slot, time);
      code.line(
          "Memory.putLong(s + "
              + (at + 16)
              + ", "
              + (value.isNullable() ? value.isNull + " ? 1L : 0L" : "0L")
              + ");");
      code.line("Memory.putLong(s + " + (at + 24) + ", " + value.orZero(value.first) + ");");
      code.line(
          "Memory.putLong(s + "
              + (at + 32)
              + ", "
              + (value.second == null ? "0L" : value.orZero(value.second))
              + ");");
      return "true";
    }
    code.line("Memory.putLong(s + " + at + ", " + value.orZero(value.first) + ");");
    if (value.second != null) {
      code.line("Memory.putLong(s + " + (at + 8) + ", " + value.orZero(value.second) + ");");
    } else if (changelog && slot.form() == Slot.Form.ORDERED) {
      code.line("Memory.putLong(s + " + (at + 8) + ", 0L);"); // a multiset's key has two words
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
    code.line("Memory.putLong(s + " + slot.offset() + ", " + java + ");");
    code.line("Memory.putLong(s + " + (slot.offset() + 8) + ", sequence);");
    sequences.add(slot.offset() + 8);
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
                default -> "Double.doubleToRawLongBits(" + java + ")";
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
                  : length
                      + " > Keys.INLINE_BYTES ? keep("
                      + value.java()
                      + ".address, "
                      + length
                      + ") : "
                      + value.java()
                      + ".address;"));
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
    into.line("long " + head + ";").line("long " + tail + ";");
    into.open("if (" + kernel.isCoded(column) + ")");
    String view = kernel.fresh("view");
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
    into.line(head + " = Keys.head(" + name + ", " + length + ");");
    into.line(tail + " = Keys.tail(" + name + ", " + length + ");");
    into.close();
    return new Words(head, tail, isNull);
  }

  /** Offsets of the views of texts among the arguments, in order. */
  List<Integer> argumentTexts() {
    return argumentTexts;
  }

  /** Offsets of the words that say when the row came. */
  List<Integer> sequences() {
    return sequences;
  }

  int[] keyTexts() {
    return keyTexts.stream().mapToInt(Integer::intValue).toArray();
  }

  int keyWordCount() {
    return keyWords.size();
  }

  int rowOffset() {
    return rowOffset;
  }

  int timeOffset() {
    return timeOffset;
  }

  int bytes() {
    return 8 * words;
  }
}
