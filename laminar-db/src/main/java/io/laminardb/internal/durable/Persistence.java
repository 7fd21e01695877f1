package io.laminardb.internal.durable;

import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.durable.Checkpoint;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.CheckpointState;
import io.laminardb.core.durable.History;
import io.laminardb.core.durable.Journal;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.Storage;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Durability;
import io.laminardb.core.runtime.EngineSnapshot;
import io.laminardb.core.time.WaitingTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database's life on disk: what there was is had back, what comes is written down, and from time to
 * time a checkpoint makes the way back short.
 *
 * <p>A statement that makes or drops something is one event among those of the engine: it is executed
 * again at the very place where it was executed first. So checkpoint and journal give the same state
 * and the same output.
 */
public final class Persistence implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Persistence.class);
  private static final String CATALOG = "catalog";
  private static final String SHARED = "shared";
  private static final String SINK = "sink/";
  private static final long LOOK_NS = 10_000_000;
  private static final long CLOSE_TIMEOUT_MS = 60_000;

  /** What a database does for it. */
  public interface Statements {
    /** Executes a statement again, as it was executed first. */
    void executeAgain(KeptStatement statement);

    /** Whether there is one of this kind and name. */
    boolean isThere(String name, KeptKind kind);

    /** Whether one of this kind and name reads an object, directly or not. */
    boolean reads(String name, KeptKind kind, String object);

    /** The sinks there are. On the thread that drives, between two events. */
    Collection<? extends CheckpointedSink> sinks();

    /** What queries compute together, for {@link #shareAgain}. */
    byte[] shared();

    /** Lets the queries that are created again share what they shared; null ends that. */
    void shareAgain(byte[] shared);
  }

  private final Storage storage;
  private final Durability durability;
  private final Statements statements;
  private final long intervalNs;
  private final KeptCatalog catalog = new KeptCatalog();
  private Journal journal;
  private Thread checkpointer;
  private volatile boolean closed;
  private volatile boolean recovering;
  private volatile LaminarException failure; // of the last checkpoint
  private Map<String, byte[]> restored; // parts of the checkpoint that is being restored, or null
  private long barriers; // guarded by this
  private boolean ended; // sinks let pass what comes after the last checkpoint; guarded by this
  private long lastPosition; // of the last checkpoint; guarded by this
  private long lastUnwritten; // as above, of what is in no record

  /**
   * @param durability of the database's engine, in which there is nothing yet
   * @param interval between two checkpoints; null for none but those that are asked for
   */
  public Persistence(
      Storage storage, Durability durability, Statements statements, Duration interval) {
    this.storage = storage;
    this.durability = durability;
    this.statements = statements;
    this.intervalNs = interval == null ? Long.MAX_VALUE : interval.toNanos();
  }

  // ---- Having back

  /** Has back what there was, then begins to write down. Called once. */
  public void recover() {
    storage.warnings().forEach(warning -> LOG.warn("{}", warning));
    recovering = true;
    try {
      Checkpoint checkpoint = storage.checkpoint();
      if (checkpoint != null) {
        restored = parts(checkpoint);
        restore(restored, durability, statements);
        lastPosition = checkpoint.info().position();
        restored = null;
      }
      try (JournalReader records = storage.read(lastPosition)) {
        durability.replay(records, bytes -> statements.executeAgain(KeptStatement.of(bytes)));
      }
    } finally {
      recovering = false;
      restored = null;
    }
    journal = storage.journal();
    durability.writeTo(journal);
    if (intervalNs != Long.MAX_VALUE) {
      checkpointer = new Thread(this::run, "laminar-checkpoint");
      checkpointer.setDaemon(true);
      checkpointer.start();
    }
  }

  static Map<String, byte[]> parts(Checkpoint checkpoint) {
    Map<String, byte[]> parts = new TreeMap<>();
    checkpoint.parts("", parts::put);
    return parts;
  }

  /** Has back what the parts of a checkpoint hold, in an engine in which there is nothing yet. */
  static void restore(Map<String, byte[]> parts, Durability durability, Statements statements) {
    EngineSnapshot snapshot = EngineSnapshot.of(parts);
    statements.shareAgain(parts.get(SHARED));
    try {
      for (KeptCatalog.Entry entry : KeptCatalog.read(parts.get(CATALOG))) {
        durability.nextSource(snapshot, entry.name());
        statements.executeAgain(entry.statement());
      }
    } finally {
      statements.shareAgain(null);
    }
    durability.restore(parts);
  }

  /** Whether what there was is being had back: the outside is not asked what it was asked then. */
  public boolean isRecovering() {
    return recovering;
  }

  // ---- Statements

  /**
   * Executes a statement as one event, and keeps it where it has changed something.
   *
   * @param beside whether no event notices it, so that it may come in the middle of one; it runs {@link
   *     #exclusively} then
   * @param made the name of what it makes, or null where it drops
   * @param kind what that is
   * @param changed whether there is anything to be done again, once it was executed
   * @param statement what it takes to do it again, once it was executed
   */
  public <T> T execute(
      boolean beside,
      Supplier<T> action,
      String made,
      KeptKind kind,
      Predicate<T> changed,
      Supplier<KeptStatement> statement) {
    KeptStatement[] kept = new KeptStatement[1];
    boolean[] done = new boolean[1];
    Supplier<T> executed =
        () -> {
          T result = action.get();
          done[0] = changed.test(result);
          if (done[0]) {
            kept[0] = statement.get();
            catalog.retain(entry -> statements.isThere(entry.name(), entry.kind()));
            if (made != null) {
              catalog.add(
                  new KeptCatalog.Entry(made, kind, kept[0]),
                  entry -> statements.reads(entry.name(), entry.kind(), made));
            }
          }
          return result;
        };
    Supplier<byte[]> bytes = () -> done[0] ? kept[0].toBytes() : null;
    return beside ? durability.recordBeside(executed, bytes) : durability.record(executed, bytes);
  }

  // ---- Durable

  /** Waits until everything the engine has taken in is on disk. Errors: IO_ERROR. */
  public void await() {
    if (journal != null) {
      journal.await(durability.position());
    }
  }

  /** Errors: BACKPRESSURE where rows that were pushed wait for slower sources, and are not on disk. */
  public void requireNothingHeld() {
    durability.requireNothingHeld();
  }

  /** Why nothing can be written any more, or null. */
  public LaminarException failure() {
    return journal == null ? null : journal.failure();
  }

  // ---- Checkpoints

  /**
   * Takes a checkpoint and returns when it is durable, and sinks have committed what came before it.
   *
   * @throws LaminarException CONNECTOR_FAILED where a sink cannot pre-commit: nothing is lost, and it is
   *     tried again with the next one
   */
  public CheckpointInfo checkpoint() {
    return checkpoint(false);
  }

  /** As {@link #checkpoint()}, within a statement that runs {@link #exclusively}. */
  public CheckpointInfo checkpointWithin() {
    return checkpoint(true);
  }

  /** Runs a statement that takes a checkpoint itself, so that it waits for no other one meanwhile. */
  public synchronized <T> T exclusively(Supplier<T> statement) {
    return statement.get();
  }

  private synchronized CheckpointInfo checkpoint(boolean within) {
    if (ended) {
      throw new LaminarException(ErrorCode.CLOSED, "the database is closed.");
    }
    long unwritten = durability.unwritten();
    long number = ++barriers;
    List<CheckpointedSink> sinks = new ArrayList<>();
    CheckpointInfo info =
        durability.checkpoint(
            () -> {
              sinks.addAll(statements.sinks());
              sinks.forEach(sink -> sink.barrier(number));
              return Map.of(CATALOG, catalog.toBytes(), SHARED, statements.shared());
            },
            within,
            state -> storage.write(withTransactions(state, sinks, number)));
    lastPosition = info.position();
    lastUnwritten = unwritten;
    sinks.forEach(sink -> sink.commit(number));
    return info;
  }

  /** The state, once the rows before the barriers are with the sinks, and the journal is on disk. */
  private CheckpointState withTransactions(
      CheckpointState state, List<CheckpointedSink> sinks, long number) {
    Map<String, byte[]> parts = new TreeMap<>(state.parts());
    for (CheckpointedSink sink : sinks) {
      byte[] transactions = sink.awaitPreCommit(number);
      if (transactions != null) {
        parts.put(SINK + sink.sinkName(), transactions);
      }
    }
    journal.await(state.position());
    return new CheckpointState(
        state.position(), parts, state.changes(), state.startedNs(), state.pauseNs());
  }

  /** What a sink that is created again has to commit, as the checkpoint says; null for nothing. */
  public byte[] transactions(String sink) {
    return restored == null ? null : restored.get(SINK + sink);
  }

  /**
   * Writes all that is needed to open the database as it is now into another directory: what the engine
   * has taken in by now is in it. What only checkpoints keep comes with one that is taken first.
   *
   * @param target does not exist, or is empty
   */
  public synchronized BackupInfo backup(Path target) {
    if (durability.unwritten() > lastUnwritten) {
      checkpoint();
    }
    await();
    return storage.backup(target);
  }

  /**
   * What is read between two events.
   *
   * @param position of the last record before; on disk
   */
  public record Sight<T>(T seen, long position) {}

  /** Looks at the database between two events; queries that read may be executed by {@code look}. */
  public <T> Sight<T> look(Supplier<T> look) {
    Sight<T> sight =
        durability.record(() -> new Sight<>(look.get(), durability.position()), () -> null);
    journal.await(sight.position());
    return sight;
  }

  /** Reads what was written, while no checkpoint is taken. */
  public synchronized <T> T read(Function<History, T> reader) {
    try (History history = storage.history()) {
      return reader.apply(history);
    }
  }

  /**
   * What was written so far, while no checkpoint is taken: for a statement that runs {@link #exclusively},
   * which closes it.
   */
  public History history() {
    return storage.history();
  }

  /** The position of the last record; it is on disk. Errors: IO_ERROR. */
  public long written() {
    long position = durability.position();
    journal.await(position);
    return position;
  }

  /** The checkpoints that are kept, oldest first. */
  public List<CheckpointInfo> checkpoints() {
    return storage.checkpoints();
  }

  /** Bytes that checkpoints take off the heap; waits for one that is being written. */
  public long nativeBytes() {
    return storage.nativeBytes() + durability.nativeBytes();
  }

  private void run() {
    long last = System.nanoTime();
    while (!closed) {
      LockSupport.parkNanos(this, LOOK_NS);
      if (System.nanoTime() - last < intervalNs || closed) {
        continue;
      }
      try {
        if (hasNews()) {
          checkpoint();
        }
        failure = null;
      } catch (LaminarException e) {
        if (!closed && failure == null) {
          LOG.warn("no checkpoint could be taken: {}", e.getMessage());
        }
        failure = e;
      }
      last = System.nanoTime();
    }
  }

  private synchronized boolean hasNews() {
    return journal.position() > lastPosition || durability.unwritten() > lastUnwritten;
  }

  /** Ends the checkpoints; takes a last one where that is asked for and something has come since. */
  public void stop(boolean withCheckpoint) {
    closed = true;
    if (checkpointer != null) {
      LockSupport.unpark(checkpointer);
      WaitingTime.join(checkpointer, CLOSE_TIMEOUT_MS);
    }
    if (withCheckpoint && journal != null && journal.failure() == null) {
      checkpointLast();
    }
  }

  private synchronized void checkpointLast() {
    Collection<? extends CheckpointedSink> sinks = statements.sinks();
    if (!hasNews() && sinks.stream().noneMatch(CheckpointedSink::isTransactional)) {
      return;
    }
    sinks.forEach(sink -> sink.endWithCheckpoint(true)); // none but this one comes from now on
    try {
      checkpoint();
    } catch (LaminarException e) {
      if (e.code() == ErrorCode.IO_ERROR) {
        throw e;
      }
      LOG.warn("no checkpoint could be taken at the end: {}", e.getMessage());
    } finally {
      ended = true;
    }
  }

  /** Lets the directory go; nothing is written any more by then. */
  @Override
  public void close() {
    try {
      storage.close();
    } finally {
      durability.close();
    }
  }
}
