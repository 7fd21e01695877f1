package io.laminardb.core.operator.over;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.Operator;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.Output;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.operator.Recall;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.core.state.RowFormat;
import io.laminardb.core.state.RowStore;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.util.List;

/**
 * What {@link TopNOperator} does, for ROW_NUMBER over append-only rows: the first rows of each
 * partition in an order, as changes. With one row that is deduplication, which keeps a row a key.
 *
 * <p>A partition's entry holds the first word of the last row that is kept, so that most rows of a long
 * stream are dropped before anything is copied. Those that are not are copied a column at a time and
 * put in their places; at the end of the batch each partition that changed settles: what left is taken
 * back, then what came is emitted. Of a row the first word of the operator's is the rank it was
 * emitted with, or 0. One thread.
 */
public final class TopRowsOperator implements Operator {
  // Words of a partition
  private static final int SIZE = 0; // rows, with those that left and are still to be taken back
  private static final int WORST = 8; // the first word of the last row that is kept, of a full one
  private static final int DIRTY = 16;
  private static final int ROWS = 24; // a vector; or the rows themselves where one is kept
  private static final int ROWS_OF_ONE = 3; // the one, the one that left, and one on its way

  private static final int MIN_CAPACITY = 2;

  /**
   * Makes them.
   *
   * @param inputSchema what comes in, append-only
   * @param partition columns of the partition; none for one partition
   * @param keys sort keys; none for the order of arrival
   * @param first the least rank that is emitted, from 1
   * @param last the greatest
   * @param outputSchema the input's columns, then a BIGINT for the rank or nothing; a changelog
   */
  public record Factory(
      Schema inputSchema,
      List<Integer> partition,
      List<SortOperator.Key> keys,
      long first,
      long last,
      Schema outputSchema)
      implements OperatorFactory {
    public Factory {
      requireNonNull(inputSchema, "inputSchema");
      partition = List.copyOf(partition);
      keys = List.copyOf(keys);
      if (first < 1 || inputSchema.isChangelog() || !outputSchema.isChangelog()) {
        throw new IllegalArgumentException("changes from append-only rows, ranks from " + first);
      }
    }

    @Override
    public Operator create(OperatorContext context) {
      return new TopRowsOperator(this, context);
    }

    @Override
    public Recall recall() {
      return Recall.FROM_STATE;
    }

    @Override
    public long watermarkGrainNs() {
      return Long.MAX_VALUE;
    }

    @Override
    public String fingerprint() {
      return "TopRows " + List.of(partition, keys, first, last) + outputSchema.types();
    }
  }

  private final long first;
  private final long last;
  private final boolean isOne;
  private final boolean hasRank;
  private final KeyedRows keyed;
  private final RowStore store;
  private final RowFormat format;
  private final int tag; // where it is in a row
  private final OrderWords order;
  private final Batch out;

  // The rows of the batch under way
  private boolean isTaken; // they are in their partitions
  private int[] selected = new int[0];
  private long[] entries = new long[0];
  private long[] words = new long[0];
  private long[] rows = new long[0];
  private final LongList dirty = new LongList();
  private int settled; // how many of the dirty ones have
  private boolean adding; // of the two steps of settling, the second
  private int place; // the next one to look at

  // Changes on their way into the output batch
  private final long[] changed;
  private final byte[] weights;
  private final long[] ranks;
  private int count;

  private long keptRows;

  private TopRowsOperator(Factory factory, OperatorContext context) {
    first = factory.first();
    last = factory.last();
    isOne = last == 1;
    Schema input = factory.inputSchema();
    hasRank = factory.outputSchema().size() > input.size();
    int capacity = Math.max(MIN_CAPACITY, context.batchCapacity());
    changed = new long[capacity];
    weights = new byte[capacity];
    ranks = new long[capacity];
    int rowWords = 1 + OrderWords.words(input, factory.keys());
    int entryWords = ROWS / 8 + (isOne ? ROWS_OF_ONE : WordVector.HEADER_WORDS);
    keyed = new KeyedRows(input, factory.partition(), entryWords, rowWords, context.allocator());
    store = keyed.store;
    format = store.format();
    tag = store.stateOffset();
    order = new OrderWords(input, factory.keys(), format, tag + 8);
    try {
      out = new Batch(factory.outputSchema(), capacity, context.allocator());
    } catch (RuntimeException e) {
      keyed.close();
      throw e;
    }
  }

