package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.InputWatermarks;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;

/**
 * Joins each left row with the nearest right row of its key in the order of any column, of append-only
 * inputs or of changelogs. A left row is answered at once; a right row that comes or goes takes back the
 * answers it changes, each followed by the new one. Or, where the inputs end, all is answered then.
 *
 * <p>Keeps all rows. Watermarks: the least of both inputs.
 */
public final class AsofChangesOperator implements Operator {
  private static final int ROWS_A_CHANGE = 2;

  /** Makes ASOF joins that correct themselves. */
  public record Factory(AsofSpec spec) implements OperatorFactory {
    /**
     * @param spec its result is a changelog, or append-only to be answered at the end of input
     */
    public Factory {
      requireNonNull(spec, "spec");
      if (!spec.output().isChangelog()
          && (spec.left().isChangelog() || spec.right().isChangelog())) {
        throw new IllegalArgumentException("the result of changes is a changelog");
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new AsofChangesOperator(spec, context);
    }

    @Override
    public Schema outputSchema() {
      return spec.output();
    }

    /** None but the end: watermarks are passed on. */
    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String fingerprint() {
      return "AsofChanges " + spec.fingerprint();
    }
  }

  private final AsofSpec spec;
  private final boolean backward;
  private final boolean atEnd;
  private final JoinKey[] keys = new JoinKey[2];
  private final AsofOrder[] orders = new AsofOrder[2];
  private final AsofChangesState state;
  private final InputWatermarks watermarks = new InputWatermarks(2);
  private final Batch out; // what the output has not accepted yet

  private int row = -1; // of the batch on loan that is under way, or -1
  private boolean changing; // a right row is: the fields below say how far that is
  private long entry; // of its key
  private int rightIndex; // where it stands
  private int leftIndex; // the next left row whose answer it changes
  private int leftEnd;
  private long scanned; // at the end: where the scan goes on
  private boolean onEntry; // at the end: the entry is being answered

  private AsofChangesOperator(AsofSpec spec, OperatorContext context) {
    this.spec = spec;
    this.backward = spec.comparison().isBackward();
    this.atEnd = !spec.output().isChangelog();
    this.state = new AsofChangesState(spec, context.allocator());
    try {
      for (int port = 0; port < 2; port++) {
        keys[port] =
            new JoinKey(spec.input(port), spec.keys(port), spec.nullSafe(), context.allocator());
        orders[port] = new AsofOrder(type(port), scale(port), context.allocator());
      }
      int capacity = Math.max(ROWS_A_CHANGE, context.batchCapacity());
      out = new Batch(spec.output(), capacity, context.allocator());
    } catch (RuntimeException e) {
      closeState();
      throw e;
    }
  }

  private DataType type(int port) {
    return spec.input(port).field(spec.timeColumn(port)).type();
  }

  /** Times of two precisions are compared in the finer one. */
  private long scale(int port) {
    return type(0).isTimestamp() && type(1).isTimestamp()
        ? type(port).nanosPerUnit() / Math.min(type(0).nanosPerUnit(), type(1).nanosPerUnit())
        : 1;
  }

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (row < 0) {
      row = batch.from();
    }
    for (; row < batch.to(); row++) {
      boolean done =
          port == JoinType.LEFT_PORT ? takeLeft(batch, output) : takeRight(batch, output);
      if (!done) {
        return Progress.BLOCKED;
      }
    }
    if (!flush(output)) {
      return Progress.BLOCKED;
    }
    row = -1;
    return Progress.NEEDS_INPUT;
  }

  /** A copy of the row under way, or 0 when it matches nothing, for a NULL. */
  private long read(int port, Batch batch) {
    int column = spec.timeColumn(port);
    if (batch.column(column).isNull(row) || !keys[port].read(batch, row)) {
      return 0;
    }
    AsofOrder order = orders[port];
    order.read(batch, column, row);
    return state
        .rows(port)
        .copy(keys[port].source(), order.word(), order.address(), order.length(), batch, row);
  }

