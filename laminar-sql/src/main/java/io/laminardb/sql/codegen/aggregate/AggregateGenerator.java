package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.AggregateShape;
import io.laminardb.core.operator.aggregate.EmittedRow;
import io.laminardb.core.operator.aggregate.SessionDistincts;
import io.laminardb.core.operator.aggregate.SessionShape;
import io.laminardb.core.state.RowLayout;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.codegen.CompiledKernel;
import io.laminardb.sql.codegen.ExpressionCompiler;
import io.laminardb.sql.codegen.KernelClass;
import io.laminardb.sql.codegen.RexText;
import io.laminardb.sql.codegen.RexTypes;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.WindowSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/**
 * Writes the kernel of one aggregation. Used once.
 *
 * <p>Past 600 lines: the loops of a kernel agree on one layout of rows, and are read side by side.
 */
final class AggregateGenerator {
  private static final String T = "long t = Memory.getLong(targets + ((long) i << 3));";
  private static final String S = "long s = Memory.getLong(sources + ((long) i << 3));";

  private final Schema input;
  private final RexNode condition;
  private final List<RexNode> keys;
  private final WindowSpec window;
  private final List<AggregateCall> calls;
  private final Schema output;
  private final boolean keepsEmitted;
  private final boolean changelog;
  private final boolean isSession;
  private final boolean keepsRows; // of sessions

  private final KernelClass<AggregateKernel> kernel;
  private final ExpressionCompiler compiler;
  private final CodeBuffer prepare = new CodeBuffer(4);
  private PreparedRow prepared;
  private RowBuilder row;

  private final List<Accumulator> accumulators = new ArrayList<>();
  private final Map<String, Accumulator> accumulatorsByIdentity = new LinkedHashMap<>();
  private final Map<String, Presence> presences = new LinkedHashMap<>();
  private final List<Distinct> distincts = new ArrayList<>();
  private final List<RowLayout> distinctLayouts = new ArrayList<>();
  private final List<Emitter> emitters = new ArrayList<>();
  private boolean hasTimed;

  /** Tells values apart before they are counted. */
  private record Distinct(String variable, String condition, Slot slot, int list) {}

  /** Writes the result of a call to its column. */
  private interface Emitter {
    void emit(CodeBuffer code, ResultWriter result);
  }

  /** What comes out: the class and what its operator has to know of it. */
  record Result(CompiledKernel<AggregateKernel> kernel, AggregateShape shape) {}

  AggregateGenerator(PlanNode.Aggregate plan, String name) {
    this(
        plan.input().schema(),
        plan.condition(),
        plan.keys(),
        plan.window(),
        plan.calls(),
        plan.schema(),
        plan.emission() == PlanNode.Emission.EVERY,
        plan.input().schema().isChangelog(),
        name);
  }

  AggregateGenerator(
      Schema input,
      RexNode condition,
      List<RexNode> keys,
      WindowSpec window,
      List<AggregateCall> calls,
      Schema output,
      boolean keepsEmitted,
      boolean keepsRows,
      String name) {
    this.input = input;
    this.condition = condition;
    this.keys = keys;
    this.window = window;
    this.calls = calls;
    this.output = output;
    this.keepsEmitted = keepsEmitted;
    this.changelog = input.isChangelog();
    this.isSession = window != null && window.kind() == WindowSpec.Kind.SESSION;
    this.keepsRows = isSession && keepsRows;
    this.kernel = new KernelClass<>("Aggregate_" + name, AggregateKernel.class, input);
    this.compiler = new ExpressionCompiler(kernel);
    kernel.addImport("io.laminardb.core.state.*");
    kernel.addImport("io.laminardb.core.operator.aggregate.*");
    for (String taken :
        List.of(
            "s",
            "t",
            "w",
            "i",
            "flags",
            "weights",
            "sequence",
            "nulls",
            "sources",
            "targets",
            "rows",
            "heap",
            "scratch",
            "entry",
            "prepared",
            "weight",
            "live",
            "newOut",
            "windowStart",
            "windowEnd",
            "nullTimes",
            "workAddress",
            "gap",
            "after",
            "before",
            "id",
            "begins",
            "begun",
            "time",
            "last",
            "open",
            "count",
            "limit")) {
      kernel.fresh(taken);
    }
  }

