package io.laminardb.sql.codegen.aggregate;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.AggregateShape;
import io.laminardb.core.operator.aggregate.EmittedRow;
import io.laminardb.core.operator.aggregate.SessionShape;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.sql.codegen.CodeBuffer;
import io.laminardb.sql.codegen.CompiledKernel;
import io.laminardb.sql.codegen.ExpressionCompiler;
import io.laminardb.sql.codegen.KernelClass;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.RexText;
import io.laminardb.sql.plan.WindowSpec;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexNode;

/** Writes the kernel of one aggregation. Used once. */
final class AggregateGenerator {
  /** Keys and calls that one loop may hold: well below the 8,000 bytes of code that HotSpot compiles. */
  private static final int FUSED_PARTS = 40;

  private static final String T = "long t = Memory.getLong(targets + ((long) i << 3));";
  private static final String S = "long s = Memory.getLong(sources + ((long) i << 3));";

  private final Schema input;
  private final RexNode condition;
  private final List<RexNode> keys;
  private final WindowSpec window;
  private final List<AggregateCall> calls;
  private final Schema output;
  private final boolean keepsEmitted;
  private final boolean emitsChanges;
  private final boolean changelog;
  private final boolean isSession;
  private final boolean keepsRows; // of sessions
  private final boolean isFused;
  private boolean inFrames;
  private boolean expires;

  private final KernelClass<AggregateKernel> kernel;
  private final CodeBuffer evaluate; // what is done for each row of the input
  private final PreparedRow prepared; // null where rows are not prepared
  private final LocalRow local; // null where they are
  private final RowInput rowInput;
  private RowBuilder row;
  private CallStates states;
  private final List<CallStates.Emitter> emitters = new ArrayList<>();

  /**
   * What comes out: the class and what its operator has to know of it.
   *
   * @param expiryOffset where the words of {@link #expiring} are, or -1
   */
  record Result(CompiledKernel<AggregateKernel> kernel, AggregateShape shape, int expiryOffset) {}

  /**
   * @param isFused whether each row belongs to exactly one state, so that it can be brought there
   *     without being prepared; see {@link #isFusible}
   */
  AggregateGenerator(PlanNode.Aggregate plan, boolean isFused, String name) {
    this(
        plan.input().schema(),
        plan.condition(),
        plan.keys(),
        plan.window(),
        plan.calls(),
        plan.schema(),
        plan.emission(),
        plan.input().schema().isChangelog(),
        isFused,
        name);
  }

  /** Whether nothing in an aggregation needs prepared rows, as long as each belongs to one state. */
  static boolean isFusible(PlanNode.Aggregate plan) {
    return !plan.input().schema().isChangelog()
        && plan.keys().size() + plan.calls().size() <= FUSED_PARTS
        && plan.calls().stream().noneMatch(AggregateCall::tellsValuesApart)
        && plan.calls().stream().allMatch(CallStates::hasMerge);
  }

