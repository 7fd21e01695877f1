package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.BatchCodec;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.CheckpointState;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.durable.Journal;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The durable side of an engine. First its state is had back: {@link #restore} that of a checkpoint,
 * then {@link #replay} what was written down since; statements, which create and drop, are somebody
 * else's to execute again. From {@link #writeTo} on it writes down what comes in.
 *
 * <p>Control methods: any thread but a listener's, one at a time.
 *
 * <p>Past 600 lines: a checkpoint, its copies and the replay behind it are one protocol.
 */
public final class Durability implements AutoCloseable {
  private static final String ENGINE = "engine";

  /** Version of the layout of all state: 5 has joins in pages of keys, as tables of aggregates. */
  private static final int STATE_FORMAT = 5;

  /** byte 1 where it has started, int number of the last source, byte format, long of the last table. */
  private static final int ENGINE_BYTES = 14;

  private static final long PARK_NS = 50_000;

  private final ReactorContext context;
  private final RunningObjects objects;
  private final Waits waits;
  private final InputLog log;
  private final CopiedChanges changes;
  private Rereading rereading; // null as long as no source can be read again

  /** What the statement puts in the place of a query that is written down next, or taken in again. */
  private final Map<String, byte[]> rebuilt = new TreeMap<>();

  Durability(ReactorContext context, RunningObjects objects, Waits waits, DurabilityMode mode) {
    this.context = context;
    this.objects = objects;
    this.waits = waits;
    this.log = new InputLog(context, mode);
    this.changes = new CopiedChanges(context);
    context.log = log;
    context.reactor.timerGate(log);
  }

  // ---- Having back

  /** Lets the next source that is created be known to records as it was in a snapshot. */
  public void nextSource(EngineSnapshot snapshot, String name) {
    int id = snapshot.idOf(name);
    if (id > 0) {
      objects.nextSourceId(id);
    }
  }

  /**
   * Restores sources and queries of the same names, which have been created again, and lets them run
   * where they did.
   *
   * @param parts of {@link #checkpoint}
   */
  public void restore(Map<String, byte[]> parts) {
    EngineSnapshot snapshot = EngineSnapshot.of(parts);
    byte[] engine = parts.get(ENGINE);
    int format = engine.length < 6 ? 1 : engine[5];
    if (format != STATE_FORMAT) {
      throw new LaminarException(
              ErrorCode.STATE_CORRUPT,
              "state was written in format "
                  + format
                  + ", and this version reads "
                  + STATE_FORMAT
                  + ".")
          .mend("Open the directory with the version that wrote it.");
    }
    call(
        () -> {
          objects.restore(snapshot);
          objects.nextSourceId(ByteBuffer.wrap(engine).getInt(1) + 1);
          changes.lastTable(ByteBuffer.wrap(engine).getLong(6));
          if (engine[0] != 0) {
            objects.start();
          }
          return null;
        });
    context.reactor.drive();
  }

  /** Has rows that records only count through {@code reading}. */
  public void rereadThrough(Rereading reading) {
    rereading = reading;
  }

  /**
   * Takes in again what was written down.
   *
   * @param statements executes a statement again, on this thread; gets the bytes of {@link #record}
   * @return the number of records
   */
  public long replay(JournalReader records, Consumer<byte[]> statements) {
    long count = 0;
    while (records.next()) {
      replayOne(records, statements);
      count++;
    }
    return count;
  }

  /** As {@link #replay}, of the current record alone. */
  public void replayOne(JournalReader records, Consumer<byte[]> statements) {
    byte[] statement = statement(records);
    if (statement != null) {
      int parts = Memory.getInt(records.address() + 16);
      if (parts == 0) {
        rebuilt.clear(); // the process ended before the statement they were for
      } else if (parts != rebuilt.size()) {
        throw corrupt(records);
      }
      statements.accept(statement);
      rebuilt.clear();
    } else {
      replay(records);
    }
  }

  /** The bytes of {@link #record} where the current record is a statement, else null. */
  public static byte[] statement(JournalReader records) {
    long at = records.address();
    if (records.length() < InputLog.HEADER) {
      throw corrupt(records);
    }
    if (Memory.getInt(at) != InputLog.STATEMENT) {
      return null;
    }
    byte[] statement = new byte[Memory.getInt(at + 20)];
    Memory.copyToHeap(at + InputLog.HEADER, statement, 0, statement.length);
    return statement;
  }

  /** Processing time of the current record, in nanoseconds since the epoch. */
  public static long timeOf(JournalReader records) {
    if (records.length() < InputLog.HEADER) {
      throw corrupt(records);
    }
    return Memory.getLong(records.address() + 8);
  }

  /** Whether the current record is something that came in, and not the making of what takes it in. */
  public static boolean isInput(JournalReader records) {
    return switch (Memory.getInt(records.address())) {
      case InputLog.STATEMENT,
          InputLog.START,
          InputLog.HANDLE,
          InputLog.TIME,
          InputLog.FIRST,
          InputLog.REBUILT ->
          false;
      default -> true;
    };
  }

  /** What the current record is, which {@link #replayOne} can take in next; for people. */
  public String describe(JournalReader records) {
    long at = records.address();
    int id = Memory.getInt(at + 4);
    int count = Memory.getInt(at + 20);
    return switch (Memory.getInt(at)) {
      case InputLog.ROWS -> rowsOf(count, id);
      case InputLog.REREAD -> rowsOf(Memory.getLong(at + InputLog.HEADER), id) + ", read again";
      case InputLog.MARK -> "watermark of " + nameOf(id);
      case InputLog.WRITE -> "change of " + nameOf(id);
      case InputLog.TICK -> "timers";
      case InputLog.SILENCE -> "silence of " + nameOf(id);
      case InputLog.HANDLE -> "partition of " + nameOf(id);
      case InputLog.TIME -> "time attribute of " + nameOf(id);
      case InputLog.START -> "start";
      case InputLog.STATEMENT -> "statement";
      case InputLog.OFFSET -> "offset of " + nameOf(id);
      case InputLog.ACK -> "acknowledgement of " + text(at + 8, count);
      case InputLog.FIRST -> "first rows of " + text(at, id);
      case InputLog.ANSWER -> "answer to " + text(at, id);
      case InputLog.REBUILT -> "rebuilt state";
      default -> throw corrupt(records);
    };
  }

  private String rowsOf(long count, int source) {
    return count + (count == 1 ? " row of " : " rows of ") + nameOf(source);
  }

  private String nameOf(int source) {
    return call(() -> objects.source(source).options.name());
  }

  private void replay(JournalReader records) {
    long at = records.address();
    int kind = Memory.getInt(at);
    int id = Memory.getInt(at + 4);
    long now = Memory.getLong(at + 8);
    int partition = Memory.getInt(at + 16);
    int count = Memory.getInt(at + 20);
    long value = records.length() > InputLog.HEADER ? Memory.getLong(at + InputLog.HEADER) : 0;
    switch (kind) {
      case InputLog.START -> call(run(objects::start));
      case InputLog.TICK -> {
        log.beginAgain(log, now);
        passOn(() -> !log.isEntered());
        return;
      }
      case InputLog.ROWS -> {
        wake(id, now, partition);
        again(id, now, task -> task.takeAgain(partition, batches(task, 1, records).get(0)));
      }
      case InputLog.REREAD -> {
        Batch rows = readAgain(records, id, partition, (int) value);
        if (rows != null) {
          wake(id, now, partition);
          again(id, now, task -> task.takeAgain(partition, rows));
        }
      }
      case InputLog.MARK -> {
        wake(id, now, partition);
        again(id, now, task -> task.markAgain(partition, value));
      }
      case InputLog.WRITE -> again(id, now, task -> task.writeAgain(batches(task, count, records)));
      case InputLog.SILENCE -> {
        List<Integer> fell = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          fell.add((int) Memory.getLong(at + InputLog.HEADER + 8 + 8L * i));
        }
        again(id, now, task -> task.silenceAgain(fell, value));
      }
      case InputLog.HANDLE -> {
        log.beginAgain(objects, now);
        call(() -> objects.addPartition(objects.source(id)));
        call(log::end);
      }
      case InputLog.TIME -> call(run(() -> objects.source(id).timeAttribute(partition, value)));
      case InputLog.OFFSET -> {
        byte[] offset = new byte[count];
        Memory.copyToHeap(at + InputLog.HEADER, offset, 0, count);
        call(run(() -> objects.source(id).offset(partition, offset)));
      }
      case InputLog.ACK ->
          call(run(() -> objects.subscription(text(at + 8, count)).acknowledge(value)));
      case InputLog.FIRST -> firstAgain(records, text(at, id), partition == 0);
      case InputLog.ANSWER -> {
        byte[] answer = new byte[count];
        Memory.copyToHeap(at + InputLog.HEADER + (id + 7 & ~7), answer, 0, count);
        answerAgain(text(at, id), partition, now, answer);
      }
      case InputLog.REBUILT -> {
        if (partition == 0) {
          rebuilt.clear();
        }
        byte[] state = new byte[count];
        Memory.copyToHeap(at + InputLog.HEADER + (id + 7 & ~7), state, 0, count);
        rebuilt.put(text(at, id), state);
      }
      default -> throw corrupt(records);
    }
    context.reactor.drive(); // what begins with a statement or the start
  }

  /** Rows that a record only counts; null where they are lost, and that is accepted. */
  private Batch readAgain(JournalReader records, int id, int index, int count) {
    SourceTask task = objects.source(id);
    Partition partition = task.partitions()[index];
    if (rereading == null || partition.offset == null) {
      throw corrupt(records);
    }
    try {
      return rereading.read(
          task.options.name(), partition.offset, partition.rowsBehindOffset, count);
    } catch (LaminarException lost) {
      throw new LaminarException(
              lost.code(), "record " + records.position() + ": " + lost.problem(), lost)
          .mend(lost.mend());
    }
  }

  private static String text(long recordAndOffset, int length) {
    byte[] utf8 = new byte[length];
    Memory.copyToHeap(recordAndOffset + InputLog.HEADER, utf8, 0, length);
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** What a subscription begins with, before the statement that makes it. */
  private void firstAgain(JournalReader records, String name, boolean isFirst) {
    int nameLength = Memory.getInt(records.address() + 4);
    int rowsAt = InputLog.HEADER + (nameLength + 7 & ~7);
    byte[] rows = new byte[records.length() - rowsAt];
    Memory.copyToHeap(records.address() + rowsAt, rows, 0, rows.length);
    objects.firstRows(name, rows, isFirst);
  }

  /** What an operator was answered; a query that is not kept is not there any more. */
  private void answerAgain(String queryName, int place, long now, byte[] answer) {
    Query query = call(() -> objects.queryOrNull(queryName));
    if (query == null || query.isStopped()) {
      return;
    }
    OperatorNode node = query.nodes.get(place);
    log.beginAgain(node, now);
    call(run(() -> node.answers().again(answer)));
    passOn(() -> node.answers().pass());
  }

  /** A partition that was silent says first where its watermark stands. */
  private void wake(int source, long now, int partition) {
    SourceTask task = objects.source(source);
    log.beginAgain(task, now);
    call(run(() -> task.wakeAgain(partition)));
    passOn(task::passAgain);
  }

  private List<Batch> batches(SourceTask task, int count, JournalReader records) {
    List<Batch> batches = new ArrayList<>();
    long at = records.address() + InputLog.HEADER;
    long end = records.address() + records.length();
    for (int i = 0; i < count; i++) {
      Batch batch = task.codec().read(at, (int) (end - at), context.allocator);
      batches.add(batch);
      at += BatchCodec.length(at);
    }
    return batches;
  }

  /** An event of a source, from its beginning to its end. */
  private void again(int source, long now, Consumer<SourceTask> event) {
    SourceTask task = objects.source(source);
    log.beginAgain(task, now);
    call(run(() -> event.accept(task)));
    passOn(() -> task.passAgain() && !log.isOf(task));
  }

  /** Goes on as long as an output refuses, which others empty. */
  private void passOn(BooleanSupplier attempt) {
    Stall stall = new Stall(context.progress());
    while (!call(attempt::getAsBoolean)) {
      context.reactor.drive();
      if (stall.isOver(context.progress(), context.options.stallTimeout().toNanos())) {
        throw new LaminarException(
            ErrorCode.BACKPRESSURE,
            "what was written down cannot be taken in: " + context.refusedBy + " is full.");
      }
      LockSupport.parkNanos(this, PARK_NS);
    }
  }

  private static LaminarException corrupt(JournalReader records) {
    return new LaminarException(
        ErrorCode.STATE_CORRUPT,
        "record " + records.position() + " of the journal is none that this version knows.");
  }

  // ---- Writing down

  /** Writes down what comes in from now on; nothing does before. */
  public void writeTo(Journal journal) {
    call(
        run(
            () -> {
              objects.forgetFirstRows();
              rebuilt.clear(); // the process ended before the statement they were for
              log.writeTo(journal);
              objects.askAgain();
            }));
  }

  /** What a subscription begins with is written down, before the statement that has made it. */
  void begun(KeptSubscription subscription) {
    if (!log.isReplaying()) {
      int number = 0;
      for (Batch batch : subscription.batches()) {
        int chunk = number++;
        write(() -> log.first(subscription, chunk, batch));
      }
    }
  }

  /** What a query knows that was rebuilt is written down, before the statement that begins with it. */
  void begins(RebuiltQuery query) {
    if (!log.isReplaying()) {
      for (Map.Entry<String, byte[]> part : query.parts().entrySet()) {
        int number = rebuilt.size();
        write(() -> log.rebuilt(number, part.getKey(), part.getValue()));
        rebuilt.put(part.getKey(), part.getValue());
      }
    }
  }

  /**
   * What was rebuilt of the query that the statement which is executed again puts in the place of
   * another one; null where nothing was.
   */
  RebuiltQuery rebuiltThen() {
    return log.isReplaying() && !rebuilt.isEmpty() ? RebuiltQuery.of(rebuilt) : null;
  }

  /** Rows of a subscription are done with; returns when that is on disk. */
  void acknowledge(KeptSubscription subscription, long number) {
    write(
        () -> {
          boolean written =
              number <= subscription.acknowledged() || log.acknowledged(subscription, number);
          if (written) {
            subscription.acknowledge(number);
          }
          return written;
        });
    log.journal().await(position());
  }

  /** Writes a record, which may be in the middle of an event; waits for room. */
  private void write(BooleanSupplier record) {
    while (!call(record::getAsBoolean)) {
      log.journal().await(position()); // throws where nothing can be written any more
    }
  }

  /** Waits until the journal is durable up to a position. */
  void await(long position) {
    log.journal().await(position);
  }

  /** The engine starts: once in the life of the database. */
  void begin() {
    waits.until(
        () ->
            call(
                () -> {
                  if (!objects.isStarted()) {
                    if (!log.mark(InputLog.START, 0, 0, 0)) {
                      return false;
                    }
                    objects.start();
                  }
                  return true;
                }),
        "the journal is full");
  }

  /** Whether the engine was started once, in this process or before. */
  boolean isBegun() {
    return call(objects::isStarted);
  }

  /** A handle of a new partition is opened; false for a later call. On the reactor. */
  boolean handleOpened(int source) {
    return log.isHeld()
        || log.isReplaying()
        || log.isFree() && log.mark(InputLog.HANDLE, source, 0, 0);
  }

  /** The time of a source is set; false for a later call. On the reactor. */
  boolean timeSet(int source, int column, long delayNs) {
    return log.isHeld()
        || log.isReplaying()
        || log.isFree() && log.mark(InputLog.TIME, source, column, delayNs);
  }

  /**
   * Runs a statement between two events, and writes it down where it succeeds: no other event comes
   * between what it does and what it reads.
   *
   * @param statement what the caller makes of what has been done, for {@link #replay}; null where
   *     there is nothing to be done again
   */
  public <T> T record(Supplier<T> action, Supplier<byte[]> statement) {
    if (log.isReplaying()) {
      return action.get();
    }
    waits.until(() -> call(log::hold), "a statement waits for a moment between two changes");
    try {
      return written(action, statement);
    } finally {
      call(run(log::release));
      if (context.isInline() && objects.isStarted()) {
        context.reactor.drive();
      }
    }
  }

  /**
   * As {@link #record}, of a statement that no event notices, such as the end of a subscription: it may
   * come in the middle of one, which perhaps waits for just that. The caller sees to it that no checkpoint
   * is taken meanwhile.
   */
  public <T> T recordBeside(Supplier<T> action, Supplier<byte[]> statement) {
    return log.isReplaying() ? action.get() : written(action, statement);
  }

  private <T> T written(Supplier<T> action, Supplier<byte[]> statement) {
    try {
      T result = action.get();
      byte[] bytes = statement.get();
      if (bytes != null) {
        write(() -> log.bytes(InputLog.STATEMENT, 0, rebuilt.size(), bytes));
      }
      return result;
    } finally {
      rebuilt.clear();
    }
  }

  /**
   * Writes the state as of one moment between two events, the barrier. Rows of tables are copied while
   * events go on, as they were; then it is written. Where that fails, the next one holds these changes
   * too. One call at a time.
   *
   * @param more parts of the caller, as of the same moment
   * @param within whether a statement of the calling thread is being {@linkplain #record recorded}
   * @param write brings the state to disk; its changes are not used any more when it returns
   */
  public CheckpointInfo checkpoint(
      Supplier<Map<String, byte[]>> more,
      boolean within,
      Function<CheckpointState, CheckpointInfo> write) {
    return changes.use(
        () -> {
          CheckpointInfo written = write.apply(state(more, within));
          changes.written();
          return written;
        });
  }

  private CheckpointState state(Supplier<Map<String, byte[]>> more, boolean within) {
    long startedNs = System.nanoTime();
    changes.copyAll(); // what an earlier one did not come to
    AtomicReference<CheckpointState> taken = new AtomicReference<>();
    waits.until(
        () ->
            call(
                () -> {
                  if (!log.isFree() || log.isHeld() && !within || !objects.isBetweenBatches()) {
                    return false;
                  }
                  taken.set(take(more, startedNs));
                  return true;
                }),
        () -> !within && call(log::isHeld), // by a statement of another thread
        "the checkpoint waits for a moment between two changes");
    CheckpointState state = taken.get();
    long longestNs = Math.max(state.pauseNs(), changes.copyAll());
    return new CheckpointState(
        state.position(), state.parts(), changes.changes(), startedNs, longestNs);
  }

  private CheckpointState take(Supplier<Map<String, byte[]>> more, long startedNs) {
    long pausedNs = System.nanoTime();
    Map<String, byte[]> parts =
        changes.begin(copies -> new TreeMap<>(objects.snapshot(copies).parts()));
    byte[] engine = new byte[ENGINE_BYTES];
    engine[0] = (byte) (objects.isStarted() ? 1 : 0);
    ByteBuffer.wrap(engine).putInt(1, objects.lastSourceId());
    engine[5] = STATE_FORMAT;
    ByteBuffer.wrap(engine).putLong(6, changes.lastTable());
    parts.put(ENGINE, engine);
    parts.putAll(more.get());
    long position = log.journal().position();
    return new CheckpointState(position, parts, startedNs, System.nanoTime() - pausedNs);
  }

  /** Waits until what was published in a handle is on disk, where its source asks for that. */
  void pushed(SourceHandle handle) {
    if (log.failure() != null) {
      throw log.failure(); // what was pushed will never be taken in
    }
    if (log.modeOf(handle.source) != DurabilityMode.SYNC
        || !objects.isStarted()
        || log.isReplaying()
        || context.reactor.isInCycle()) {
      return;
    }
    SyncPoint point = new SyncPoint(List.of(handle));
    waits.untilInterrupted(
        point::isReached,
        "rows were accepted by source \""
            + handle.source.options.name()
            + "\" and are not known to be on disk");
    Stall stall = new Stall(context.progress());
    while (call(point::isHeldBack)) {
      if (context.isInline()
          || stall.isOver(context.progress(), context.options.stallTimeout().toNanos())) {
        throw held(handle.source.options.name());
      }
      stall.pause();
    }
    log.journal().await(position());
  }

  /** Refuses to say that all is on disk where rows that were pushed wait for slower sources. */
  public void requireNothingHeld() {
    String source = log.isReplaying() ? null : call(objects::holding);
    if (source != null) {
      throw held(source);
    }
  }

  private static LaminarException held(String source) {
    return new LaminarException(
            ErrorCode.BACKPRESSURE,
            "rows of source \""
                + source
                + "\" wait for slower sources of its watermark_group: they were accepted, and are not"
                + " on disk before these have caught up.")
        .mend("Push to the slower ones, or let them end; do not push these rows again.");
  }

  /** Waits until what a statement has written is on disk, where the table asks for that. */
  void written(SourceTask table) {
    if (log.modeOf(table) == DurabilityMode.SYNC && !log.isReplaying()) {
      log.journal().await(position());
    }
  }

  /** The position of the last record; what came in before is up to it. */
  public long position() {
    return call(() -> log.journal().position());
  }

  /** Counts what came in that is in no record: that of sources which only checkpoints keep. */
  public long unwritten() {
    return log.unwritten();
  }

  /** Memory that checkpoints hold off the heap, beside that of the allocator, in bytes. Any thread. */
  public long nativeBytes() {
    return changes.bytes();
  }

  /** Frees that memory: no checkpoint is begun any more. Again: does nothing. */
  @Override
  public void close() {
    changes.close();
  }

  // ---- On the reactor

  private <T> T call(Supplier<T> action) {
    return context.reactor.call(action);
  }

  private static Supplier<Void> run(Runnable action) {
    return () -> {
      action.run();
      return null;
    };
  }
}