  Result generate() {
    kernel.comment(sql());
    prepareRow();
    for (AggregateCall call : calls) {
      emitters.add(call(call));
    }
    prepared.storeFlags();
    int emittedOffset = row.end();
    int emittedWords = keepsEmitted ? keepEmitted(emittedOffset) : 0;
    prepareMethod();
    List<ResultWriter> results = new ArrayList<>();
    for (int i = 0; i < output.size(); i++) {
      results.add(new ResultWriter(kernel, i, output.field(i)));
    }
    bindOutput(results);
    accumulateMethod();
    if (isSession && !keepsRows) {
      sessionsMethod();
    }
    changesMethod();
    mergeMethod();
    emitMethods(results);
    AggregateShape shape =
        new AggregateShape(
            output,
            keys.size(),
            window == null ? 0 : 2,
            row.build(emittedWords),
            distinctLayouts,
            prepared.bytes(),
            prepared.rowOffset(),
            prepared.timeOffset(),
            changelog,
            row.ownsMemory() || !distincts.isEmpty(),
            distincts.isEmpty() && accumulators.stream().allMatch(Accumulator::isMergeable),
            isSession ? sessionShape() : null);
    return new Result(kernel.compile(), shape);
  }

  private SessionShape sessionShape() {
    return new SessionShape(
        keepsRows,
        prepared.flagsOffset(),
        prepared.argumentTexts(),
        prepared.sequences(),
        distincts.stream().map(Distinct::list).toList());
  }

  private String sql() {
    StringBuilder sql = new StringBuilder("GROUP BY ");
    for (int i = 0; i < keys.size(); i++) {
      sql.append(i == 0 ? "" : ", ").append(RexText.of(keys.get(i), input));
    }
    if (window != null) {
      sql.append(keys.isEmpty() ? "" : ", ")
          .append(window.kind())
          .append('(')
          .append(RexText.of(window.time(), input))
          .append(')');
    }
    if (condition != null) {
      sql.append("\nWHERE ").append(RexText.of(condition, input));
    }
    for (AggregateCall call : calls) {
      sql.append('\n').append(call.output().name()).append(" = ").append(nameOf(call));
    }
    return sql.toString();
  }

