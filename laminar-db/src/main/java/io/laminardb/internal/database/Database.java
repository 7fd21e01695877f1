package io.laminardb.internal.database;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.connector.Connectors;
import io.laminardb.core.connector.TableStore;
import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.durable.History;
import io.laminardb.core.durable.SpillStore;
import io.laminardb.core.durable.Storage;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.file.Uninterrupted;
import io.laminardb.core.runtime.Durability;
import io.laminardb.core.runtime.Engine;
import io.laminardb.core.runtime.EngineOptions;
import io.laminardb.core.runtime.Lookup;
import io.laminardb.core.time.WaitingTime;
import io.laminardb.internal.connector.SinkPump;
import io.laminardb.internal.durable.KeptStatement;
import io.laminardb.internal.durable.Persistence;
import io.laminardb.internal.durable.Rewind;
import io.laminardb.sql.catalog.Catalog;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.plan.SqlPlanner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * What a database consists of: catalog, engine, connectors and the threads that drive them. Objects
 * are made and dropped under this object's monitor; everything else may come from any thread.
 *
 * <p>Past 600 lines: it is the one list of the parts there are, and their life, each entry short.
 */
public final class Database implements AutoCloseable {
  private static final String ANONYMOUS = "$query_";
  static final long AWAIT_NS = 1_000_000;
  private static final long CLOSE_TIMEOUT_MS = 5_000;
  private static final long MEMORY_TIMEOUT_NS = 1_000_000_000;

  private final EngineOptions options;
  private final CompletableFuture<Parts> parts;
  private final Planning planning;
  private final Connectors connectors;
  private final Catalog catalog = new Catalog();
  private final Indexes indexes = new Indexes();
  private final Subscriptions subscriptions = new Subscriptions();
  private final Map<String, RunningQuery> queries = new ConcurrentHashMap<>();
  private final Sources sources = new Sources(this);
  private final StateSpill spill = new StateSpill();
  private final Map<String, SinkPump> sinkPumps = new ConcurrentHashMap<>();
  private final ReentrantReadWriteLock statements = new ReentrantReadWriteLock();
  private volatile List<KeptStatement.IndexedColumns> indexesThen; // or null
  private volatile long stateTtlNs;
  private volatile String zone; // null for UTC
  private Persistence persistence; // null in memory
  private Rewind rewind; // null but for a replay
  private boolean readsAgain;
  private DurabilityMode durabilityMode; // null in memory
  private long anonymous;
  private boolean closed;

  public Database(
      EngineOptions options, long memoryBudget, Planning planning, Connectors connectors) {
    this.options = options;
    this.planning = planning;
    this.connectors = connectors;
    this.parts =
        CompletableFuture.supplyAsync(() -> Parts.make(options, memoryBudget), Database::start);
  }

  public EngineOptions options() {
    return options;
  }

  public Engine engine() {
    return parts().engine;
  }

  public BufferAllocator allocator() {
    return parts().allocator;
  }

  private Parts parts() {
    try {
      return parts.join();
    } catch (CompletionException e) {
      throw new LaminarException(
          ErrorCode.INTERNAL_ERROR, "the engine cannot be made: " + e.getCause(), e.getCause());
    }
  }

  private static void start(Runnable action) {
    Thread thread = new Thread(action, "laminar-open");
    thread.setDaemon(true);
    thread.start();
  }

  public Planning planning() {
    return planning;
  }

  /** The planner, with this database's clock and settings. */
  public SqlPlanner planner() {
    return planning
        .planner()
        .withClock(options.clock())
        .withStateTtl(stateTtlNs)
        .withZone(zone)
        .withIndexes(
            object ->
                plannedIndexes().stream()
                    .filter(index -> index.object().equalsIgnoreCase(object))
                    .map(KeptStatement.IndexedColumns::columns)
                    .toList());
  }

  /** The indexes that queries are planned by. */
  public List<KeptStatement.IndexedColumns> plannedIndexes() {
    List<KeptStatement.IndexedColumns> before = indexesThen;
    return before != null
        ? before
        : indexes.all().stream()
            .map(index -> new KeptStatement.IndexedColumns(index.object(), index.columns()))
            .toList();
  }

  /** Queries are planned by indexes of then, until null is given. */
  public void planWithIndexes(List<KeptStatement.IndexedColumns> then) {
    indexesThen = then;
  }

