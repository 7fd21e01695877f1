package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.BatchCodec;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.reactor.Task;
import io.laminardb.core.ring.ColumnarRing;
import io.laminardb.core.state.KeyWatermarks;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes the rows of a source's partitions and lends them to its stream, with a watermark that moves
 * with every row: a piece ends before a row that is behind the watermark so far, and the watermark is
 * passed on there. So what operators see as late does not depend on how rows were batched.
 *
 * <p>Past 600 lines: what is in flight, where rows are cut and when a partition falls silent have to agree,
 * row by row, when they happen and when they are taken in again.
 */
final class SourceTask implements Task {
  private static final int PIECES_PER_CYCLE = 64;
  private static final int GATHERED_ROWS = 256;
  private static final long MIN_GATHER_NS = 500;
  private static final long MAX_GATHER_NS = 8_000;

  final SourceOptions options;
  final StreamOutput output;
  final int id; // by which it is known in records
  private final ReactorContext context;
  private Partition[] partitions = {};
  private int timeColumn = -1;
  private long delayNs;
  private boolean timeAwaitsDemand;
  private int next;
  private WatermarkGrain grain;
  private final KeyWatermarks keys; // or null
  private AlignmentGroup group; // of sources that keep pace, or null
  private long idleTimeoutNs; // 0 for none
  private boolean hasMore;

  private final ArrayDeque<Batch> writes = new ArrayDeque<>(); // of statements
  private boolean isWriteWrittenDown;

  // What is in flight: rows, then a watermark.
  private Batch inFlight; // or null
  private Partition pending; // whose ring's rows those are; null for rows that are taken in again
  private int pendingRows;
  private boolean isWrittenDown; // what is in flight, where that is asked for
  private boolean isWaking; // rows or a mark follow in the same event
  private boolean isFallingIdle; // once the watermark in flight has passed
  private boolean watermarkPending;
  private long pendingWatermark;

  private long passed = Watermark.NONE;
  private long promised = Watermark.NONE; // where keys have watermarks: what is true of all of them
  private boolean idle;
  private boolean ended;
  private boolean running;
  private long runningSinceEpochNs;
  private long rows;
  private long pieces;

  private BatchCodec codec; // null until rows are written down
  private SharedRows.Pool sharedRows; // null until rows are shared with the journal

  /**
   * @param id by which records know it
   */
  SourceTask(SourceOptions options, int id, ReactorContext context) {
    this.options = options;
    this.id = id;
    this.context = context;
    this.output = new StreamOutput(options.name(), options.schema());
    if (options.kept()) {
      output.keep(new ViewContent(options.name(), options.schema(), context.allocator));
    }
    if (options.isTable()) {
      output.restoreWatermark(Watermark.IDLE);
    }
    this.keys = options.watermarkKey().isEmpty() ? null : keyWatermarks();
    this.idleTimeoutNs = idleTimeoutNs();
    promise(Watermark.NONE);
    readersChanged();
    if (options.timeColumn() >= 0) {
      timeAttribute(options.timeColumn(), options.delayNs());
    }
  }

  private KeyWatermarks keyWatermarks() {
    return new KeyWatermarks(
        options.schema(),
        options.watermarkKey(),
        options.schema().field(options.timeColumn()).type().nanosPerUnit(),
        options.delayNs(),
        0,
        context.allocator);
  }

  /** All keys are behind a watermark, those too that nobody has heard of. */
  private void promise(long watermarkNs) {
    if (keys != null) {
      promised = Math.max(promised, watermarkNs);
      output.promise(promised);
    }
  }

  /** Keeps pace with the others of a group from now on. */
  void align(AlignmentGroup newGroup) {
    group = newGroup;
    group.add(this);
  }

  AlignmentGroup group() {
    return group;
  }

  /** Rows that nobody wanted to know the time of, if there are any left, are let pass first. */
  void timeAttribute(int column, long newDelayNs) {
    timeColumn = column;
    delayNs = newDelayNs;
    timeAwaitsDemand = output.awaitsDemand();
    if (!timeAwaitsDemand) {
      setTimes();
    }
  }