  AggregateGenerator(
      Schema input,
      RexNode condition,
      List<RexNode> keys,
      WindowSpec window,
      List<AggregateCall> calls,
      Schema output,
      PlanNode.Emission emission,
      boolean keepsRows,
      boolean isFused,
      String name) {
    this.input = input;
    this.condition = condition;
    this.keys = keys;
    this.window = window;
    this.calls = calls;
    this.output = output;
    this.keepsEmitted = emission == PlanNode.Emission.EVERY;
    this.emitsChanges = emission == PlanNode.Emission.CHANGES;
    this.changelog = input.isChangelog();
    this.isSession = window != null && window.kind() == WindowSpec.Kind.SESSION;
    this.keepsRows = isSession && keepsRows;
    this.isFused = isFused;
    this.kernel = new KernelClass<>("Aggregate_" + name, AggregateKernel.class, input);
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
            "groups",
            "slots",
            "slot",
            "mask",
            "hash",
            "index",
            "bytes",
            "emitted",
            "count",
            "limit",
            "firstTime",
            "lastTime",
            "isOutside")) {
      kernel.fresh(taken);
    }
    ExpressionCompiler compiler = new ExpressionCompiler(kernel);
    this.evaluate = new CodeBuffer(4);
    this.local = isFused ? new LocalRow(kernel) : null;
    this.prepared = isFused ? null : new PreparedRow(changelog);
    RowWords words = isFused ? local : prepared;
    this.rowInput = new RowInput(kernel, compiler, evaluate, words, changelog);
  }

  /** Leaves room for when a group was touched. */
  AggregateGenerator expiring() {
    expires = true;
    return this;
  }

  /** Has rows come and go at their own time, so that what does not fit fails when it is asked for. */
  AggregateGenerator inFrames() {
    inFrames = true;
    return this;
  }

  Result generate() {
    kernel.comment(sql());
    beginRow();
    states =
        new CallStates(
            kernel,
            rowInput,
            row,
            changelog,
            isSession,
            keys.isEmpty() && window == null,
            emitsChanges,
            inFrames);
    for (AggregateCall call : calls) {
      emitters.add(states.emitter(call));
    }
    int expiryOffset = expires ? row.take(2) : -1;
    int emittedOffset = row.end();
    int emittedWords = keepsEmitted ? keepEmitted(emittedOffset) : 0;
    List<ResultWriter> results = new ArrayList<>();
    for (int i = 0; i < output.size(); i++) {
      results.add(new ResultWriter(kernel, i, output.field(i)));
    }
    bindOutput(results);
    if (isFused) {
      fuseMethod();
    } else {
      prepared.end(evaluate);
      prepareMethod();
      accumulateMethod();
      if (isSession && !keepsRows) {
        sessionsMethod();
      }
      if (emitsChanges) {
        changesMethod();
      }
    }
    mergeMethod();
    emitMethods(results);
    AggregateShape shape =
        new AggregateShape(
            output,
            keys.size(),
            windowColumns(),
            row.build(emittedWords),
            states.distinctLayouts(),
            isFused ? row.countOffset() : prepared.bytes(),
            isFused ? 0 : prepared.rowOffset(),
            isFused ? 0 : prepared.timeOffset(),
            isFused,
            changelog,
            row.ownsMemory() || !states.distinctLayouts().isEmpty(),
            states.isMergeable(),
            isSession ? sessionShape() : null);
    return new Result(kernel.compile(), shape, expiryOffset);
  }

  private int windowColumns() {
    return window == null ? 0 : window.columns();
  }

  private SessionShape sessionShape() {
    return new SessionShape(
        keepsRows,
        prepared.flagsOffset(),
        prepared.argumentTexts(),
        prepared.sequences(),
        states.distinctLists());
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
      sql.append('\n')
          .append(call.output().name())
          .append(" = ")
          .append(CallStates.nameOf(call, input));
    }
    return sql.toString();
  }

  private void beginRow() {
    if (condition != null) {
      rowInput.condition(condition);
    }
    String time = window == null ? null : rowInput.time(window.time());
    if (isFused && time != null) {
      evaluate.open("if (" + time + " < firstTime || " + time + " > lastTime)");
      evaluate.line("this.time = " + time + ";").line("isOutside = true;").line("break;").close();
    }
    for (int i = 0; i < keys.size(); i++) {
      rowInput.key(keys.get(i), output.field(i).type());
    }
    rowInput.endKeys();
    if (!isFused) {
      prepared.begin(evaluate, rowInput, time);
    }
    row = new RowBuilder(rowInput.keyWordCount(), rowInput.keyTexts());
    if (isSession) {
      row.take(SessionShape.words(keepsRows));
    }
    if (window != null && window.keyTime() != null) {
      row.take(KeyTime.GROUP_WORDS);
    }
  }

  private int keepEmitted(int emittedOffset) {
    int first = keys.size() + (isSession ? 0 : windowColumns());
    int words = EmittedRow.words(output, first);
    row.take(words);
    EmittedRow.texts(output, first, emittedOffset).forEach(row::text);
    return words;
  }

  // ---- methods

  private void prepareMethod() {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public void prepare(int from, int to)");
    method.append(kernel.localAddresses(2));
    if (changelog) {
      method.line("final long weights = inputWeights;");
    }
    if (states.hasTimed()) {
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
    method.append(evaluate);
    if (states.hasTimed()) {
      method.line("sequence++;");
    }
    method.line("s += " + prepared.bytes() + ";").close();
    method.next("finally");
    method.line("this.row = row;");
    method.line("this.prepared = (int) ((s - scratch) / " + prepared.bytes() + ");");
    method.line("this.nullTimes = nulls;");
    if (states.hasTimed()) {
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

  /** Brings what was evaluated of a row into the group {@code t}. */
  private void add(CodeBuffer code) {
    if (!isFused) {
      prepared.load(code);
    }
    states.add(code);
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
    beginChanges(method);
    method.line("int i = from;");
    method.open("try");
    method.open("for (; i < to && at < limit; i++)").line(S).line(T);
    change(method);
    method.close();
    method.next("finally").line("entry = i;").line("out.rowCount(at);").line("revive(at);");
    method.close();
    method.line("return i;").close();
    kernel.method(method);
  }

  private static void beginChanges(CodeBuffer method) {
    method.line("final Batch out = this.out;");
    method.line("final long weights = out.weightsAddress();");
    method.line("final int limit = out.capacity() - 1;");
    method.line("int at = out.rowCount();");
  }

  /** Writes the old result of {@code t}, brings the row in, and writes the new one. */
  private void change(CodeBuffer method) {
    boolean isGlobal = keys.isEmpty() && window == null;
    boolean mayStay =
        calls.stream()
            .noneMatch(
                call ->
                    call.kind() == AggregateKind.COUNT
                        && call.filter() == null
                        && call.arguments().isEmpty());
    String count = "Memory.getLong(t + " + row.countOffset() + ") > 0";
    method.line("boolean live = " + (isGlobal ? "true" : count) + ";");
    method.open("if (live)");
    method.line("writeKeys(t, at);").line("writeResults(t, at);");
    method.line("Memory.putByte(weights + at, (byte) -1);").close();
    add(method);
    method.line("int next = live ? at + 1 : at;");
    boolean mayGo = changelog && !isGlobal;
    if (mayGo) {
      method.open("if (" + count + ")");
    }
    method.line("writeKeys(t, next);").line("writeResults(t, next);");
    if (mayStay) {
      method.open("if (live && sameResults(at, next))");
      method.line("revive(at);").line("continue;").close();
    }
    method.line("Memory.putByte(weights + next, (byte) 1);").line("next++;");
    if (mayGo) {
      method.close();
    }
    method.line("at = next;");
  }

  /** One loop over rows of the input: evaluate, find the group, bring the row in. */
  private void fuseMethod() {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public void fuse(int from, int to)");
    CodeBuffer addresses = kernel.localAddresses(2);
    method.append(addresses);
    method
        .line("final long firstTime = this.firstTime;")
        .line("final long lastTime = this.lastTime;");
    method.line("final long scratch = this.scratch;");
    if (!keys.isEmpty()) {
      method.line("long slots = slots();").line("long mask = slotMask();");
      method.line("final int epoch = epoch();");
    }
    if (states.hasTimed()) {
      method.line("long sequence = this.sequence;");
    }
    if (emitsChanges) {
      beginChanges(method);
    }
    method.line("long t = 0;").line("int nulls = 0;").line("int row = from;");
    method.line("isOutside = false;");
    method.open("try");
    method.open("for (; row < to" + (emitsChanges ? " && at < limit" : "") + "; row++)");
    method.append(evaluate);
    CodeBuffer bring = new CodeBuffer(4);
    if (states.hasTimed()) {
      bring.line("sequence++;"); // a multiset tells rows of one time apart by it
    }
    local.findGroup(bring, rowInput);
    if (emitsChanges) {
      change(bring);
    } else {
      add(bring);
    }
    if (keepsEmitted) {
      bring.line("changed(t);");
    }
    method.append(bring);
    method.close().next("finally");
    method.line("this.row = row;").line("this.target = t;").line("this.nullTimes = nulls;");
    if (states.hasTimed()) {
      method.line("this.sequence = sequence;");
    }
    if (emitsChanges) {
      method.line("out.rowCount(at);").line("revive(at);");
    }
    method.close().close();
    kernel.method(method);
  }

  private void mergeMethod() {
    CodeBuffer method = new CodeBuffer(1);
    method.open("public void merge(long sources, long targets, int from, int to)");
    if (isSession ? !keepsRows && states.arePlainMergeable() : states.isMergeable()) {
      method.open("for (int i = from; i < to; i++)").line(S).line(T);
      states.merge(method);
      method.close();
    } else {
      method.line("throw new IllegalStateException();");
    }
    method.close();
    kernel.method(method);
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
    int first = keys.size() + windowColumns();
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
      writeResults.line("// " + CallStates.nameOf(calls.get(i), input));
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
    int nullWord = 8 * rowInput.keyWordCount();
    for (int i = 0; i < keys.size(); i++) {
      Field field = output.field(i);
      String at = "t + " + (8 + 8 * word);
      boolean isNullable = rowInput.isNullableKey(i);
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
    if (windowColumns() > 0 && !isSession) {
      results.get(keys.size()).putLong(code, "windowStart");
      results.get(keys.size() + 1).putLong(code, "windowEnd");
    }
  }
}
