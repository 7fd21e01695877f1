package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.text.RowText;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.TableRows;
import io.laminardb.core.reactor.TimerQueue;
import io.laminardb.core.state.Spill;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.state.TableCopies;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;

/**
 * A running operator: its world, its output, and the guard that lets a call which was refused come
 * back before any other.
 */
final class OperatorNode extends TimerQueue.Timer implements OperatorContext {
  final Query query;
  final OperatorGraph.Node plan;
  final StreamOutput output;
  private final BiFunction<String, List<Integer>, TableRows> tables;
  final List<InputPort> ports = new ArrayList<>();
  private final OperatorMemory memory;
  private Operator operator;
  private Object blockedCall; // who has to call again before others may; null when nobody
  private boolean closed;
  private long lateRows;
  private long nullTimeRows;
  private long failedRows;
  private long expiredRows;
  private long busyNs;
  private Answers answers;
  private final Spilling spilling; // null where its state stays in memory
  private final Spill spill;
  private boolean canSpill; // the operator has asked where to
  private long usedAt; // the call of an operator that was the last one here

  /**
   * @param tables gives the rows of tables by name and columns
   */
  OperatorNode(
      Query query,
      OperatorGraph.Node plan,
      StreamOutput output,
      String label,
      BiFunction<String, List<Integer>, TableRows> tables) {
    this.tables = tables;
    this.query = query;
    this.plan = plan;
    this.output = output;
    this.answers = new Answers(this, query.context);
    memory =
        new OperatorMemory(query.context.allocator.newChildAllocator(label, 0, Long.MAX_VALUE));
    spilling = query.context.spilling;
    spill = spilling == null ? null : spilling.open(this);
    query.context.holders.add(this);
  }

  /** Makes the operator; apart from the constructor, so that {@link #close} can follow a failure. */
  void create() {
    operator = fresh();
  }

  private Operator fresh() {
    return memory.make(() -> plan.factory().create(this));
  }

  boolean isBusyElsewhere(Object caller) {
    return blockedCall != null && blockedCall != caller;
  }

  boolean isBlocked() {
    return blockedCall != null;
  }

  Progress process(InputPort port, Batch batch) {
    SideStream late = query.lateStream;
    if (late != null && !late.hasRoom()) {
      return Progress.BLOCKED;
    }
    OperatorNode outer = query.context.enter(this);
    try {
      return ended(operator.process(port.index, batch, output), port);
    } catch (RuntimeException | Error e) {
      return failed(e);
    } finally {
      query.context.leave(outer);
    }
  }

  Progress watermark(InputPort port, long watermarkNs) {
    OperatorNode outer = query.context.enter(this);
    try {
      return ended(operator.watermark(port.index, watermarkNs, output), port);
    } catch (RuntimeException | Error e) {
      return failed(e);
    } finally {
      query.context.leave(outer);
    }
  }

  /** Emits what is true without input; BLOCKED when it has to be called again. */
  Progress start() {
    OperatorNode outer = query.context.enter(this);
    try {
      return ended(operator.start(output), this);
    } catch (RuntimeException | Error e) {
      return failed(e);
    } finally {
      query.context.leave(outer);
    }
  }

  @Override
  protected boolean fire(long nowEpochNs) {
    if (query.isStopped()) {
      return true;
    }
    if (!query.isRunning() || isBusyElsewhere(this)) {
      return false;
    }
    OperatorNode outer = query.context.enter(this);
    try {
      return ended(operator.timer(nowEpochNs, output), this) != Progress.BLOCKED;
    } catch (RuntimeException | Error e) {
      failed(e);
      return true;
    } finally {
      query.context.leave(outer);
    }
  }

  @Override
  protected int orderAmongDue(TimerQueue.Timer other) {
    OperatorNode node = (OperatorNode) other;
    int byName = query.name.compareTo(node.query.name);
    return byName != 0
        ? byName
        : Integer.compare(query.nodes.indexOf(this), node.query.nodes.indexOf(node));
  }

  /** What it has done in the background. */
  Answers answers() {
    return answers;
  }