  private void setTimes() {
    for (Partition partition : partitions) {
      setTime(partition);
    }
  }

  private void setTime(Partition partition) {
    if (timeColumn >= 0 && !timeAwaitsDemand) {
      long nanosPerUnit = options.schema().field(timeColumn).type().nanosPerUnit();
      partition.timeAttribute(timeColumn, nanosPerUnit, delayNs);
    }
  }

  /** Queries have come or gone: where rows have to be cut may be another matter. */
  void readersChanged() {
    grain = WatermarkGrain.of(output);
  }

  void add(Partition partition) {
    setTime(partition);
    partitions = Arrays.copyOf(partitions, partitions.length + 1);
    partition.index = partitions.length - 1;
    partitions[partition.index] = partition;
    if (idleTimeoutNs == 0) {
      idleTimeoutNs = idleTimeoutNs();
      for (Partition each : partitions) { // nobody looked at the clock so far
        each.lastRowEpochNs = partition.lastRowEpochNs;
      }
    }
  }

  @Override
  public int doWork() {
    hasMore = false;
    if (!pass()) {
      return 0;
    }
    int work = 0;
    Partition[] all = partitions;
    for (int i = 0; i < all.length; i++) {
      if (next >= all.length) {
        next = 0;
      }
      int done = poll(all[next]);
      work += done;
      if (isPassing()) {
        return work;
      }
      next++;
    }
    if (group != null && work > 0) {
      context.reactor.requestCycle(); // others may have waited for this source
    }
    return work + (idleTimeoutNs == 0 ? 0 : checkIdle(context.reactor.nowEpochNs()));
  }

  @Override
  public boolean hasMore() {
    return hasMore;
  }

  private int poll(Partition partition) {
    int work = 0;
    while (work < PIECES_PER_CYCLE && (work == 0 || !context.reactor.hasCommands())) {
      if (isKeptWaiting()) {
        return work;
      }
      if (work > 0 && !context.options.inline()) {
        gather(partition);
      }
      if (group != null && !align(partition)) {
        return work;
      }
      int found = partition.ring.poll(Batch.DEFAULT_CAPACITY);
      if (partition.offsets != null) {
        int most = passOffsets(partition);
        if (most == 0) {
          return work;
        }
        found = found == ColumnarRing.ROWS ? partition.ring.poll(most) : found;
      }
      if (found == ColumnarRing.EMPTY) {
        partition.gatherNs = 0;
        return work;
      }
      if (!begin() || !wake(partition)) {
        return work;
      }
      isWaking = false;
      if (found == ColumnarRing.MARK) {
        if (!takeMark(partition)) {
          isWaking = true; // nothing has happened
          return work;
        }
      } else {
        takeRows(partition);
      }
      work++;
      if (!pass()) {
        return work;
      }
    }
    hasMore = true;
    return work;
  }

  /**
   * Gives a fast producer a moment to publish more, where rows come faster than small pieces are
   * worth their cost: each makes two cores hand the same cache lines to and fro. A producer that is
   * slower than the reactor finds it waiting at once.
   */
  private void gather(Partition partition) {
    long waiting = partition.ring.size();
    if (waiting == 0 || waiting >= GATHERED_ROWS) {
      partition.gatherNs >>= 1;
      return;
    }
    partition.gatherNs = Math.min(MAX_GATHER_NS, partition.gatherNs * 2 + MIN_GATHER_NS);
    long start = System.nanoTime();
    do {
      Thread.onSpinWait();
    } while (System.nanoTime() - start < partition.gatherNs);
  }

  /**
   * Writes down where the connector stands, as far as the rows before are taken.
   *
   * @return how many rows may be taken up to where it stood next; 0 where there is no room yet
   */
  private int passOffsets(Partition partition) {
    long taken = partition.ring.consumedPosition();
    Partition.Offset next;
    while ((next = partition.offsets.peek()) != null) {
      if (next.position() > taken) {
        return (int) Math.min(Batch.DEFAULT_CAPACITY, next.position() - taken);
      }
      if (!context.log.offset(this, partition.index, next.bytes())) {
        return 0;
      }
      partition.offsets.remove();
      partition.offset = next.bytes();
      partition.rowsBehindOffset = 0;
    }
    return Batch.DEFAULT_CAPACITY;
  }

