package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Kernel;
import io.laminardb.core.state.KeyedTable;
import io.laminardb.core.state.Keys;
import io.laminardb.core.state.RowLayout;
import io.laminardb.core.state.StateHeap;
import io.laminardb.core.state.StateMemory;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The base of the classes that SQL generates for an aggregation. Each method is a whole loop over
 * rows, so operators make a handful of virtual calls a batch.
 *
 * <p>{@link #prepare} evaluates filter, time, keys and arguments of some rows of a batch into
 * <em>prepared rows</em> off the heap, which begin as rows of a {@link KeyedTable} do: {@code
 * [hash][key words][row number, weight][time][arguments]}. The operator finds the groups of prepared
 * rows (their <em>targets</em>); {@link #accumulate} or {@link #changes} then brings each prepared
 * row into its target. A row fails as a whole: before anything of it was added.
 *
 * <p>Where each row belongs to one state and is never taken back, {@link #fuse} does all of that in
 * one loop without prepared rows, and a class has that method instead of the three.
 */
public abstract class AggregateKernel extends Kernel {
  /** Rows of a batch prepared at a time: what they need stays in the second-level cache. */
  public static final int CHUNK_ROWS = 512;

  private static final int TEXT_BLOCK_BYTES = 1 << 16;

  /** How many rows the last {@link #prepare} has prepared. */
  public int prepared;

  /** How many rows the last {@link #prepare} left out because their time is NULL. */
  public int nullTimes;

  /** The event times that belong to the attached state, for {@link #fuse}: first and last one. */
  public long firstTime;

  public long lastTime;

  /** Whether the last {@link #fuse} stopped at a row of another time, {@link #time}. */
  public boolean isOutside;

  public long time;

  /** The group of the last row of {@link #fuse} that got as far, or 0. */
  public long target;

  /** With EMIT EVERY: what is said of groups. */
  EmittedRow emitted;

  /** Where the last {@link #accumulate}, {@link #changes} or {@link #merge} stopped. */
  public int entry;

  /** Counts the prepared rows: who came first among rows of one time. */
  public long sequence;

  /** Bounds of the window whose rows are emitted. */
  public long windowStart;

  public long windowEnd;

  /** For {@link #sessions}: rows have to lie behind it, and before {@link #sessionBefore}. */
  public long sessionAfter;

  public long sessionBefore;

  /** The id of the next session that {@link #sessions} begins. */
  public long sessionId;

  /** Where {@link #sessions} lists the rows of keys in which it has begun one. */
  public long begun;

  public int begunCount;

  /** Where the weights of the bound batch lie, or 0. */
  public long inputWeights;

  /** Where {@link #prepare} puts its rows; room for {@link #CHUNK_ROWS}. */
  public long scratch;

  /** The heap of the state that targets belong to. */
  protected StateHeap heap;

  /** The heap of the state whose groups are merged into targets. */
  protected StateHeap sourceHeap;

  /** Where results go. */
  protected Batch out;

  private AggregateShape shape;
  private AggregateState state;
  private BufferAllocator memory;
  private ArrowBuf work; // 256 bytes for multisets, then a source for DISTINCT
  protected long workAddress;

  private final List<ArrowBuf> texts = new ArrayList<>();
  private int textBlock;
  private long textPosition;
  private long textEnd;

  @Override
  public void open(BufferAllocator allocator) {
    super.open(allocator);
    memory = allocator;
  }

  public final void shape(AggregateShape newShape) {
    shape = newShape;
    int bytes = 256;
    for (RowLayout layout : shape.distincts()) {
      bytes = Math.max(bytes, 256 + 8 * (1 + layout.keyWords()));
    }
    work = StateMemory.allocate(memory, bytes);
    workAddress = work.memoryAddress();
  }

  /** Reads the addresses of the columns in use. */
  public abstract void bind(Batch in);

  /** Prepares rows {@code [from, to)}, at most {@link #CHUNK_ROWS}; {@link #row} tells which failed. */
  public void prepare(int from, int to) {
    throw notGenerated();
  }

  /**
   * Brings rows {@code [from, to)} of the bound batch into their groups of the attached state, and with
   * EMIT CHANGES writes old and new results to the output. Stops before a row outside of {@link
   * #firstTime} and {@link #lastTime}, and where the output has no room for two more; {@link #row} is
   * the one it stopped at or failed on.
   */
  public void fuse(int from, int to) {
    throw notGenerated();
  }

  private static IllegalStateException notGenerated() {
    return new IllegalStateException("the kernel was made for another way of grouping");
  }

  /** Brings sources {@code [from, to)} into their targets; {@link #entry} tells which one failed. */
  public void accumulate(long sources, long targets, int from, int to) {
    throw notGenerated();
  }

  /**
   * As {@link #accumulate}, and writes the old result (weight -1) and the new one to the output, for
   * as many as it has room for.
   *
   * @return where it stopped
   */
  public int changes(long sources, long targets, int from, int to) {
    throw notGenerated();
  }

  /**
   * As {@link #accumulate} for rows of append-only sessions, as long as they come in order: targets
   * are the rows of the keys, and a row either prolongs the only session of its key or begins it.
   *
   * @return the first row for which that is not so
   */
  public int sessions(long sources, long targets, int from, int to) {
    throw new IllegalStateException("a kernel of sessions that keep their rows, or of none");
  }

  /** Merges groups {@code [from, to)}, rows of a table, into their targets, of another table. */
  public abstract void merge(long sources, long targets, int from, int to);

  /** Writes the results of groups {@code [from, to)} behind the output's rows; they have to fit. */
  public abstract void emit(long rows, int from, int to, int weight);

  /** Writes the key and window columns of one group to row {@code at} of the output. */
  public abstract void emitKeys(long row, int at);

  /** Reads the addresses of the output's columns. */
  public abstract void bindOutput(Batch newOut);

  /** Says whose rows the next targets are; null for nobody's. */
  public final void attach(AggregateState newState) {
    state = newState;
    heap = null;
    if (newState != null) {
      heap = newState.heap();
      windowStart = newState.startTime;
      windowEnd = newState.endTime;
    }
    sourceHeap = heap;
  }

  /** Says whose rows the next sources of {@link #merge} are, where they are not the attached state's. */
  public final void mergeFrom(AggregateState source) {
    sourceHeap = source.heap();
  }

  /** Where the slots of the attached state's groups lie; 0 without a state. */
  protected final long slots() {
    return state == null ? 0 : state.groups().slots();
  }

  /** See {@link #slots}. */
  protected final long slotMask() {
    return state == null ? 0 : state.groups().slotMask();
  }

  /** See {@link KeyedTable#epoch}; 0 without a state. */
  protected final int epoch() {
    return state == null ? 0 : state.groups().epoch();
  }

  /** A group of the attached state, which was found by {@link #slots}, is about to change. */
  protected final void touch(long group) {
    state.groups().touch(group);
  }

  /** The row of a group of the attached state. */
  protected final long findOrInsert(long source) {
    return state.groups().findOrInsert(source);
  }

  /** With EMIT EVERY: notes that a group has changed. */
  protected final void changed(long group) {
    if (emitted.markDirty(group)) {
      state.dirty.add(group);
    }
  }

  /** Forgets the texts that {@link #keep} holds; the next chunk begins. */
  public final void forgetTexts() {
    if (!texts.isEmpty()) {
      textBlock = 0;
      textPosition = texts.get(0).memoryAddress();
      textEnd = textPosition + texts.get(0).capacity();
    }
  }

  /** A copy of a computed text that lasts as long as the prepared rows. */
  protected final long keep(long address, int length) {
    if (textEnd - textPosition < length) {
      nextTextBlock(length);
    }
    long copy = textPosition;
    Memory.copy(address, copy, length);
    textPosition += length;
    return copy;
  }

  private void nextTextBlock(int length) {
    while (++textBlock < texts.size()) {
      if (texts.get(textBlock).capacity() >= length) {
        textPosition = texts.get(textBlock).memoryAddress();
        textEnd = textPosition + texts.get(textBlock).capacity();
        return;
      }
    }
    ArrowBuf block = StateMemory.allocate(memory, Math.max(length, TEXT_BLOCK_BYTES));
    texts.add(block);
    textBlock = texts.size() - 1;
    textPosition = block.memoryAddress();
    textEnd = textPosition + block.capacity();
  }

  /**
   * Counts a value of a DISTINCT.
   *
   * @param index which DISTINCT
   * @param target the group's row
   * @param value where the value's words lie
   * @return +1 when the value is new in the group, -1 when its last copy is gone, else 0
   */
  protected final int distinct(int index, long target, long value, int weight) {
    KeyedTable table = state.distinct(index);
    long row = distinctRow(index, target, value);
    long at = row + table.layout().countOffset();
    long before = Memory.getLong(at);
    long after = before + weight;
    Memory.putLong(at, after);
    if (after == 0) {
      table.remove(row);
    }
    return before <= 0 && after > 0 ? 1 : before > 0 && after <= 0 ? -1 : 0;
  }

  /** The row of a value of a DISTINCT in a group, made if it is not there. */
  protected final long distinctRow(int index, long target, long value) {
    return state.distinct(index).findOrInsert(distinctSource(index, target, value));
  }

  private long distinctSource(int index, long target, long value) {
    RowLayout layout = state.distinct(index).layout();
    long source = workAddress + 256;
    int groupWords = shape.groups().keyWords();
    copyWords(value, source, groupWords, layout);
    long hash = layout.hashKey(source, groupWords, Keys.SEED);
    Memory.putLong(source, AggregateState.distinctHash(target, shape.groups(), source, hash));
    return source;
  }

  /**
   * Notes that a value is there, where nothing is ever taken back.
   *
   * @param word of the value's row, 0 until then
   * @return 1 when it is new, else 0
   */
  protected static int firstSeen(long word) {
    if (Memory.getLong(word) != 0) {
      return 0;
    }
    Memory.putLong(word, 1);
    return 1;
  }

  /** What {@link #distinct} would answer; counts nothing. */
  protected final int peekDistinct(int index, long target, long value, int weight) {
    return peek(state.distinct(index), distinctSource(index, target, value), weight);
  }

  /** What {@link #firstSeen} would answer of a word of the value's row; notes nothing. */
  protected final int peekSeen(int index, long target, long value, int offset) {
    long row = state.distinct(index).find(distinctSource(index, target, value));
    return row == 0 || Memory.getLong(row + offset) == 0 ? 1 : 0;
  }

  private static int peek(KeyedTable table, long source, int weight) {
    long row = table.find(source);
    long before = row == 0 ? 0 : Memory.getLong(row + table.layout().countOffset());
    long after = before + weight;
    return before <= 0 && after > 0 ? 1 : before > 0 && after <= 0 ? -1 : 0;
  }

  private static void copyWords(long value, long source, int behind, RowLayout layout) {
    for (int i = 0; i < layout.keyWords() - behind; i++) {
      long word = Memory.getLong(value + 8L * i);
      Memory.putLong(source + RowLayout.KEY_OFFSET + 8L * (behind + i), word);
    }
  }

  /**
   * As {@link #distinct} for a session: its values are a list that hangs on its row, so that they can
   * go with it.
   *
   * @param list where the session's row holds the first value
   */
  protected final int sessionDistinct(int index, long target, int list, long value, int weight) {
    KeyedTable table = state.distinct(index);
    RowLayout layout = table.layout();
    long source = workAddress + 256;
    copyWords(value, source, 1, layout);
    SessionDistincts.own(source, target, layout);
    long row = table.findOrInsert(source);
    long at = row + layout.countOffset();
    long before = Memory.getLong(at);
    long after = before + weight;
    Memory.putLong(at, after);
    if (before == 0) {
      SessionDistincts.link(row, target + list, layout);
      return 1;
    }
    if (after == 0) {
      SessionDistincts.unlink(row, target + list, layout);
      table.remove(row);
      return -1;
    }
    return 0;
  }

  /** What {@link #sessionDistinct} would answer; counts nothing. */
  protected final int peekSessionDistinct(int index, long target, long value, int weight) {
    KeyedTable table = state.distinct(index);
    long source = workAddress + 256;
    copyWords(value, source, 1, table.layout());
    SessionDistincts.own(source, target, table.layout());
    return peek(table, source, weight);
  }

  /** The value behind {@code entry} in the list of a session. */
  protected final long nextDistinct(int index, long entry) {
    return SessionDistincts.next(entry, state.distinct(index).layout());
  }

  /** Makes row {@code at} and the one behind it of the output NOT NULL again, to be written anew. */
  public final void revive(int at) {
    for (int i = 0; i < out.schema().size(); i++) {
      long validity = out.column(i).validityAddress();
      if (validity != 0) {
        for (int row = at; row < Math.min(at + 2, out.capacity()); row++) {
          Memory.setBit(validity, row);
        }
      }
    }
  }

  /** Whether two rows of the output have the same results; keys and windows are not looked at. */
  public final boolean sameResults(int row, int other) {
    for (int i = shape.firstResult(); i < out.schema().size(); i++) {
      if (!sameValue(out.column(i), row, other)) {
        return false;
      }
    }
    return true;
  }

  static boolean sameValue(Column column, int row, int other) {
    boolean isNull = column.isNull(row);
    if (isNull || column.isNull(other)) {
      return isNull && column.isNull(other);
    }
    return switch (column.type().kind()) {
      case VARCHAR, VARBINARY, ARRAY, MAP, ROW -> sameBytes(column, row, other);
      case DECIMAL ->
          column.getDecimalLow(row) == column.getDecimalLow(other)
              && column.getDecimalHigh(row) == column.getDecimalHigh(other);
      case REAL, DOUBLE ->
          Keys.ofDouble(column.getDouble(row)) == Keys.ofDouble(column.getDouble(other));
      default -> column.getLong(row) == column.getLong(other);
    };
  }

  private static boolean sameBytes(Column column, int row, int other) {
    long offsets = column.offsetsAddress();
    int start = Memory.getInt(offsets + 4L * row);
    int length = Memory.getInt(offsets + 4L * row + 4) - start;
    int otherStart = Memory.getInt(offsets + 4L * other);
    return length == Memory.getInt(offsets + 4L * other + 4) - otherStart
        && Memory.equal(column.dataAddress() + start, column.dataAddress() + otherStart, length);
  }

  @Override
  public void close() {
    super.close();
    texts.forEach(ArrowBuf::close);
    texts.clear();
    textPosition = 0;
    textEnd = 0;
    if (work != null) {
      work.close();
      work = null;
    }
  }
}
