package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.SessionDistincts;
import io.laminardb.core.state.RowLayout;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.codegen.KernelClass;
import io.laminardb.sql.codegen.RexTypes;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.RexText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/**
 * The states of the calls of an aggregation: calls that need the same share one.
 *
 * <p>Past 600 lines: what a call keeps, adds, merges and emits has to agree, so it is said in one place.
 */
final class CallStates {
  private final KernelClass<AggregateKernel> kernel;
  private final Schema input;
  private final RowInput rowInput;
  private final RowBuilder row;
  private final boolean changelog;
  private final boolean isSession;
  private final boolean isGlobal;
  private final boolean emitsChanges;
  private final boolean inFrames;

  private final List<Accumulator> accumulators = new ArrayList<>();
  private final Map<String, Accumulator> accumulatorsByIdentity = new LinkedHashMap<>();
  private final Map<String, Presence> presences = new LinkedHashMap<>();
  private final List<Distinct> distincts = new ArrayList<>();
  private final List<Table> distinctTables = new ArrayList<>();
  private boolean hasTimed;

  /**
   * Tells values apart before they are counted.
   *
   * @param call whose values are told apart, the first of those that share it
   * @param table which table its values are in; those of a filter in that of all values, where there
   *     are such and nothing is taken back: they are looked up once
   * @param word which word behind the count says that a value of the filter is there; 0 is the count
   */
  private record Distinct(
      String variable,
      String condition,
      Slot slot,
      int list,
      AggregateCall call,
      int table,
      int word) {}

  /** A table of values, and how many words of a value's row say that it is there. */
  private static final class Table {
    final List<DataType> types;
    int words = 1;

    Table(List<DataType> types) {
      this.types = types;
    }
  }

  /** Writes the result of a call to its column. */
  interface Emitter {
    void emit(CodeBuffer code, ResultWriter result);
  }

  /**
   * @param isGlobal whether there is one group, whose result is there without any row
   * @param emitsChanges whether results leave row by row, so that each has to fit its type
   * @param inFrames whether a sum may leave its type while rows come and go
   */
  CallStates(
      KernelClass<AggregateKernel> kernel,
      RowInput rowInput,
      RowBuilder row,
      boolean changelog,
      boolean isSession,
      boolean isGlobal,
      boolean emitsChanges,
      boolean inFrames) {
    this.inFrames = inFrames;
    this.emitsChanges = emitsChanges;
    this.kernel = kernel;
    this.input = kernel.input();
    this.rowInput = rowInput;
    this.row = row;
    this.changelog = changelog;
    this.isSession = isSession;
    this.isGlobal = isGlobal;
  }

  /** Layouts of the tables that tell values apart. */
  List<RowLayout> distinctLayouts() {
    return distinctTables.stream().map(this::distinctLayout).toList();
  }

  /** Whether something asks which of two rows came first. */
  boolean hasTimed() {
    return hasTimed;
  }

  /** Whether two groups can be merged. */
  boolean isMergeable() {
    return distincts.isEmpty() && arePlainMergeable();
  }

  /** As above of sessions, which list their distinct values. */
  boolean arePlainMergeable() {
    return plain().stream().allMatch(Accumulator::isMergeable);
  }

  /** Of sessions, where a group's row holds the first value of each DISTINCT. */
  List<Integer> distinctLists() {
    return distincts.stream().map(Distinct::list).toList();
  }

  /** A call as its author wrote it, about. */
  static String nameOf(AggregateCall call, Schema input) {
    StringBuilder text = new StringBuilder(call.kind().name()).append('(');
    text.append(call.distinct() ? "DISTINCT " : "");
    text.append(
        call.arguments().isEmpty()
            ? "*"
            : call.arguments().stream()
                .map(argument -> RexText.of(argument, input))
                .collect(Collectors.joining(", ")));
    text.append(')');
    if (call.filter() != null) {
      text.append(" FILTER (WHERE ").append(RexText.of(call.filter(), input)).append(')');
    }
    return text.toString();
  }