  // ---- rows in

  @Override
  public Progress process(int port, Batch batch, Output output) {
    if (!isTaken) {
      take(batch);
      isTaken = true;
    }
    for (; settled < dirty.size(); settled++) {
      long entry = dirty.get(settled);
      if (!settle(entry, output)) {
        return Progress.BLOCKED;
      }
      Memory.putLong(entry + DIRTY, 0);
    }
    if (!flush(output)) {
      return Progress.BLOCKED;
    }
    dirty.clear();
    settled = 0;
    isTaken = false;
    return Progress.NEEDS_INPUT;
  }

  private void take(Batch batch) {
    int size = batch.size();
    if (selected.length < size) {
      selected = new int[size];
      entries = new long[size];
      words = new long[size];
      rows = new long[size];
    }
    for (int i = 0; i < size; i++) {
      selected[i] = batch.from() + i;
    }
    keyed.keys.read(batch, selected, size, entries);
    keyed.table.findOrInsert(entries, size);
    order.first(batch, selected, size, words);
    int taken = dropBeyond(size);
    store.add(batch, selected, taken, rows);
    order.write(batch, selected, taken, words, rows);
    for (int i = 0; i < taken; i++) {
      Memory.putLong(rows[i] + tag, 0);
      insert(entries[i], rows[i]);
    }
  }

  /** Drops rows that are behind all that may be emitted; answers how many are left. */
  private int dropBeyond(int size) {
    final boolean isFirstAll = order.isFirstAll();
    final int state = keyed.state;
    int taken = 0;
    for (int i = 0; i < size; i++) {
      long entry = entries[i] + state;
      if (Memory.getLong(entry + SIZE) >= last) {
        long worst = Memory.getLong(entry + WORST);
        if (words[i] > worst || isFirstAll && words[i] == worst) {
          continue;
        }
      }
      selected[taken] = selected[i];
      words[taken] = words[i];
      entries[taken++] = entry;
    }
    return taken;
  }

  /** Puts a row in its place, and drops the one that is not among the first any more. */
  private void insert(long entry, long row) {
    int size = (int) Memory.getLong(entry + SIZE);
    int at = placeOf(entry, row, (int) Math.min(size, last));
    if (at >= last) {
      store.doom(row);
      return;
    }
    put(entry, at, size, row);
    keptRows += size < last ? 1 : 0;
    size++;
    if (size > last) {
      long dropped = row(entry, (int) last);
      if (Memory.getLong(dropped + tag) == 0) {
        cut(entry, (int) last, (int) last + 1, size);
        store.doom(dropped);
        size--;
      }
    }
    Memory.putLong(entry + SIZE, size);
    if (size >= last) {
      Memory.putLong(entry + WORST, order.first(row(entry, (int) last - 1)));
    }
    if (Memory.getLong(entry + DIRTY) == 0) {
      Memory.putLong(entry + DIRTY, 1);
      dirty.add(entry);
    }
  }