  /** Whether another event is under way, or none may begin. */
  private boolean isKeptWaiting() {
    return context.log != null && !context.log.mayBegin(this);
  }

  /** Whether an event may begin, or is under way. */
  private boolean begin() {
    return context.log == null || context.log.begin(this);
  }

  /** Says how far a partition is read; false when not at all as it is too far ahead. */
  private boolean align(Partition partition) {
    long limitNs = group.limitNs(options.alignment().maxDriftNs());
    partition.stopBehind(limitNs);
    return partition.watermark() <= limitNs;
  }

  /** Whether rows of a partition wait until slower ones have caught up. */
  boolean isHeld(Partition partition) {
    return group != null && partition.watermark() > group.limitNs(options.alignment().maxDriftNs());
  }

  /** Whether rows wait so that are to be on disk, and that nobody can read again. */
  boolean holdsPushedRows() {
    for (Partition partition : partitions) {
      if (partition.offsets == null && partition.ring.size() > 0 && isHeld(partition)) {
        return context.log.modeOf(this) != DurabilityMode.NONE;
      }
    }
    return false;
  }

  /** The least watermark of the partitions that others wait for; END where nobody does. */
  long leastOfPartitions() {
    if (partitions.length == 0) {
      return idle ? Watermark.END : Watermark.NONE;
    }
    return minimumWithout(null);
  }

  /** The partition speaks; a source that was silent says first where its watermark stands. */
  private boolean wake(Partition partition) {
    isWaking = true;
    if (idleTimeoutNs != 0) {
      partition.lastRowEpochNs = nowEpochNs();
    }
    partition.idle = false;
    if (!idle) {
      return true;
    }
    idle = false;
    setPending(passed);
    return pass();
  }

  private void takeRows(Partition partition) {
    inFlight = partition.ring.batch();
    pendingRows = scan(partition, inFlight);
    partition.rowsBehindOffset += pendingRows;
    pending = partition;
    isWrittenDown = context.log == null;
  }

  /** Moves the watermark over the rows of a batch, and lends those it has been moved over. */
  private int scan(Partition partition, Batch batch) {
    int count =
        keys != null
            ? partition.scanKeys(batch, this, keys, idleTimeoutNs == 0 ? 0 : nowEpochNs())
            : options.intake() == null
                ? partition.scan(batch, this)
                : partition.scanEach(batch, this);
    batch.range(batch.from(), batch.from() + count);
    return count;
  }

  private long nowEpochNs() {
    return context.nowEpochNs();
  }

  private boolean takeMark(Partition partition) {
    long mark = partition.ring.mark();
    if (context.log != null && !context.log.mark(this, partition.index, mark)) {
      return false;
    }
    partition.ring.consumeMark();
    mark(partition, mark);
    return true;
  }

  private void mark(Partition partition, long mark) {
    if (mark == Watermark.NONE) {
      nextDemand();
      return;
    }
    if (options.isTable()) {
      context.progressed();
      return;
    }
    if (mark == Watermark.END) {
      partition.ended = true;
    } else {
      partition.raise(mark);
    }
    context.progressed();
    advance();
  }

  private void nextDemand() {
    output.nextDemand();
    if (timeAwaitsDemand && !output.awaitsDemand()) {
      timeAwaitsDemand = false;
      setTimes();
    }
    context.progressed();
  }

  /** Passes on what is in flight; false when it is refused. */
  private boolean pass() {
    if (!passWrites() || !passRows()) {
      return false;
    }
    return context.log == null || isWaking || !context.log.isOf(this) || context.log.end();
  }

  /** What statements have written goes ahead of what waits in handles. */
  private boolean passWrites() {
    if (!writes.isEmpty() && !isWriteWrittenDown) {
      isWriteWrittenDown = context.log.write(this, List.copyOf(writes));
      if (!isWriteWrittenDown) {
        return false;
      }
    }
    Batch batch;
    while ((batch = writes.peek()) != null) {
      if (!output.offer(batch)) {
        return false;
      }
      writes.poll().close();
      rows += batch.rowCount();
      context.progressed();
    }
    return true;
  }