  /** Lays out the state of a call, and says what writes its result. */
  Emitter emitter(AggregateCall call) {
    if (call.kind() == AggregateKind.USER) {
      return user(call);
    }
    if (call.arguments().size() > 1 && call.kind() != AggregateKind.COUNT) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              nameOf(call, input) + " with more than one argument is not supported.")
          .mend("Aggregate one expression, such as a concatenation.");
    }
    boolean distinct = call.tellsValuesApart();
    if (call.kind() == AggregateKind.COUNT && !distinct) {
      return count(call);
    }
    return switch (call.kind()) {
      case COUNT -> {
        Presence presence = distinct(call).presence;
        yield (code, result) -> result.putLong(code, presence.count());
      }
      case SUM, AVG -> sum(call, distinct);
      case MIN, MAX -> extreme(call, Slot.Form.ORDERED);
      case FIRST, LAST -> extreme(call, Slot.Form.TIMED);
      case STDDEV_POP, STDDEV_SAMP, VAR_POP, VAR_SAMP -> moment(call, distinct);
      case BIT_AND, BIT_OR, BIT_XOR -> bits(call, distinct);
      case QUANTILE_CONT, QUANTILE_DISC, MODE -> ranked(call, distinct);
      case APPROX_COUNT_DISTINCT -> sketch(call);
      case USER -> throw new IllegalStateException("handled before");
      case STRING_AGG -> texts(call);
      case ARRAY_AGG ->
          entries(
              call, kernel.openField("ArrayCollector", "array", "new ArrayCollector(buffer())"));
      case MAP_AGG -> {
        String type = kernel.constant(call.output().type());
        String arguments = "(buffer(), buffer(), " + type + ")";
        yield entries(
            call, kernel.openField("MapCollector", "map", "new MapCollector" + arguments));
      }
    };
  }

  /** Whether rows may be counted pane by pane, where they are never taken back. */
  static boolean hasMerge(AggregateCall call) {
    return call.kind() != AggregateKind.USER || call.detail().user().merge() != null;
  }

  private Emitter count(AggregateCall call) {
    String present =
        call.arguments().isEmpty()
            ? call.filter() == null ? "true" : rowInput.filter(call.filter())
            : rowInput.notNull(call.filter(), call.arguments());
    Presence presence = presence(present, weight());
    return (code, result) -> result.putLong(code, presence.count());
  }

  private String weight() {
    return changelog ? "w" : "1";
  }

  private Presence presence(String condition, String weight) {
    if (condition.equals("true")) {
      return new Presence(condition, weight, row.countOffset(), false);
    }
    return presences.computeIfAbsent(
        condition, key -> new Presence(condition, weight, row.take(1), true));
  }

  /** An argument with the presence that its accumulators go by. */
  private record Input(Slot slot, Presence presence) {}

  private Input plain(AggregateCall call, Slot.Form form) {
    RowInput.Argument argument =
        rowInput.argument(
            call.filter(),
            call.arguments().get(0),
            argumentType(call),
            form,
            form == Slot.Form.TIMED ? call.orderTime() : null);
    return new Input(argument.slot(), presence(argument.condition(), weight()));
  }

  private Input distinct(AggregateCall call) {
    List<DataType> types = call.arguments().stream().map(this::argumentType).toList();
    RowInput.Argument argument =
        types.size() == 1
            ? rowInput.argument(
                call.filter(), call.arguments().get(0), types.get(0), Slot.Form.CANONICAL, null)
            : rowInput.tuple(call.filter(), call.arguments(), types);
    Slot slot = argument.slot();
    for (Distinct known : distincts) {
      if (known.slot.equals(slot)) {
        return new Input(slot, presences.get(known.variable));
      }
    }
    String variable = "d" + distincts.size();
    int list = isSession ? row.take(1) : 0;
    int table = tableOfAll(call);
    if (table < 0) {
      table = distinctTables.size();
      distinctTables.add(new Table(types));
    } else {
      distinctTables.get(table).words++;
    }
    int word = distinctTables.get(table).words - 1;
    distincts.add(new Distinct(variable, argument.condition(), slot, list, call, table, word));
    Presence presence = new Presence(variable + " != 0", variable, row.take(1), true);
    presences.put(variable, presence);
    return new Input(slot, presence);
  }

  /** The table of the values of a call with a filter, where that of all such values is there; or -1. */
  private int tableOfAll(AggregateCall call) {
    if (changelog || isSession || call.filter() == null) {
      return -1;
    }
    for (Distinct all : distincts) {
      if (all.call.filter() == null && all.call.arguments().equals(call.arguments())) {
        return all.table;
      }
    }
    return -1;
  }

  /** Rows that tell values apart: the group's key, of sessions the address of its row; the value. */
  private RowLayout distinctLayout(Table table) {
    List<Integer> texts = new ArrayList<>();
    int words = 1;
    if (!isSession) {
      words = row.keyWords();
      for (int text : row.keyTexts()) {
        texts.add(text);
      }
    }
    for (DataType type : table.types) {
      if (type.isVariableWidth()) {
        texts.add(words);
      }
      words += Slot.words(type);
    }
    return RowLayout.plain(
        words,
        texts.stream().mapToInt(Integer::intValue).toArray(),
        isSession ? SessionDistincts.STATE_WORDS : table.words);
  }

  private DataType argumentType(AggregateCall call) {
    return argumentType(call.arguments().get(0));
  }

  private DataType argumentType(RexNode argument) {
    DataType type =
        argument instanceof RexInputRef ref
            ? input.field(ref.getIndex()).type()
            : RexTypes.of(argument.getType());
    return type.kind() == DataType.Kind.VARBINARY ? DataType.VARCHAR : type;
  }

  private Emitter sum(AggregateCall call, boolean distinct) {
    boolean isMean = call.kind() == AggregateKind.AVG;
    Input in = distinct ? distinct(call) : plain(call, Slot.Form.PLAIN);
    SumAccumulator.Form form =
        SumAccumulator.formOf(in.slot.type(), call.output().type(), isMean, in.presence);
    if (inFrames && form == SumAccumulator.Form.LONG) {
      form = SumAccumulator.Form.WIDE;
    }
    SumAccumulator.Form kept = form;
    String identity = "sum " + form + in.slot.word() + in.presence;
    SumAccumulator sum =
        (SumAccumulator)
            accumulator(
                identity,
                () ->
                    new SumAccumulator(
                        in.presence, in.slot, kept, row, kernel, nameOf(call, input)));
    if (emitsChanges && !isMean) {
      sum.leavesAs(call.output().type());
    }
    return (code, result) ->
        nullWhenEmpty(
            code,
            result,
            in.presence,
            () -> {
              if (isMean) {
                sum.emitMean(code, result);
              } else {
                sum.emitSum(code, result);
              }
            });
  }

  private Accumulator accumulator(String identity, Supplier<Accumulator> make) {
    Accumulator known = accumulatorsByIdentity.get(identity);
    if (known == null) {
      known = make.get();
      accumulatorsByIdentity.put(identity, known);
      accumulators.add(known);
    }
    return known;
  }

  private Emitter extreme(AggregateCall call, Slot.Form form) {
    hasTimed |= form == Slot.Form.TIMED;
    boolean isLeast = call.kind() == AggregateKind.MIN || call.kind() == AggregateKind.FIRST;
    Input in = plain(call, form);
    ExtremeAccumulator extreme =
        (ExtremeAccumulator)
            accumulator(
                "extreme " + (changelog || isLeast) + in.slot.word(),
                () -> new ExtremeAccumulator(in.presence, in.slot, isLeast, row));
    return (code, result) ->
        nullWhenEmpty(code, result, in.presence, () -> extreme.emit(code, result, isLeast));
  }

  private Emitter moment(AggregateCall call, boolean distinct) {
    Input in = distinct ? distinct(call) : plain(call, Slot.Form.PLAIN);
    MomentAccumulator moment =
        (MomentAccumulator)
            accumulator(
                "moment " + in.slot.word() + in.presence,
                () -> new MomentAccumulator(in.presence, in.slot, row));
    boolean isDeviation =
        call.kind() == AggregateKind.STDDEV_POP || call.kind() == AggregateKind.STDDEV_SAMP;
    boolean isSample =
        call.kind() == AggregateKind.STDDEV_SAMP || call.kind() == AggregateKind.VAR_SAMP;
    return (code, result) -> moment.emit(code, result, isDeviation, isSample);
  }

  private Emitter bits(AggregateCall call, boolean distinct) {
    Input in = distinct ? distinct(call) : plain(call, Slot.Form.PLAIN);
    BitAccumulator bits =
        (BitAccumulator)
            accumulator(
                "bits "
                    + BitAccumulator.identity(call.kind(), in.presence)
                    + in.slot.word()
                    + in.presence,
                () -> new BitAccumulator(in.presence, in.slot, call.kind(), row));
    return (code, result) ->
        nullWhenEmpty(code, result, in.presence, () -> bits.emit(code, result, call.kind()));
  }

  private Emitter ranked(AggregateCall call, boolean distinct) {
    Input in = distinct ? distinct(call) : plain(call, Slot.Form.ORDERED);
    RankedAccumulator ranked =
        (RankedAccumulator)
            accumulator(
                "ranked " + in.slot.word() + in.presence,
                () -> new RankedAccumulator(in.presence, in.slot, row));
    return (code, result) ->
        nullWhenEmpty(
            code, result, in.presence, () -> ranked.emit(code, result, call, kernel::constant));
  }

  private Emitter user(AggregateCall call) {
    List<Slot> slots = new ArrayList<>();
    Set<String> conditions = new LinkedHashSet<>();
    for (RexNode argument : call.arguments()) {
      RowInput.Argument part =
          rowInput.argument(call.filter(), argument, argumentType(argument), Slot.Form.PLAIN, null);
      slots.add(part.slot());
      if (!part.condition().equals("true")) {
        conditions.add(part.condition());
      }
    }
    String present =
        conditions.isEmpty()
            ? "true"
            : conditions.stream().map(c -> "(" + c + ")").collect(Collectors.joining(" && "));
    Presence presence = presence(present, weight());
    UserAccumulator user = new UserAccumulator(presence, slots, call.detail().user(), row, kernel);
    accumulators.add(user);
    return (code, result) -> nullWhenEmpty(code, result, presence, () -> user.emit(code, result));
  }

  private Emitter sketch(AggregateCall call) {
    Input in = plain(call, Slot.Form.CANONICAL);
    SketchAccumulator sketch =
        (SketchAccumulator)
            accumulator(
                "sketch " + in.slot.word() + in.presence,
                () -> new SketchAccumulator(in.presence, in.slot, row));
    String scratch = kernel.field("DistinctSketch", "sketch", "new DistinctSketch()");
    return (code, result) -> sketch.emit(code, result, scratch);
  }

  private Emitter texts(AggregateCall call) {
    String collector =
        kernel.openField(
            "TextCollector",
            "texts",
            "new TextCollector(buffer(), buffer(), "
                + kernel.text(call.detail().separator())
                + ")");
    return entries(call, collector);
  }

  /** The entries of a group, of which the collector in a field of the kernel makes the result. */
  private Emitter entries(AggregateCall call, String collector) {
    boolean timed = !call.detail().keyed() && !call.distinct();
    hasTimed |= timed;
    Input in = plain(call, timed ? Slot.Form.TIMED : Slot.Form.ORDERED);
    EntryAccumulator entries =
        (EntryAccumulator)
            accumulator(
                "entries " + in.slot.word() + in.presence,
                () -> new EntryAccumulator(in.presence, in.slot, row));
    return (code, result) ->
        nullWhenEmpty(code, result, in.presence, () -> entries.emit(code, result, call, collector));
  }

  private void nullWhenEmpty(
      CodeBuffer code, ResultWriter result, Presence presence, Runnable value) {
    if (!result.field().nullable() || (presence.isAlways() && !isGlobal)) {
      value.run();
      return;
    }
    code.open("if (" + presence.count() + " == 0)");
    result.setNull(code);
    code.next("else");
    value.run();
    code.close();
  }

  /** Brings what was evaluated of a row into the group {@code t}; all that may fail comes first. */
  void add(CodeBuffer code) {
    peekDistincts(code);
    accumulators.forEach(accumulator -> accumulator.check(code));
    for (int i = 0; i < distincts.size(); i++) {
      Distinct distinct = distincts.get(i);
      if (isShared(distinct)) {
        addShared(code, distinct);
        continue;
      }
      String call = distinctCall(i, weight());
      code.line(
          "int "
              + distinct.variable
              + " = "
              + (distinct.condition.equals("true")
                  ? call
                  : distinct.condition + " ? " + call + " : 0")
              + ";");
    }
    for (Accumulator accumulator : accumulators) {
      boolean always = accumulator.presence.isAlways();
      if (!always) {
        code.open("if (" + accumulator.presence.condition() + ")");
      }
      accumulator.add(code);
      if (!always) {
        code.close();
      }
    }
    bump(code, row.countOffset(), weight());
    for (Presence presence : presences.values()) {
      code.open("if (" + presence.condition() + ")");
      bump(code, presence.countOffset(), presence.weight());
      code.close();
    }
    accumulators.forEach(accumulator -> accumulator.settle(code));
  }

  private boolean isShared(Distinct distinct) {
    return distinctTables.get(distinct.table).words > 1;
  }

  /** Looks the value up once, and for each filter notes that it is there. */
  private void addShared(CodeBuffer code, Distinct distinct) {
    String found = "value" + distinct.table;
    String there = distinct.condition;
    if (distinct.word == 0) {
      String find = "distinctRow(" + distinct.table + ", t, " + distinct.slot.address() + ")";
      code.line(
          "long "
              + found
              + " = "
              + (there.equals("true") ? find : there + " ? " + find + " : 0L")
              + ";");
    }
    String seen = "firstSeen(" + found + " + " + wordOffset(distinct) + ")";
    code.line(
        "int "
            + distinct.variable
            + " = "
            + (there.equals("true") ? seen : there + " ? " + seen + " : 0")
            + ";");
  }

  /** Where the word of a value's row is that says that it is there. */
  private int wordOffset(Distinct distinct) {
    return distinctLayout(distinctTables.get(distinct.table)).countOffset() + 8 * distinct.word;
  }

  /** For sums of distinct values that may fail: what would be counted of the row. */
  private void peekDistincts(CodeBuffer code) {
    for (int i = 0; i < distincts.size(); i++) {
      Distinct distinct = distincts.get(i);
      Presence presence = presences.get(distinct.variable);
      if (accumulators.stream().anyMatch(a -> a.checksDistinct() && a.presence.equals(presence))) {
        String peek =
            (isShared(distinct)
                    ? "peekSeen("
                    : isSession ? "peekSessionDistinct(" : "peekDistinct(")
                + distinct.table
                + ", t, "
                + distinct.slot.address()
                + ", "
                + (isShared(distinct) ? wordOffset(distinct) : weight())
                + ")";
        code.line(
            "int peek_"
                + distinct.variable
                + " = "
                + (distinct.condition.equals("true")
                    ? peek
                    : distinct.condition + " ? " + peek + " : 0")
                + ";");
      }
    }
  }

  /** The Java that counts the value of the row at {@code s}. */
  private String distinctCall(int index, String weight) {
    Distinct distinct = distincts.get(index);
    return isSession
        ? "sessionDistinct("
            + distinct.table
            + ", t, "
            + distinct.list
            + ", "
            + distinct.slot.address()
            + ", "
            + weight
            + ")"
        : "distinct(" + distinct.table + ", t, " + distinct.slot.address() + ", " + weight + ")";
  }

  private static void bump(CodeBuffer code, int offset, String by) {
    code.line(
        "Memory.putLong(t + " + offset + ", Memory.getLong(t + " + offset + ") + " + by + ");");
  }

  /** Brings the group {@code s} into the group {@code t}; all that may fail comes first. */
  void merge(CodeBuffer code) {
    List<Accumulator> plain = plain();
    plain.forEach(accumulator -> accumulator.checkMerge(code));
    for (Accumulator accumulator : plain) {
      code.open("if (Memory.getLong(s + " + accumulator.presence.countOffset() + ") != 0)");
      accumulator.merge(code);
      code.close();
    }
    merge(code, row.countOffset());
    for (Presence presence : presences.values()) {
      if (!presence.isDistinct()) {
        merge(code, presence.countOffset());
      }
    }
    for (int i = 0; i < distincts.size(); i++) {
      mergeDistinct(code, i);
    }
  }

  /** Accumulators of all values, not only of those that are new to the group. */
  private List<Accumulator> plain() {
    return accumulators.stream().filter(a -> !a.presence.isDistinct()).toList();
  }

  /** Values of the other session are added as if each came in a row. */
  private void mergeDistinct(CodeBuffer method, int index) {
    Distinct distinct = distincts.get(index);
    int valueOffset = RowLayout.KEY_OFFSET + 8; // behind the session's address
    String entry = "entry" + index;
    method.open(
        "for (long "
            + entry
            + " = Memory.getLong(s + "
            + distinct.list
            + "); "
            + entry
            + " != 0; "
            + entry
            + " = nextDistinct("
            + index
            + ", "
            + entry
            + "))");
    method.line(
        "addDistinct"
            + index
            + "("
            + entry
            + " + "
            + (valueOffset - distinct.slot.offset())
            + ", t);");
    method.close();

    CodeBuffer add = new CodeBuffer(1);
    add.open("private void addDistinct" + index + "(long s, long t)");
    add.line("int " + distinct.variable + " = " + distinctCall(index, "1") + ";");
    Presence presence = presences.get(distinct.variable);
    add.open("if (" + presence.condition() + ")");
    List<Accumulator> its = accumulators.stream().filter(a -> a.presence.equals(presence)).toList();
    its.forEach(accumulator -> accumulator.add(add));
    bump(add, presence.countOffset(), presence.weight());
    add.close();
    its.forEach(accumulator -> accumulator.settle(add));
    add.close();
    kernel.method(add);
  }

  private static void merge(CodeBuffer code, int offset) {
    bump(code, offset, "Memory.getLong(s + " + offset + ")");
  }
}