  private boolean takeLeft(Batch batch, Output output) {
    if (!makeRoom(1, output)) {
      return false;
    }
    int weight = batch.weight(row);
    long left = read(JoinType.LEFT_PORT, batch);
    if (left == 0) {
      if (spec.keepsUnmatched()) {
        out.put(batch, row, 0);
        endAlone(weight);
      }
      return true;
    }
    if (weight > 0) {
      long key = state.findOrInsert(left);
      state.add(AsofChangesState.run(key, JoinType.LEFT_PORT), left);
      answer(left, match(key, left), weight);
      return true;
    }
    long key = state.find(left);
    int index = key == 0 ? -1 : AsofChangesState.indexOf(AsofChangesState.run(key, 0), left);
    if (index >= 0) {
      answer(left, match(key, left), weight);
      state.remove(key, JoinType.LEFT_PORT, index);
    }
    state.rows(JoinType.LEFT_PORT).free(left);
    return true;
  }

  /** The match of a left row, or 0. */
  private long match(long key, long left) {
    long rights = AsofChangesState.run(key, JoinType.RIGHT_PORT);
    int index =
        switch (spec.comparison()) {
          case GREATER_OR_EQUAL -> AsofChangesState.firstAfter(rights, left) - 1;
          case GREATER -> AsofChangesState.firstFrom(rights, left) - 1;
          case LESS_OR_EQUAL -> AsofChangesState.firstFrom(rights, left);
          case LESS -> AsofChangesState.firstAfter(rights, left);
        };
    return near(left, rowAt(rights, index));
  }

  private static long rowAt(long run, int index) {
    return index < 0 || index >= Run.count(run) ? 0 : Run.row(run, index);
  }

  /** The right row, or 0 when it is too far away. */
  private long near(long left, long right) {
    if (right == 0 || spec.tolerance() == AsofSpec.NO_TOLERANCE) {
      return right;
    }
    long distance =
        backward
            ? AsofRows.time(left) - AsofRows.time(right)
            : AsofRows.time(right) - AsofRows.time(left);
    return distance <= spec.tolerance() ? right : 0;
  }

  private boolean takeRight(Batch batch, Output output) {
    int weight = batch.weight(row);
    if (!changing && !beginRight(batch, weight)) {
      return true;
    }
    long lefts = AsofChangesState.run(entry, JoinType.LEFT_PORT);
    long rights = AsofChangesState.run(entry, JoinType.RIGHT_PORT);
    long right = Run.row(rights, rightIndex);
    long other = rowAt(rights, backward ? rightIndex - 1 : rightIndex + 1);
    for (; leftIndex < leftEnd; leftIndex++) {
      if (!makeRoom(ROWS_A_CHANGE, output)) {
        return false;
      }
      long left = Run.row(lefts, leftIndex);
      long with = near(left, right);
      long without = near(left, other);
      if (with != without) {
        answer(left, weight > 0 ? without : with, -1);
        answer(left, weight > 0 ? with : without, 1);
      }
    }
    if (weight < 0) {
      state.remove(entry, JoinType.RIGHT_PORT, rightIndex);
    }
    changing = false;
    return true;
  }

  /** Takes a right row in, or finds the one that goes; false when nothing changes by it. */
  private boolean beginRight(Batch batch, int weight) {
    long right = read(JoinType.RIGHT_PORT, batch);
    if (right == 0) {
      return false;
    }
    if (weight > 0) {
      entry = state.findOrInsert(right);
      rightIndex = state.add(AsofChangesState.run(entry, JoinType.RIGHT_PORT), right);
    } else {
      entry = state.find(right);
      rightIndex =
          entry == 0
              ? -1
              : AsofChangesState.indexOf(AsofChangesState.run(entry, JoinType.RIGHT_PORT), right);
      state.rows(JoinType.RIGHT_PORT).free(right);
      if (rightIndex < 0) {
        return false;
      }
    }
    changing = true;
    findLefts();
    if (atEnd) {
      leftIndex = leftEnd;
    }
    return true;
  }