  /** Whether no more input should come before an answer does. */
  boolean isFull() {
    return operator != null && !query.isStopped() && operator.isFull();
  }

  /** Gives the operator what work in the background has brought. */
  void answered(byte[] answer) {
    OperatorNode outer = query.context.enter(this);
    try {
      operator.answered(answer);
    } catch (RuntimeException | Error e) {
      failed(e);
    } finally {
      query.context.leave(outer);
    }
  }

  /** Has it emit what was answered; false for back-pressure. */
  boolean completed() {
    if (isBusyElsewhere(answers)) {
      return true; // the call that was refused comes again, and sees it
    }
    OperatorNode outer = query.context.enter(this);
    try {
      return ended(operator.completed(output), answers) != Progress.BLOCKED;
    } catch (RuntimeException | Error e) {
      failed(e);
      return true;
    } finally {
      query.context.leave(outer);
    }
  }

  /** Has it ask for what was not answered. */
  void askAgain() {
    if (!query.isStopped()) {
      operator.askAgain();
    }
  }

  private Progress ended(Progress progress, Object caller) {
    blockedCall = progress == Progress.BLOCKED ? caller : null;
    if (spilling != null) {
      usedAt = spilling.used();
    }
    return progress;
  }

  private Progress failed(Throwable failure) {
    blockedCall = null;
    query.fail(failure);
    return Progress.NEEDS_INPUT;
  }

  /** Writes counters and what is known of its inputs. */
  void snapshot(StateWriter writer) {
    writer.putText(plan.label() + " " + plan.factory().fingerprint());
    writer.putLong(lateRows);
    writer.putLong(nullTimeRows);
    writer.putLong(failedRows);
    writer.putLong(expiredRows);
    ports.forEach(port -> port.snapshot(writer));
    if (output != query.output) {
      output.snapshot(writer);
    }
  }