  private boolean passRows() {
    if (inFlight != null) {
      if (!isWrittenDown) {
        isWrittenDown = context.log.rows(this, pending.index, inFlight);
      }
      if (!isWrittenDown || !output.offer(inFlight)) {
        return false;
      }
      if (pending == null) {
        inFlight.close();
      } else {
        pending.ring.consume(pendingRows);
      }
      rows += pendingRows;
      pieces++;
      inFlight = null;
      pending = null;
      context.progressed();
      advance();
    }
    if (watermarkPending) {
      if (!output.watermark(pendingWatermark)) {
        return false;
      }
      watermarkPending = false;
      if (isFallingIdle) {
        isFallingIdle = false;
        idle = true;
        setPending(Watermark.IDLE);
        return passRows();
      }
    }
    return true;
  }

  private void setPending(long watermarkNs) {
    watermarkPending = true;
    pendingWatermark = watermarkNs;
  }

  /** Lets the watermark of the source follow those of its partitions. */
  private void advance() {
    long minimum = minimum();
    if (minimum == Watermark.END) {
      ended = endsAll();
      if (!ended) {
        // Some have ended, the others are silent.
        if (partitions.length > 0 && !idle) {
          idle = true;
          setPending(Watermark.IDLE);
        }
        return;
      }
    }
    if (minimum > passed) {
      passed = minimum;
      setPending(minimum);
    }
    if (keys != null) {
      promise(Math.min(minimumOfPartitions(), passed));
    }
  }

  /** The least watermark of those that speak; END when none does. */
  private long minimum() {
    long minimum = minimumOfPartitions();
    return keys == null || minimum == Watermark.END ? minimum : Math.max(minimum, keys.least());
  }

  private long minimumOfPartitions() {
    if (partitions.length == 1 && !partitions[0].ended) {
      return partitions[0].watermark();
    }
    return minimumWithout(null);
  }

  private long minimumWithout(Partition excepted) {
    long minimum = Watermark.END;
    for (Partition partition : partitions) {
      if (partition != excepted && !partition.ended && !partition.idle) {
        minimum = Math.min(minimum, partition.watermark());
      }
    }
    return minimum;
  }

  private boolean endsAll() {
    for (Partition partition : partitions) {
      if (!partition.ended) {
        return false;
      }
    }
    return partitions.length > 0;
  }

  /** Whether a row of {@code partition} is behind a watermark that was not passed on yet. */
  boolean mustCut(Partition partition, long timeNs) {
    long watermark = partition.watermark();
    if (partitions.length > 1) {
      watermark = Math.min(watermark, minimumWithout(partition));
    }
    return mustCut(timeNs, watermark);
  }

  /** As above, where keys have watermarks of their own. */
  boolean mustCut(long timeNs) {
    return mustCut(timeNs, minimum());
  }

  private boolean mustCut(long timeNs, long watermark) {
    if (timeNs >= watermark || watermark <= passed) {
      return false;
    }
    return grain.ns() == 0 || watermark >= endOfPane(timeNs);
  }

  /** Whether the watermark has come to where somebody acts on it, and was not passed on yet. */
  boolean mustCutAnyway(Partition partition) {
    long watermark = partition.watermark();
    if (partitions.length > 1) {
      watermark = Math.min(watermark, minimumWithout(partition));
    }
    if (watermark <= passed || grain.ns() == Long.MAX_VALUE) {
      return false;
    }
    return grain.ns() == 0 || passed == Watermark.NONE || watermark >= endOfPane(passed);
  }