  /**
   * How long the joins of queries to come keep what nothing touches, where they do not say it.
   *
   * @param newStateTtlNs nanoseconds, or 0 for ever
   */
  public void stateTtl(long newStateTtlNs) {
    stateTtlNs = newStateTtlNs;
  }

  /**
   * The time zone of statements to come; queries that are there keep theirs.
   *
   * @param newZone its name, or null for UTC
   */
  public void zone(String newZone) {
    zone = newZone;
  }

  /** What plans depend on beside the catalog, as text. */
  public String settings() {
    return zone + " " + stateTtlNs;
  }

  /** The time zone of statements to come, null for UTC. */
  public String zone() {
    return zone;
  }

  /** The state_ttl of statements to come in nanoseconds, or 0. */
  public long stateTtl() {
    return stateTtlNs;
  }

  // ---- On disk

  /**
   * Keeps this database, in which there is nothing yet, in a directory: what is there is had back.
   *
   * @param kept how {@code storage} keeps it
   * @param statements executes again what made the objects
   * @param interval between checkpoints, or null for none but those that are asked for
   * @param mode of sources that do not say one
   */
  public void keepIn(
      Storage storage,
      StorageOptions kept,
      StateSpill.Settings spilling,
      Persistence.Statements statements,
      Duration interval,
      DurabilityMode mode) {
    Durability durability = engine().makeDurable(mode);
    readsAgain = kept.retainHistory().isZero();
    durabilityMode = mode;
    durability.rereadThrough(
        (source, place, behind, count) ->
            sources.reread(source, place, behind, count, kept.acceptLoss()));
    persistence = new Persistence(storage, durability, statements, interval);
    spillTo(storage.spill(), spilling);
    persistence.recover();
    sources.endRereading();
  }

  /** Whether rows that can be read again are not kept: nobody looks back at them. */
  public boolean readsAgain() {
    return readsAgain;
  }

  /** The mode of sources that do not say one; null in memory. */
  public DurabilityMode durabilityMode() {
    return durabilityMode;
  }

  /** Lets state that memory has no room for spill to a store, which is closed with this database. */
  public void spillTo(SpillStore store, StateSpill.Settings settings) {
    spill.open(store, settings, engine(), allocator());
  }

  /** Where the state of queries to come spills. */
  public StateSpill spill() {
    return spill;
  }

  /**
   * Makes this database, in which there is nothing yet, the replay of another one.
   *
   * @param statements executes again what made the objects
   * @param to goes to the moment
   */
  public void replay(
      History history,
      Persistence.Statements statements,
      Rewind.MomentClock clock,
      Consumer<Rewind> to) {
    Durability durability = engine().makeDurable(DurabilityMode.ASYNC);
    durability.rereadThrough(
        (source, place, behind, count) -> sources.reread(source, place, behind, count, false));
    rewind = new Rewind(history, durability, statements, clock);
    to.accept(rewind);
  }

  /** Whether this shows what another database was: nothing comes from outside, or goes there. */
  public boolean isReplay() {
    return rewind != null;
  }