  private String nameOf(AggregateCall call) {
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

  private void prepareRow() {
    prepared = new PreparedRow(kernel, compiler, prepare, changelog);
    if (condition != null) {
      prepared.condition(condition);
    }
    String time = window == null ? null : prepared.time(window.time());
    for (int i = 0; i < keys.size(); i++) {
      prepared.key(keys.get(i), output.field(i).type());
    }
    prepared.store(time, "sequence");
    prepared.reserveFlags();
    row = new RowBuilder(prepared.keyWordCount(), prepared.keyTexts());
    if (isSession) {
      row.take(SessionShape.words(keepsRows));
    }
  }

  private int keepEmitted(int emittedOffset) {
    int first = keys.size() + (isSession || window == null ? 0 : 2);
    int words = EmittedRow.words(output, first);
    row.take(words);
    EmittedRow.texts(output, first, emittedOffset).forEach(row::text);
    return words;
  }

  // ---- calls

  private Emitter call(AggregateCall call) {
    if (call.arguments().size() > 1 && call.kind() != AggregateKind.COUNT) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              nameOf(call) + " with more than one argument is not supported.")
          .mend("Aggregate one expression, such as a concatenation.");
    }
    boolean distinct =
        call.distinct()
            && switch (call.kind()) {
              case MIN, MAX, FIRST, LAST -> false; // every copy of a value gives the same
              default -> true;
            };
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
    };
  }

  private Emitter count(AggregateCall call) {
    String present =
        call.arguments().isEmpty()
            ? call.filter() == null ? "true" : prepared.filter(call.filter())
            : prepared.notNull(call.filter(), call.arguments());
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
    PreparedRow.Argument argument =
        prepared.argument(
            call.filter(),
            call.arguments().get(0),
            argumentType(call),
            form,
            form == Slot.Form.TIMED ? call.orderTime() : null);
    return new Input(argument.slot(), presence(argument.condition(), weight()));
  }

  private Input distinct(AggregateCall call) {
    List<DataType> types = call.arguments().stream().map(this::argumentType).toList();
    PreparedRow.Argument argument =
        types.size() == 1
            ? prepared.argument(
                call.filter(), call.arguments().get(0), types.get(0), Slot.Form.CANONICAL, null)
            : prepared.tuple(call.filter(), call.arguments(), types);
    Slot slot = argument.slot();
    for (Distinct known : distincts) {
      if (known.slot.equals(slot)) {
        return new Input(slot, presences.get(known.variable));
      }
    }
    String variable = "d" + distincts.size();
    int list = isSession ? row.take(1) : 0;
    distincts.add(new Distinct(variable, argument.condition(), slot, list));
    distinctLayouts.add(distinctLayout(types));
    Presence presence = new Presence(variable + " != 0", variable, row.take(1), true);
    presences.put(variable, presence);
    return new Input(slot, presence);
  }

  /** Rows that tell values apart: the group's key, of sessions the address of its row; the value. */
  private RowLayout distinctLayout(List<DataType> types) {
    List<Integer> texts = new ArrayList<>();
    int words = 1;
    if (!isSession) {
      words = row.keyWords();
      for (int text : row.keyTexts()) {
        texts.add(text);
      }
    }
    for (DataType type : types) {
      if (type.isVariableWidth()) {
        texts.add(words);
      }
      words += Slot.words(type);
    }
    return RowLayout.plain(
        words,
        texts.stream().mapToInt(Integer::intValue).toArray(),
        isSession ? SessionDistincts.STATE_WORDS : 1);
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
    String identity = "sum " + form + in.slot.offset() + in.presence;
    SumAccumulator sum =
        (SumAccumulator)
            accumulator(
                identity,
                () ->
                    new SumAccumulator(
                        in.presence, in.slot, form, row, kernel.constant(nameOf(call))));
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
                "extreme " + (changelog || isLeast) + in.slot.offset(),
                () -> new ExtremeAccumulator(in.presence, in.slot, isLeast, row));
    return (code, result) ->
        nullWhenEmpty(code, result, in.presence, () -> extreme.emit(code, result, isLeast));
  }

  private Emitter moment(AggregateCall call, boolean distinct) {
    Input in = distinct ? distinct(call) : plain(call, Slot.Form.PLAIN);
    MomentAccumulator moment =
        (MomentAccumulator)
            accumulator(
                "moment " + in.slot.offset() + in.presence,
                () -> new MomentAccumulator(in.presence, in.slot, row));
    boolean isDeviation =
        call.kind() == AggregateKind.STDDEV_POP || call.kind() == AggregateKind.STDDEV_SAMP;
    boolean isSample =
        call.kind() == AggregateKind.STDDEV_SAMP || call.kind() == AggregateKind.VAR_SAMP;
    return (code, result) -> moment.emit(code, result, isDeviation, isSample);
  }

  private void nullWhenEmpty(
      CodeBuffer code, ResultWriter result, Presence presence, Runnable value) {
    boolean isGlobal = keys.isEmpty() && window == null;
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

  // ---- methods

  private void prepareMethod() {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public void prepare(int from, int to)");
    method.append(kernel.localAddresses(2));
    if (changelog) {
      method.line("final long weights = inputWeights;");
    }
    if (hasTimed) {
      method.line("long sequence = this.sequence;");
    }
    method.line("long s = scratch;").line("int nulls = 0;").line("int row = from;");
    method.open("try");
    method.open("for (; row < to; row++)");
    if (keepsRows) { // rows are compared word by word: those not written are 0
      int offset = prepared.flagsOffset();
      method.line(
          "Memory.fill(s + " + offset + ", " + (prepared.bytes() - offset) + "L, (byte) 0);");
    }
    method.append(prepare);
    if (hasTimed) {
      method.line("sequence++;");
    }
    method.line("s += " + prepared.bytes() + ";").close();
    method.next("finally");
    method.line("this.row = row;");
    method.line("this.prepared = (int) ((s - scratch) / " + prepared.bytes() + ");");
    method.line("this.nullTimes = nulls;");
    if (hasTimed) {
      method.line("this.sequence = sequence;");
    }
    method.close().close();
    kernel.method(method);
  }

  private void bindOutput(List<ResultWriter> results) {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public void bindOutput(Batch newOut)").line("out = newOut;");
    results.forEach(result -> result.bind(method));
    method.close();
    kernel.method(method);
  }

  /** Brings the prepared row {@code s} into the group {@code t}. */
  private void add(CodeBuffer code) {
    if (prepared.hasFlags()) {
      code.line("long flags = Memory.getLong(s + " + prepared.flagsOffset() + ");");
    }
    if (changelog) {
      code.line("int w = Memory.getInt(s + " + (prepared.rowOffset() + 4) + ");");
    }
    accumulators.forEach(accumulator -> accumulator.check(code));
    for (int i = 0; i < distincts.size(); i++) {
      Distinct distinct = distincts.get(i);
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

  /** The Java that counts the value of the row at {@code s}. */
  private String distinctCall(int index, String weight) {
    Distinct distinct = distincts.get(index);
    return isSession
        ? "sessionDistinct("
            + index
            + ", t, "
            + distinct.list
            + ", "
            + distinct.slot.address()
            + ", "
            + weight
            + ")"
        : "distinct(" + index + ", t, " + distinct.slot.address() + ", " + weight + ")";
  }

  private static void bump(CodeBuffer code, int offset, String by) {
    code.line(
        "Memory.putLong(t + " + offset + ", Memory.getLong(t + " + offset + ") + " + by + ");");
  }

  private void accumulateMethod() {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public void accumulate(long sources, long targets, int from, int to)");
    method.line("int i = from;");
    method.open("try");
    method.open("for (; i < to; i++)").line(S).line(T);
    add(method);
    method.close().next("finally").line("entry = i;").close().close();
    kernel.method(method);
  }

  /** Rows of sessions in order: one look at the key's row, and the row is in. */
  private void sessionsMethod() {
    int first = row.countOffset() + 8;
    String last = "t + " + (first + SessionShape.LAST);
    CodeBuffer method = new CodeBuffer(1);
    method.open("public int sessions(long sources, long targets, int from, int to)");
    method.line("final long gap = " + kernel.constant(window.size()) + ";");
    method.line("final long after = sessionAfter;");
    method.line("final long before = sessionBefore;");
    method.line("long id = sessionId;").line("int begins = 0;").line("int i = from;");
    method.open("try");
    method.open("for (; i < to; i++)").line(S).line(T);
    method.line("long time = Memory.getLong(s + " + prepared.timeOffset() + ");");
    method.line("long last = Memory.getLong(" + last + ");");
    method.line("boolean open = Memory.getLong(t + " + (first + SessionShape.ID) + ") != 0;");
    method.line("// another session of the key, a row out of order, or a second session");
    method.open(
        "if (Memory.getLong(t + "
            + (first + SessionShape.NEXT)
            + ") != 0 || time <= after || time >= before || (open"
            + " && (time < last || time > last + gap)))");
    method.line("break;").close();
    add(method);
    method.line("Memory.putLong(" + last + ", time);");
    method.open("if (!open)");
    method.line("Memory.putLong(t + " + (first + SessionShape.FIRST) + ", time);");
    method.line("Memory.putLong(t + " + (first + SessionShape.ID) + ", id++);");
    method.line("Memory.putLong(begun + ((long) begins++ << 3), t);");
    method.close().close();
    method.next("finally");
    method.line("entry = i;").line("sessionId = id;").line("begunCount = begins;");
    method.close().line("return i;").close();
    kernel.method(method);
  }

  private void changesMethod() {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public int changes(long sources, long targets, int from, int to)");
    if (!output.isChangelog()) {
      method.line("throw new IllegalStateException();").close();
      kernel.method(method);
      return;
    }
    boolean isGlobal = keys.isEmpty() && window == null;
    boolean mayStay =
        calls.stream()
            .noneMatch(
                call ->
                    call.kind() == AggregateKind.COUNT
                        && call.filter() == null
                        && call.arguments().isEmpty());
    String count = "Memory.getLong(t + " + row.countOffset() + ") > 0";
    method.line("final Batch out = this.out;");
    method.line("final long weights = out.weightsAddress();");
    method.line("final int limit = out.capacity() - 1;");
    method.line("int at = out.rowCount();").line("int i = from;");
    method.open("try");
    method.open("for (; i < to && at < limit; i++)").line(S).line(T);
    method.line("boolean live = " + (isGlobal ? "true" : count) + ";");
    method.open("if (live)");
    method.line("writeKeys(t, at);").line("writeResults(t, at);");
    method.line("Memory.putByte(weights + at, (byte) -1);").close();
    add(method);
    method.line("int next = live ? at + 1 : at;");
    if (!isGlobal) {
      method.open("if (" + count + ")");
    }
    method.line("writeKeys(t, next);").line("writeResults(t, next);");
    if (mayStay) {
      method.open("if (live && sameResults(at, next))");
      method.line("revive(at);").line("continue;").close();
    }
    method.line("Memory.putByte(weights + next, (byte) 1);").line("next++;");
    if (!isGlobal) {
      method.close();
    }
    method.line("at = next;").close();
    method.next("finally").line("entry = i;").line("out.rowCount(at);").line("revive(at);");
    method.close();
    method.line("return i;").close();
    kernel.method(method);
  }

  private void mergeMethod() {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public void merge(long sources, long targets, int from, int to)");
    List<Accumulator> plain = accumulators.stream().filter(a -> !isOfDistinct(a.presence)).toList();
    boolean merges = isSession ? !keepsRows : distincts.isEmpty();
    if (merges && plain.stream().allMatch(Accumulator::isMergeable)) {
      method.open("for (int i = from; i < to; i++)").line(S).line(T);
      plain.forEach(accumulator -> accumulator.checkMerge(method));
      for (Accumulator accumulator : plain) {
        code(method, accumulator, accumulator.presence.countOffset());
      }
      merge(method, row.countOffset());
      for (Presence presence : presences.values()) {
        if (!isOfDistinct(presence)) {
          merge(method, presence.countOffset());
        }
      }
      for (int i = 0; i < distincts.size(); i++) {
        mergeDistinct(method, i);
      }
      method.close();
    } else {
      method.line("throw new IllegalStateException();");
    }
    method.close();
    kernel.method(method);
  }

  private boolean isOfDistinct(Presence presence) {
    return distincts.stream().anyMatch(d -> presence.weight().equals(d.variable));
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

  private static void code(CodeBuffer method, Accumulator accumulator, int counter) {
    method.open("if (Memory.getLong(s + " + counter + ") != 0)");
    accumulator.merge(method);
    method.close();
  }

  private static void merge(CodeBuffer code, int offset) {
    bump(code, offset, "Memory.getLong(s + " + offset + ")");
  }

  private void emitMethods(List<ResultWriter> results) {
    CodeBuffer emit = new CodeBuffer(1);
    emit.open("public void emit(long rows, int from, int to, int weight)");
    emit.line("int at = out.rowCount();");
    emit.open("for (int i = from; i < to; i++)");
    emit.line("long t = Memory.getLong(rows + ((long) i << 3));");
    emit.line("writeKeys(t, at);").line("writeResults(t, at);");
    if (output.isChangelog()) {
      emit.line("Memory.putByte(out.weightsAddress() + at, (byte) weight);");
    }
    emit.line("at++;").close();
    emit.line("out.rowCount(at);").close();
    kernel.method(emit);

    CodeBuffer emitKeys = new CodeBuffer(1);
    emitKeys.open("public void emitKeys(long row, int at)");
    emitKeys.line("writeKeys(row, at);").close();
    kernel.method(emitKeys);

    CodeBuffer writeKeys = new CodeBuffer(1);
    writeKeys.open("private void writeKeys(long t, int at)");
    writeKeys(writeKeys, results);
    writeKeys.close();
    kernel.method(writeKeys);

    CodeBuffer writeResults = new CodeBuffer(1);
    writeResults.open("private void writeResults(long t, int at)");
    int first = keys.size() + (window == null ? 0 : 2);
    if (isSession) {
      int sessionOffset = row.countOffset() + 8;
      String start = "Memory.getLong(t + " + (sessionOffset + SessionShape.FIRST) + ")";
      String gap = kernel.constant(window.size());
      results.get(keys.size()).putLong(writeResults, start);
      results
          .get(keys.size() + 1)
          .putLong(
              writeResults,
              "(Memory.getLong(t + " + (sessionOffset + SessionShape.LAST) + ") + " + gap + ")");
    }
    for (int i = 0; i < emitters.size(); i++) {
      writeResults.line("// " + nameOf(calls.get(i)));
      writeResults.open("");
      emitters.get(i).emit(writeResults, results.get(first + i));
      writeResults.close();
    }
    writeResults.close();
    kernel.method(writeResults);
  }

  private void writeKeys(CodeBuffer code, List<ResultWriter> results) {
    int word = 0;
    int nullable = 0;
    int nullWord = 8 * prepared.keyWordCount();
    for (int i = 0; i < keys.size(); i++) {
      Field field = output.field(i);
      String at = "t + " + (8 + 8 * word);
      boolean isNullable = prepared.isNullableKey(i);
      if (isNullable && field.nullable()) {
        code.open("if ((Memory.getLong(t + " + nullWord + ") & " + (1L << nullable) + "L) != 0)");
        results.get(i).setNull(code);
        code.next("else");
        results.get(i).putWords(code, at);
        code.close();
      } else {
        results.get(i).putWords(code, at);
      }
      nullable += isNullable ? 1 : 0;
      word += Slot.words(field.type());
    }
    if (window != null && !isSession) {
      results.get(keys.size()).putLong(code, "windowStart");
      results.get(keys.size() + 1).putLong(code, "windowEnd");
    }
  }
}