  private long endOfPane(long timeNs) {
    if (grain.ns() == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long intoPane = Math.floorMod(timeNs - grain.offsetNs(), grain.ns());
    long end = timeNs - intoPane + grain.ns();
    return end < timeNs ? Long.MAX_VALUE : end;
  }

  /** Lets partitions that have been silent for too long hold nobody back. */
  private int checkIdle(long nowEpochNs) {
    if (idle || ended) {
      return 0;
    }
    if (partitions.length == 0) {
      return checkNeverFed(nowEpochNs);
    }
    if (keys != null) {
      return checkIdleKeys(nowEpochNs);
    }
    List<Integer> fell = new ArrayList<>();
    long highest = passed;
    for (int i = 0; i < partitions.length; i++) {
      Partition partition = partitions[i];
      if (partition.ended || partition.idle) {
        continue;
      }
      if (partition.ring.size() > 0 && isHeld(partition)) {
        partition.lastRowEpochNs = nowEpochNs; // it has something to say
      } else if (nowEpochNs - partition.lastRowEpochNs > idleTimeoutNs) {
        fell.add(i);
        highest = Math.max(highest, partition.watermark());
      }
    }
    if (fell.isEmpty()
        || !begin()
        || context.log != null && !context.log.silence(id, fell, highest)) {
      return 0;
    }
    fallSilent(fell, highest);
    pass();
    return 1;
  }

  /** Partitions hold nobody back any more; where nobody speaks, the source is idle. */
  private void fallSilent(List<Integer> fell, long highestNs) {
    fell.forEach(i -> partitions[i].idle = true);
    for (Partition partition : partitions) {
      if (!partition.ended && !partition.idle) {
        advance();
        return;
      }
    }
    fallIdle(highestNs);
  }

  private int checkIdleKeys(long nowEpochNs) {
    boolean spoke = false;
    for (Partition partition : partitions) {
      spoke |= !partition.ended && nowEpochNs - partition.lastRowEpochNs <= idleTimeoutNs;
    }
    if (!keys.isSilent(nowEpochNs - idleTimeoutNs) && (spoke || !keys.isEmpty())
        || !begin()
        || context.log != null && !context.log.silence(id, List.of(), nowEpochNs)) {
      return 0;
    }
    silenceKeys(nowEpochNs);
    pass();
    return 1;
  }

  private void silenceKeys(long nowEpochNs) {
    long forgotten = keys.forget(nowEpochNs - idleTimeoutNs);
    if (keys.isEmpty()) {
      fallIdle(Math.max(passed, forgotten));
    } else {
      advance();
    }
    promise(passed);
  }

  /** A source to which nobody has opened a handle is silent from the first cycle on. */
  private int checkNeverFed(long nowEpochNs) {
    if (!running) {
      running = true;
      runningSinceEpochNs = nowEpochNs;
    }
    if (nowEpochNs - runningSinceEpochNs <= idleTimeoutNs
        || !begin()
        || context.log != null && !context.log.silence(id, List.of(), passed)) {
      return 0;
    }
    fallIdle(passed);
    pass();
    return 1;
  }

  /** The last ones to speak fell silent: what they knew is passed on, then the silence. */
  private void fallIdle(long highest) {
    if (highest > passed) {
      passed = highest;
      isFallingIdle = true;
      setPending(highest);
    } else {
      idle = true;
      setPending(Watermark.IDLE);
    }
  }

  private long idleTimeoutNs() {
    if (options.isTable()) {
      return 0;
    }
    if (options.idleTimeout() != null) {
      return options.idleTimeout().toNanos();
    }
    boolean keepsOthersWaiting =
        keys == null && (partitions.length > 1 || options.alignment() != null);
    return keepsOthersWaiting ? SourceOptions.DEFAULT_IDLE_TIMEOUT.toNanos() : 0;
  }

  /** The connector that writes to a partition says where it is, behind the rows so far. */
  void offset(int partition, byte[] offset) {
    partitions[partition].offset = offset;
    partitions[partition].rowsBehindOffset = 0;
  }

  /** One that had a handle before the engine was opened, and none since; or null. */
  Partition partitionWithoutHandle() {
    for (Partition partition : partitions) {
      if (!partition.hasHandle && !partition.ended) {
        return partition;
      }
    }
    return null;
  }

  Partition[] partitions() {
    return partitions;
  }

  boolean isEnded() {
    return ended;
  }

  boolean isIdle() {
    return idle;
  }

  /** Whether a statement may change it now. */
  boolean mayBeWritten() {
    return !isKeptWaiting();
  }

  private boolean isPassing() {
    return inFlight != null || watermarkPending;
  }

  boolean isPending() {
    return isPassing() || !writes.isEmpty();
  }

  /** Takes rows that a statement has written, while nothing is pending; they are its own now. */
  void write(List<Batch> batches) {
    isWriteWrittenDown = !begin() || context.log == null;
    writes.addAll(batches);
  }

  /** Takes in again what a statement has written. */
  void writeAgain(List<Batch> batches) {
    isWriteWrittenDown = true;
    writes.addAll(batches);
  }

  // ---- What was written down

  BatchCodec codec() {
    if (codec == null) {
      codec = new BatchCodec(options.schema());
    }
    return codec;
  }

  /** Makes records of rows that are not copied. */
  SharedRows.Pool sharedRows() {
    if (sharedRows == null) {
      sharedRows = new SharedRows.Pool(id, options.schema());
    }
    return sharedRows;
  }

  /** A partition speaks again: what follows belongs to the same event. */
  void wakeAgain(int partition) {
    wake(partitions[partition]);
  }

  /** Takes a piece of rows in again, which is the source's now. */
  void takeAgain(int partition, Batch batch) {
    isWaking = false;
    isWrittenDown = true;
    inFlight = batch;
    pendingRows = scan(partitions[partition], batch);
    partitions[partition].rowsBehindOffset += pendingRows;
  }

  /** Takes a mark in again. */
  void markAgain(int partition, long mark) {
    isWaking = false;
    mark(partitions[partition], mark);
  }

  /** Takes in again that partitions, keys or the source fell silent. */
  void silenceAgain(List<Integer> fell, long value) {
    isWaking = false;
    if (partitions.length == 0) {
      fallIdle(passed);
    } else if (keys != null) {
      silenceKeys(value);
    } else {
      fallSilent(fell, value);
    }
  }

  /** Goes on with what is taken in again; false where an output refuses. */
  boolean passAgain() {
    return pass() && !isPending();
  }

  long passed() {
    return passed;
  }

  /** Writes where the source stands, while nothing is in flight; not its present content. */
  void snapshot(StateWriter writer) {
    writer.putInt(id);
    writer.putInt(timeColumn);
    writer.putLong(delayNs);
    writer.putLong(passed);
    writer.putByte(idle ? 1 : 0);
    writer.putByte(ended ? 1 : 0);
    writer.putLong(rows);
    writer.putLong(pieces);
    writer.putInt(partitions.length);
    for (Partition partition : partitions) {
      partition.snapshot(writer);
    }
    writer.putLong(promised);
    writer.putBlock(keys == null ? null : keys.snapshot());
    output.snapshot(writer);
  }

  /**
   * Becomes what was written, with as many partitions.
   *
   * @param more adds a partition
   */
  void restore(StateReader reader, Runnable more) {
    reader.getInt(); // the id, which it was made with
    int column = reader.getInt();
    long delay = reader.getLong();
    if (column >= 0 && (column != timeColumn || delay != delayNs)) {
      timeAttribute(column, delay);
    }
    passed = reader.getLong();
    idle = reader.getByte() != 0;
    ended = reader.getByte() != 0;
    rows = reader.getLong();
    pieces = reader.getLong();
    int count = reader.getInt();
    while (partitions.length < count) {
      more.run();
    }
    for (int i = 0; i < count; i++) {
      partitions[i].restore(reader);
    }
    promise(reader.getLong());
    byte[] keyState = reader.getBlock();
    if (keyState != null) {
      keys.restore(keyState);
    }
    output.restore(reader);
  }

  long rows() {
    return rows;
  }

  long pieces() {
    return pieces;
  }

  void close() {
    for (Partition partition : partitions) {
      partition.ring.close();
    }
    if (keys != null) {
      keys.close();
    }
    partitions = new Partition[0];
    output.release();
    if (inFlight != null && pending == null) {
      inFlight.close();
    }
    inFlight = null;
    pending = null;
    watermarkPending = false;
    writes.forEach(Batch::close);
    writes.clear();
  }
}