  /** What goes on record by record. Errors: NOT_SUPPORTED where this is no replay. */
  public Rewind rewind() {
    if (rewind == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "this database is no replay: it goes on by itself.")
          .mend("Open one with LaminarDB.replay(path).");
    }
    return rewind;
  }

  /** Errors: NOT_SUPPORTED in a replay. */
  public void requireNoReplay() {
    if (rewind != null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "this is a replay: it shows what was, and is only read.")
          .mend("LaminarDB.open(path) goes on with the database itself.");
    }
  }

  /** The life on disk; null in memory. */
  public Persistence persistence() {
    return persistence;
  }

  /** Whether what there was is being had back. */
  public boolean isRecovering() {
    return rewind != null || persistence != null && persistence.isRecovering();
  }

  /** Takes a checkpoint. Errors: NOT_SUPPORTED in memory. */
  public CheckpointInfo checkpoint() {
    requireOnDisk();
    return persistence.checkpoint();
  }

  /** Errors: NOT_SUPPORTED in memory. */
  public void requireOnDisk() {
    requireNoReplay();
    if (persistence == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "a database in memory takes no checkpoints.")
          .mend("Open it with a directory: LaminarDB.open(path).");
    }
  }

  /** Writes all that is needed to open this database as it is now into another directory. */
  public BackupInfo backup(Path target) {
    requireNoReplay();
    if (persistence == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "a database in memory has nothing to back up.")
          .mend("Open it with a directory: LaminarDB.open(path).");
    }
    return persistence.backup(target);
  }

  /** The checkpoints that are kept, oldest first; none in memory. */
  public List<CheckpointInfo> checkpoints() {
    return persistence == null ? List.of() : persistence.checkpoints();
  }

  /** Bytes that checkpoints take off the heap, beside those of the allocator; 0 in memory. */
  public long storageBytes() {
    return persistence == null ? 0 : persistence.nativeBytes();
  }

  public Connectors connectors() {
    return connectors;
  }

  public Catalog catalog() {
    return catalog;
  }

  /** What its sources and tables are fed through. */
  public Sources sources() {
    return sources;
  }

  public Indexes indexes() {
    return indexes;
  }

  public Subscriptions subscriptions() {
    return subscriptions;
  }

  /** The object of this name. */
  public CatalogObject require(String name) {
    return catalog.snapshot().require(name, null);
  }

  /** The name as declared of an object that can be followed. Errors: NOT_SUPPORTED. */
  public String followed(String name) {
    CatalogObject object = require(name);
    if (object.isExternal()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              object.describe() + " lies outside and tells nobody of its changes.")
          .mend("Join it: FROM l JOIN " + object.name() + " AS t ON l.key = t.key.");
    }
    if (object.kind() == ObjectKind.VIEW) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              object.describe() + " is a name for a query and runs nowhere.")
          .mend("Write SUBSCRIBE " + object.name() + ", or make it a STREAM or MATERIALIZED VIEW.");
    }
    return object.name();
  }

  // ---- Life ----

  /** Runs what was created, and what will be. Again: does nothing. */
  public synchronized void start() {
    if (isReplay()) {
      return; // it runs as it ran then
    }
    boolean again = engine().isStarted();
    engine().start();
    if (!again) {
      sources.start();
    }
  }

  /** Waits until everything pushed before has been processed and sinks are flushed. */
  public void sync() {
    if (options.inline() && engine().isStarted()) {
      sources.drive();
    }
    engine().sync();
    if (persistence != null) {
      persistence.await();
    }
    for (SinkPump sink : sinkPumps.values()) {
      if (sink.failure() != null) {
        throw sink.failure();
      }
    }
    if (persistence != null) {
      persistence.requireNothingHeld();
    }
  }

  /** Waits until all connector sources that end by themselves have ended, then as {@link #sync}. */
  public void awaitSources() {
    if (sources.await()) {
      sync();
    }
  }

  /**
   * Stops everything and frees all memory. Again: does nothing.
   *
   * @throws LaminarException CONNECTOR_FAILED where a sink could not finish; all is closed then
   */
  @Override
  public void close() {
    close(true);
  }

  /**
   * As {@link #close()}.
   *
   * @param wholly whether a durable database takes in what was pushed, and takes a checkpoint; else it
   *     ends as if the process did
   */
  public void close(boolean wholly) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    boolean interrupted = Thread.interrupted(); // which is often why it is closed
    try {
      closeNow(wholly);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void closeNow(boolean wholly) {
    LaminarException notKept = wholly ? keepLast() : null;
    engine().close();
    if (persistence != null) {
      persistence.stop(false);
    }
    awaitStatements();
    spill.close();
    sources.close();
    if (persistence != null) {
      persistence.close();
    }
    if (rewind != null) {
      rewind.close();
    }
    List<SinkPump> working =
        sinkPumps.values().stream().filter(sink -> sink.failure() == null).toList();
    sinkPumps.values().forEach(SinkPump::close);
    queries.clear();
    catalog.snapshot().all().stream()
        .map(CatalogObject::store)
        .filter(Objects::nonNull)
        .forEach(TableStore::close);
    awaitMemory();
    try {
      allocator().close();
    } catch (IllegalStateException leak) {
      throw new LaminarException(
          ErrorCode.INTERNAL_ERROR, "memory was not freed: " + leak.getMessage(), leak);
    }
    for (SinkPump sink : working) {
      if (sink.failure() != null) {
        throw new LaminarException(
                ErrorCode.CONNECTOR_FAILED,
                "the database is closed, but "
                    + sink.name()
                    + " could not be finished: "
                    + sink.failure().problem(),
                sink.failure())
            .mend("Check what it has written.");
      }
    }
    if (notKept != null) {
      throw notKept;
    }
  }

  /** Takes in what was pushed, and a last checkpoint; why that could not be, or null. */
  private LaminarException keepLast() {
    if (persistence == null) {
      return null;
    }
    boolean settled = true;
    try {
      if (engine().isStarted()) {
        engine().sync();
      }
    } catch (LaminarException e) {
      settled = false; // somebody's rows are not taken: what has come in is in the journal
    }
    try {
      persistence.stop(settled);
      return null;
    } catch (LaminarException e) {
      return e;
    }
  }

  public synchronized boolean isClosed() {
    return closed;
  }

  /**
   * Runs a statement, which keeps {@link #close} from taking memory away under it.
   *
   * @throws LaminarException CLOSED
   */
  public <T> T whileOpen(Supplier<T> statement) {
    statements.readLock().lock();
    try {
      if (isClosed()) {
        throw new LaminarException(ErrorCode.CLOSED, "the database is closed.");
      }
      return statement.get();
    } finally {
      statements.readLock().unlock();
    }
  }

  /** Statements that began before are short, or fail as the engine is closed by now. */
  private void awaitStatements() {
    if (statements.getReadHoldCount() > 0) {
      return; // a listener of an inline statement closes
    }
    long timeoutNs = TimeUnit.MILLISECONDS.toNanos(CLOSE_TIMEOUT_MS);
    boolean ended =
        Uninterrupted.await(
            timeoutNs, nanos -> statements.writeLock().tryLock(nanos, TimeUnit.NANOSECONDS));
    if (ended) {
      statements.writeLock().unlock();
    }
  }

  /** Whoever is in the middle of a push or poll gives back what it holds. */
  private void awaitMemory() {
    WaitingTime waiting = new WaitingTime();
    while (allocator().getAllocatedMemory() > 0 && waiting.ns() < MEMORY_TIMEOUT_NS) {
      LockSupport.parkNanos(AWAIT_NS);
    }
  }

  // ---- Queries and sinks ----

  /** A name for a query that the catalog does not know. */
  public synchronized String anonymousName() {
    return ANONYMOUS + ++anonymous;
  }

  public RunningQuery query(String name) {
    return queries.get(key(name));
  }

  public List<RunningQuery> queries() {
    return new ArrayList<>(queries.values());
  }

  /** Whether a query that the catalog does not know, a live SELECT, reads an object. */
  public boolean hasLiveReader(String object) {
    return queries.entrySet().stream()
        .filter(query -> query.getKey().startsWith(ANONYMOUS))
        .flatMap(query -> query.getValue().planned().upstreams().stream())
        .anyMatch(object::equalsIgnoreCase);
  }

  public void addQuery(String name, RunningQuery query) {
    queries.put(key(name), query);
  }

  public RunningQuery removeQuery(String name) {
    return queries.remove(key(name));
  }

  public void addSinkPump(String sink, SinkPump pump) {
    sinkPumps.put(key(sink), pump);
  }

  /** Those of all sinks. */
  public Collection<SinkPump> sinkPumps() {
    return sinkPumps.values();
  }

  public SinkPump sinkPump(String sink) {
    return sinkPumps.get(key(sink));
  }

  public SinkPump removeSinkPump(String sink) {
    return sinkPumps.remove(key(sink));
  }

  /**
   * The contents of views and tables as of one moment, and behind them the rows of the open windows
   * of some; the caller closes the batches.
   *
   * @param lookups which rows of some of them are wanted, by name as declared
   * @param windowed those whose open windows are asked for
   */
  public List<List<Batch>> contents(
      List<String> views, Map<String, Lookup> lookups, List<String> windowed) {
    return engine()
        .contents(
            views.stream().map(view -> require(view).name()).toList(),
            lookups,
            windowed,
            allocator());
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * What is made on a thread of its own, so that opening does not wait for it: Arrow and slf4j search
   * the class path when they are first used.
   */
  private record Parts(RootAllocator allocator, Engine engine) {
    static Parts make(EngineOptions options, long memoryBudget) {
      RootAllocator allocator = new RootAllocator(memoryBudget);
      return new Parts(allocator, new Engine(options, allocator));
    }
  }
}
