package io.laminardb.core.operator.window;

import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.aggregate.AggregateShape;
import io.laminardb.core.operator.aggregate.AggregateState;
import io.laminardb.core.operator.aggregate.EmittedRow;
import io.laminardb.core.state.Spill;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The states of open windows or panes, by end, then start, on the axis of the windows. A closed one gives its memory back at
 * once, but for small ones, which are kept for the next. One thread.
 */
final class PaneList implements AutoCloseable {
  private static final int KEPT_STATES = 4;
  private static final long KEPT_BYTES = 256 << 10;
  private static final int RESERVING_PANES = 4;

  private final AggregateShape shape;
  private final WindowShape window;
  private final OperatorContext context;
  private final Spill spill; // or null
  private final List<AggregateState> panes = new ArrayList<>();
  private final List<AggregateState> spare = new ArrayList<>();
  private final List<AggregateState> leaving = new ArrayList<>(); // as soon as they are copied
  private long lastRows; // of the pane dropped last: the next one will be about as large

  /**
   * @param spill where states go when memory is short, or null for nowhere
   */
  PaneList(AggregateShape shape, WindowShape window, OperatorContext context, Spill spill) {
    this.shape = shape;
    this.window = window;
    this.context = context;
    this.spill = spill;
  }

  int size() {
    return panes.size();
  }

  AggregateState get(int index) {
    return panes.get(index);
  }

  /** The state of these bounds, a new one where there is none. */
  AggregateState findOrCreate(long start, long end) {
    int index = indexOf(start, end);
    if (index < panes.size()) {
      AggregateState pane = panes.get(index);
      if (pane.start == start && pane.end == end) {
        return pane;
      }
    }
    AggregateState pane = take();
    bound(pane, start, end);
    panes.add(index, pane);
    if (panes.size() <= RESERVING_PANES && lastRows > 1024) {
      reserve(pane);
    }
    return pane;
  }

  /** Says what a state is for. */
  void bound(AggregateState state, long start, long end) {
    state.start = start;
    state.end = end;
    state.startTime = window.time(start);
    state.endTime = window.time(end);
  }

  private void reserve(AggregateState pane) {
    try {
      pane.groups().reserve(lastRows);
    } catch (LaminarException e) {
      lastRows = 0; // it was a wish; the rows themselves will say when there is no room
    }
  }

  /** Where the first state stands that is not before these bounds. */
  int indexOf(long start, long end) {
    int low = 0;
    int high = panes.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      AggregateState pane = panes.get(middle);
      if (pane.end < end || (pane.end == end && pane.start < start)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** An empty state that is in no list; {@link #giveBack} takes it. */
  AggregateState take() {
    forgetCopied();
    return spare.isEmpty()
        ? new AggregateState(shape, context.allocator(), spill, context.tracksChanges())
        : spare.remove(spare.size() - 1);
  }

  void giveBack(AggregateState state) {
    forgetCopied();
    if (state.isBeingCopied()) {
      leaving.add(state);
    } else {
      forget(state);
    }
  }

  /** Those that a checkpoint has copied by now go. */
  private void forgetCopied() {
    for (int i = leaving.size() - 1; i >= 0; i--) {
      if (!leaving.get(i).isBeingCopied()) {
        forget(leaving.remove(i));
      }
    }
  }

  private void forget(AggregateState state) {
    if (spare.size() < KEPT_STATES) {
      state.clear(KEPT_BYTES);
      spare.add(state);
    } else {
      state.close();
    }
  }

  /** Drops the first state with all that is in it. */
  void dropFirst() {
    AggregateState first = panes.remove(0);
    lastRows = first.groups().rows();
    giveBack(first);
  }

  /** Writes groups that tables do not hold to the store, where there are many; rows of them move. */
  void flushSpilled() {
    for (int i = 0; spill != null && i < panes.size(); i++) {
      panes.get(i).flushIfLarge();
    }
  }

  /**
   * Moves the first state that has memory to the store: it was begun before the others.
   *
   * @param kept the one to be left alone, or null
   * @return false where there is none
   */
  boolean spillFirst(AggregateState kept) {
    for (int i = 0; spill != null && i < panes.size(); i++) {
      if (panes.get(i) != kept && panes.get(i).bytes() > 0) {
        panes.get(i).spill();
        return true;
      }
    }
    return false;
  }

  /** The state of these bounds, which is there. */
  AggregateState find(long start, long end) {
    return panes.get(indexOf(start, end));
  }

  /** Drops a state with all that is in it. */
  void drop(AggregateState pane) {
    panes.remove(indexOf(pane.start, pane.end));
    giveBack(pane);
  }

  /** Writes what belongs to no key group, into the present section. */
  void writeHeaders(StateWriter writer) {
    writer.putInt(panes.size());
    for (AggregateState pane : panes) {
      writer.putLong(pane.start);
      writer.putLong(pane.end);
      pane.writeHeader(writer);
    }
  }

  /** Writes a section for each page. */
  void writePages(StateWriter writer) {
    panes.forEach(pane -> pane.writePages(writer));
  }

  /** Reads what {@link #writeHeaders} wrote. */
  void readHeaders(StateReader reader) {
    for (int count = reader.getInt(); count > 0; count--) {
      long start = reader.getLong();
      findOrCreate(start, reader.getLong()).readHeader(reader);
    }
  }

  /** Reads a section of groups that a table does not hold. */
  void readSpilled(StateReader reader) {
    long start = reader.getLong();
    findOrCreate(start, reader.getLong()).readSpilled(reader);
  }

  /** Ends a restore; {@code emitted} is null but with EMIT EVERY. */
  void finishRestore(EmittedRow emitted) {
    panes.forEach(pane -> pane.finishRestore(emitted));
  }

  /** With EMIT EVERY: whether something has changed since the last emission. */
  boolean hasDirty() {
    for (int i = 0; i < panes.size(); i++) {
      if (panes.get(i).hasDirty()) {
        return true;
      }
    }
    return false;
  }

  long rows() {
    long rows = 0;
    for (int i = 0; i < panes.size(); i++) {
      rows += panes.get(i).rows();
    }
    return rows;
  }

  long bytes() {
    long bytes = 0;
    for (int i = 0; i < panes.size(); i++) {
      bytes += panes.get(i).bytes();
    }
    for (int i = 0; i < spare.size(); i++) {
      bytes += spare.get(i).bytes();
    }
    for (int i = 0; i < leaving.size(); i++) {
      bytes += leaving.get(i).bytes();
    }
    return bytes;
  }

  /**
   * Makes room for groups that are to come back, where memory is short: other states spill.
   *
   * @param kept the one to be left alone, or null
   */
  void makeRoom(AggregateState kept) {
    while (spill != null && spill.isTight() && spillFirst(kept)) {}
  }

  /** Where states spill to, or null. */
  Spill spill() {
    return spill;
  }

  /** Those that are open, by end. */
  List<AggregateState> all() {
    return panes;
  }

  @Override
  public void close() {
    panes.forEach(AggregateState::close);
    panes.clear();
    spare.forEach(AggregateState::close);
    spare.clear();
    leaving.forEach(AggregateState::close);
    leaving.clear();
  }
}