  /**
   * Becomes what was written.
   *
   * @throws LaminarException STATE_CORRUPT if that was another operator's
   */
  void restore(StateReader reader) {
    String written = reader.getText();
    String own = plan.label() + " " + plan.factory().fingerprint();
    if (!own.equals(written)) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT,
              "the state of query \""
                  + query.name
                  + "\" is that of the operator \""
                  + written
                  + "\", and the query has \""
                  + own
                  + "\" there.")
          .mend("Open it with the version that wrote it, or create the query anew.");
    }
    lateRows = reader.getLong();
    nullTimeRows = reader.getLong();
    failedRows = reader.getLong();
    expiredRows = reader.getLong();
    ports.forEach(port -> port.restore(reader));
    if (output != query.output) {
      output.restore(reader);
    }
  }

  /** The operator's state, section by section; but for tables that {@code copies} copies, if any. */
  List<byte[]> sections(TableCopies copies) {
    StateWriter writer = new StateWriter(copies);
    operator.snapshot(writer);
    return writer.sections();
  }

  /** Replaces the operator by a fresh one with the state of a snapshot. */
  void restore(Collection<byte[]> snapshot) {
    query.context.reactor.timers().cancel(this);
    Operator fresh = fresh();
    try {
      fresh.restore(new StateReader(snapshot));
    } catch (RuntimeException e) {
      fresh.close();
      throw e;
    }
    operator.close();
    answers.close();
    operator = fresh;
    answers = new Answers(this, query.context);
    if (mayAsk()) {
      askAgain();
    }
  }

  /** Goes on with what the same operator of a former query knows, which stays as it is. */
  void adopt(OperatorNode former) {
    lateRows = former.lateRows;
    nullTimeRows = former.nullTimeRows;
    failedRows = former.failedRows;
    expiredRows = former.expiredRows;
    busyNs = former.busyNs;
    for (int port = 0; port < ports.size(); port++) {
      ports.get(port).adopt(former.ports.get(port));
    }
    if (output != query.output) {
      output.continues(former.output);
    }
    restore(former.sections(null));
  }

  Operator operator() {
    return operator;
  }

  /** Has the operator tell rows; where that fails it goes on as if nobody had asked. */
  void recall(Consumer<Operator> telling) {
    try {
      telling.accept(operator);
    } catch (RuntimeException | Error e) {
      operator.forgetRecalled();
      throw e;
    }
  }

  /** When it was used last, in calls of operators. */
  long usedAt() {
    return usedAt;
  }

  /** Whether its state can leave memory, where there is somewhere to put it. */
  boolean canSpill() {
    return canSpill;
  }

  /** What of its state has left memory; null where none has anywhere to go. */
  Spill spilled() {
    return spill;
  }

  /** Moves some state out of memory; whether there was some. See {@link Operator#spill}. */
  boolean spill(boolean hot) {
    return operator != null && blockedCall == null && operator.spill(hot);
  }

  // ---- OperatorContext ----

  @Override
  public BufferAllocator allocator() {
    return memory;
  }

  @Override
  public int batchCapacity() {
    return query.context.options.batchRows();
  }

  @Override
  public long nowEpochNs() {
    return query.context.nowEpochNs();
  }

  @Override
  public void timerAt(long epochNs) {
    query.context.reactor.timers().schedule(this, epochNs);
  }

  @Override
  public boolean tracksChanges() {
    return query.context.log != null;
  }

  @Override
  public TableRows tableRows(String table, List<Integer> columns) {
    return tables.apply(table, columns);
  }

  @Override
  public boolean skipsFailedRows() {
    return query.options.skipFailedRows();
  }

  @Override
  public Spill spill() {
    canSpill = true;
    return spill;
  }

  @Override
  public void inBackground(Supplier<byte[]> work) {
    query.usesBackground = true;
    answers.run(work);
  }

  @Override
  public boolean mayAsk() {
    return query.context.log == null || !query.context.log.isReplaying();
  }

  @Override
  public boolean mayAwaitAnswers() {
    return query.context.log == null;
  }

  @Override
  public void lateRow(Batch batch, int row) {
    lateRows++;
    if (query.lateStream != null) {
      query.lateStream.add(batch, row);
      query.setAside();
    }
  }

  @Override
  public void expiredRows(long rows) {
    expiredRows += rows;
  }

  @Override
  public void nullTimeRow() {
    nullTimeRows++;
  }

  @Override
  public void rowFailed(Batch batch, int row, RuntimeException failure) {
    failedRows++;
    if (!query.options.skipFailedRows()) {
      String problem = messageOf(failure) + " The row: " + RowText.of(batch, row) + ".";
      throw failure instanceof LaminarException own && own.code() == ErrorCode.CONNECTOR_FAILED
          ? new LaminarException(own.code(), problem, own).mend(own.mend())
          : new LaminarException(ErrorCode.EXPRESSION_FAILED, problem, failure)
              .mend("Guard the expression, or create the query WITH (on_error = 'skip').");
    }
    if (query.errorStream != null) {
      query.errorStream.addText(plan.label(), messageOf(failure), RowText.of(batch, row));
      query.setAside();
    }
  }

  private static String messageOf(RuntimeException failure) {
    String text =
        failure instanceof LaminarException laminar
            ? laminar.problem()
            : failure.getMessage() == null ? failure.toString() : failure.getMessage();
    return text.endsWith(".") ? text : text + ".";
  }

  void addBusyNs(long ns) {
    busyNs += ns;
  }

  long busyNs() {
    return busyNs;
  }

  long lateRows() {
    return lateRows;
  }

  long nullTimeRows() {
    return nullTimeRows;
  }

  long expiredRows() {
    return expiredRows;
  }

  long failedRows() {
    return failedRows;
  }

  void close() {
    if (closed) {
      return;
    }
    closed = true;
    query.context.reactor.timers().cancel(this);
    if (spilling != null) {
      spilling.close(this);
    }
    query.context.holders.remove(this);
    ports.forEach(InputPort::close);
    try {
      if (operator != null) {
        operator.close();
      }
    } finally {
      operator = null;
      answers.close();
      if (query.context.log != null) {
        query.context.log.asksNoMore(this);
      }
      memory.close();
    }
  }
}