  /** The place of a row among the first {@code kept} of a partition: behind its peers. */
  private int placeOf(long entry, long row, int kept) {
    int low = 0;
    int high = kept;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (order.compare(row(entry, middle), row) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private long row(long entry, int at) {
    return isOne
        ? Memory.getLong(entry + ROWS + ((long) at << 3))
        : WordVector.get(entry + ROWS, at);
  }

  private void put(long entry, int at, int size, long row) {
    if (!isOne) {
      WordVector.insert(entry + ROWS, at, row, keyed.heap);
      return;
    }
    for (int i = size; i > at; i--) {
      Memory.putLong(entry + ROWS + 8L * i, row(entry, i - 1));
    }
    Memory.putLong(entry + ROWS + 8L * at, row);
  }

  /** Takes rows {@code [from, to)} out of a partition. */
  private void cut(long entry, int from, int to, int size) {
    if (!isOne) {
      WordVector.remove(entry + ROWS, from, to, keyed.heap);
      return;
    }
    for (int i = to; i < size; i++) {
      Memory.putLong(entry + ROWS + 8L * (from + i - to), row(entry, i));
    }
  }

  // ---- changes out

  /** Emits what is different now in a partition; false when the output refuses, and it goes on. */
  private boolean settle(long entry, Output output) {
    int size = (int) Memory.getLong(entry + SIZE);
    for (; !adding && place < size; place++) {
      long row = row(entry, place);
      long emitted = Memory.getLong(row + tag);
      if (emitted != 0 && emitted != wanted(place)) {
        if (!change(row, -1, emitted, output)) {
          return false;
        }
        Memory.putLong(row + tag, 0);
      }
    }
    if (!adding) {
      adding = true;
      place = (int) Math.min(first - 1, size);
    }
    int kept = (int) Math.min(size, last);
    for (; place < kept; place++) {
      long row = row(entry, place);
      if (Memory.getLong(row + tag) == 0) {
        if (!change(row, 1, wanted(place), output)) {
          return false;
        }
        Memory.putLong(row + tag, wanted(place));
      }
    }
    for (int at = kept; at < size; at++) {
      store.doom(row(entry, at));
    }
    if (kept < size) {
      cut(entry, kept, size, size);
      Memory.putLong(entry + SIZE, kept);
    }
    adding = false;
    place = 0;
    return true;
  }

  /** The tag of a row that is emitted from this place; 0 if it is not. */
  private long wanted(int at) {
    return at + 1 < first || at >= last ? 0 : hasRank ? at + 1 : 1;
  }

  private boolean change(long row, int weight, long rank, Output output) {
    if ((out.rowCount() > 0 || count == changed.length) && !flush(output)) {
      return false;
    }
    changed[count] = row;
    weights[count] = (byte) weight;
    ranks[count++] = rank;
    return true;
  }

  /** Has the output take all changes, and frees rows that are doomed; false for back-pressure. */
  private boolean flush(Output output) {
    if (count > 0 && out.rowCount() == 0) {
      int inputs = out.schema().size() - (hasRank ? 1 : 0);
      for (int i = 0; i < inputs; i++) {
        format.read(i, changed, count, out.column(i), 0, 0);
      }
      for (int i = 0; hasRank && i < count; i++) {
        out.column(inputs).putLong(i, ranks[i]);
      }
      Memory.copyFromHeap(weights, 0, out.weightsAddress(), count);
      out.rowCount(count);
      count = 0;
    }
    if (!output.flush(out)) {
      return false;
    }
    store.freeDoomed();
    return true;
  }

  @Override
  public void recall(Output output) {
    keyed.table.forEach(entry -> recall(entry + keyed.state, output));
    flush(output);
  }

  @Override
  public void forgetRecalled() {
    out.clear();
  }

  private void recall(long entry, Output output) {
    int size = (int) Memory.getLong(entry + SIZE);
    for (int at = (int) Math.min(first - 1, size); at < size; at++) {
      change(row(entry, at), 1, wanted(at), output);
    }
  }

  @Override
  public Progress watermark(int port, long watermarkNs, Output output) {
    return output.watermark(watermarkNs) ? Progress.NEEDS_INPUT : Progress.BLOCKED;
  }

  // ---- snapshots

  @Override
  public void snapshot(StateWriter writer) {
    writer.section(StateWriter.NO_KEY_GROUP);
    keyed.writeHeader(writer);
    keyed.writeGroups(writer, entry -> writeRows(entry, writer));
  }

  private void writeRows(long entry, StateWriter writer) {
    int size = (int) Memory.getLong(entry + SIZE);
    for (int i = 0; i < size; i++) {
      store.write(row(entry, i), writer);
    }
  }

  @Override
  public void restore(StateReader reader) {
    int[] free = {};
    while (reader.hasSection()) {
      if (reader.section() == StateWriter.NO_KEY_GROUP) {
        free = keyed.readHeader(reader);
      } else {
        keyed.readGroup(reader, entry -> readRows(entry, reader));
      }
    }
    keyed.finishRestore(free);
  }

  private void readRows(long entry, StateReader reader) {
    int size = (int) Memory.getLong(entry + SIZE);
    if (!isOne) {
      WordVector.clear(entry + ROWS);
    }
    for (int i = 0; i < size; i++) {
      put(entry, i, i, store.read(reader));
    }
    keptRows += size;
  }

  @Override
  public long stateRows() {
    return keptRows;
  }

  @Override
  public long stateBytes() {
    return keyed.bytes();
  }

  @Override
  public void close() {
    keyed.close();
    out.close();
  }
}