  /** The left rows whose nearest row is the right one under way. */
  private void findLefts() {
    long lefts = AsofChangesState.run(entry, JoinType.LEFT_PORT);
    long rights = AsofChangesState.run(entry, JoinType.RIGHT_PORT);
    long right = Run.row(rights, rightIndex);
    long before = rowAt(rights, rightIndex - 1);
    long after = rowAt(rights, rightIndex + 1);
    int count = Run.count(lefts);
    switch (spec.comparison()) {
      case GREATER_OR_EQUAL -> {
        leftIndex = AsofChangesState.firstFrom(lefts, right);
        leftEnd = after == 0 ? count : AsofChangesState.firstFrom(lefts, after);
      }
      case GREATER -> {
        leftIndex = AsofChangesState.firstAfter(lefts, right);
        leftEnd = after == 0 ? count : AsofChangesState.firstAfter(lefts, after);
      }
      case LESS_OR_EQUAL -> {
        leftIndex = before == 0 ? 0 : AsofChangesState.firstAfter(lefts, before);
        leftEnd = AsofChangesState.firstAfter(lefts, right);
      }
      case LESS -> {
        leftIndex = before == 0 ? 0 : AsofChangesState.firstFrom(lefts, before);
        leftEnd = AsofChangesState.firstFrom(lefts, right);
      }
    }
  }

  private void answer(long left, long right, int weight) {
    if (atEnd && !onEntry || right == 0 && !spec.keepsUnmatched()) {
      return;
    }
    state.rows(JoinType.LEFT_PORT).read(left, out, 0);
    if (right == 0) {
      endAlone(weight);
    } else {
      state.rows(JoinType.RIGHT_PORT).read(right, out, spec.left().size());
      end(weight);
    }
  }

  private void endAlone(int weight) {
    for (int i = spec.left().size(); i < spec.output().size(); i++) {
      out.column(i).setNull(out.rowCount());
    }
    end(weight);
  }

  private void end(int weight) {
    if (atEnd) {
      out.endRow();
    } else {
      out.endRow(weight);
    }
  }

  private boolean makeRoom(int rows, Output output) {
    return out.capacity() - out.rowCount() >= rows || flush(output);
  }

  private boolean flush(Output output) {
    if (out.rowCount() > 0) {
      if (!output.offer(out)) {
        return false;
      }
      out.clear();
    }
    return true;
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    long due = watermarks.input(port, watermarkNs);
    if (due == Watermark.NONE) {
      return Progress.NEEDS_INPUT;
    }
    if (atEnd && due == Watermark.END && (!answerAll(output) || !flush(output))) {
      return Progress.BLOCKED;
    }
    if (!output.watermark(due)) {
      return Progress.BLOCKED;
    }
    watermarks.passed(due);
    return Progress.NEEDS_INPUT;
  }

  /** Answers all left rows; false for back-pressure. */
  private boolean answerAll(Output output) {
    while (true) {
      if (!onEntry) {
        scanned = scanned == Long.MAX_VALUE ? -1 : state.scan(scanned);
        if (scanned < 0) {
          return true;
        }
        onEntry = true;
        leftIndex = 0;
      }
      long key = state.scanned();
      long lefts = AsofChangesState.run(key, JoinType.LEFT_PORT);
      for (int count = Run.count(lefts); leftIndex < count; leftIndex++) {
        if (!makeRoom(1, output)) {
          return false;
        }
        long left = Run.row(lefts, leftIndex);
        answer(left, match(key, left), 1);
      }
      onEntry = false;
    }
  }

  @Override
  public long stateRows() {
    return state.rowCount();
  }

  @Override
  public long stateBytes() {
    return state.bytes() + keys[0].bytes() + keys[1].bytes();
  }

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    watermarks.snapshot(writer);
    state.snapshot(writer);
  }

  @Override
  public void restore(StateReader reader) {
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        watermarks.restore(reader);
      } else {
        state.restore(reader);
      }
    }
  }

  @Override
  public void close() {
    out.close();
    closeState();
  }

  private void closeState() {
    state.close();
    for (int port = 0; port < 2; port++) {
      if (keys[port] != null) {
        keys[port].close();
      }
      if (orders[port] != null) {
        orders[port].close();
      }
    }
  }
}
