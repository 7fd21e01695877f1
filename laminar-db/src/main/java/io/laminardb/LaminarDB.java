package io.laminardb;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.ConnectorFactory;
import io.laminardb.core.connector.Connectors;
import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.durable.History;
import io.laminardb.core.durable.SpillMode;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.durable.StorageProvider;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.aggregate.UserAggregate;
import io.laminardb.core.operator.scalar.UserFunction;
import io.laminardb.core.operator.scalar.UserTableFunction;
import io.laminardb.core.runtime.BatchListener;
import io.laminardb.core.runtime.EngineOptions;
import io.laminardb.core.runtime.Metrics;
import io.laminardb.core.runtime.OverflowPolicy;
import io.laminardb.core.time.Clock;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.Planning;
import io.laminardb.internal.database.StateSpill;
import io.laminardb.internal.database.Subscriptions.Kept;
import io.laminardb.internal.durable.Persistence;
import io.laminardb.internal.durable.Rewind;
import io.laminardb.internal.receive.Listeners;
import io.laminardb.internal.receive.PulledSubscription;
import io.laminardb.internal.receive.PushedSubscription;
import io.laminardb.internal.receive.RowPublisher;
import io.laminardb.internal.source.RecordSource;
import io.laminardb.internal.source.RecordTable;
import io.laminardb.internal.statement.StatementExecutor;
import io.laminardb.sql.catalog.CatalogObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * A streaming database in this process. Open it, define sources and continuous queries in SQL, push
 * rows, receive results.
 *
 * <pre>{@code
 * try (LaminarDB db = LaminarDB.open()) {
 *   db.execute("CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, ts BIGINT)");
 *   db.execute("CREATE STREAM highs AS SELECT symbol, MAX(price) AS high FROM trades"
 *       + " GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)");
 *   db.subscribe("highs", row -> System.out.println(row));
 *   db.start();
 *   db.source("trades").push("AAPL", 187.2, 1_700_000_000_000L);
 * }
 * }</pre>
 *
 * <p><b>Threading.</b> All methods may be called by any thread, except from a callback. Callbacks run
 * on the reactor's thread, or inline on the thread that pushes; they hold up the query as long as
 * they run.
 *
 * <p><b>Errors.</b> Every failure is a {@link LaminarException} with a stable {@link ErrorCode}.
 *
 * <p>Past 600 lines: it is the door to everything, and most of it is Javadoc.
 */
public final class LaminarDB implements AutoCloseable {
  private final Database database;
  private final StatementExecutor executor;
  private final Builder settings;

  private LaminarDB(Builder builder) {
    Connectors connectors = new Connectors(LaminarDB.class.getClassLoader());
    builder.connectors.forEach(connectors::register);
    Map<String, String> variables = new ConcurrentHashMap<>(builder.variables);
    Planning planning =
        new Planning(variables::get, builder.functions, builder.tableFunctions, builder.aggregates);
    database = new Database(builder.options, builder.memoryBudget, planning, connectors);
    executor =
        new StatementExecutor(
            database, variables, clock -> new LaminarDB(builder.inMemory(clock)).executor);
    settings = builder;
    Planning.warmUp(); // last: it would take the cores from what opening loads itself
    try {
      if (builder.storageDir != null) {
        database.keepIn(
            builder.storage().open(builder.storageDir, builder.storageOptions),
            builder.storageOptions,
            builder.spillSettings(),
            executor.kept(),
            builder.checkpointInterval,
            builder.durability);
      } else if (builder.spillDir != null) {
        database.spillTo(builder.storage().spill(builder.spillDir), builder.spillSettings());
      }
    } catch (RuntimeException | Error e) {
      database.close(false);
      throw e;
    }
  }

  /** A database inline in memory, as the one of {@code history} was at the moment {@code to} goes to. */
  private static LaminarDB replay(Builder settings, History history, Consumer<Rewind> to) {
    Rewind.MomentClock clock = new Rewind.MomentClock();
    LaminarDB db = null;
    boolean opened = false;
    try {
      db = new LaminarDB(settings.inMemory(clock));
      db.database.replay(history, db.executor.kept(), clock, to);
      opened = true;
      return db;
    } finally {
      if (!opened) {
        if (db != null) {
          db.database.close(false);
        }
        history.close();
      }
    }
  }

  private static StorageProvider storage() {
    return ServiceLoader.load(StorageProvider.class, LaminarDB.class.getClassLoader())
        .findFirst()
        .orElseThrow(
            () ->
                new LaminarException(
                        ErrorCode.NOT_SUPPORTED, "nothing here can keep a database on disk.")
                    .mend("Add the dependency io.laminardb:laminar-storage."));
  }

  /** A database in memory, with one reactor thread, that ends with this object. */
  public static LaminarDB open() {
    return builder().build();
  }

  /**
   * A database that is kept in a directory: what it held when it was open last, whatever ended it, is
   * there again. Statements that made objects need not be executed again; {@link #start()} goes on.
   *
   * @throws LaminarException STATE_DIR_LOCKED where it is open already; STATE_CORRUPT where what was
   *     acknowledged is damaged; NOT_SUPPORTED without the dependency laminar-storage
   */
  public static LaminarDB open(Path directory) {
    return builder().storageDir(directory).build();
  }

  /** A database with other settings. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A past moment of the database in a directory that nobody has open, or of a backup: {@code
   * LaminarDB.replay(dir).until(moment).open()}.
   */
  public static Replay replay(Path directory) {
    return new Replay(directory);
  }

  // ---- SQL ----

  /**
   * Executes one or several statements, separated by semicolons. The whole text is parsed first, so
   * that a syntax error executes nothing; statements before one that fails stay executed.
   *
   * @return a result for each statement; live rows in it are the caller's to close
   */
  public List<StatementResult> execute(String sql) {
    return executor.execute(sql);
  }

  /**
   * Executes one statement with values for its question marks, such as {@code INSERT INTO t VALUES (?,
   * ?)} or {@code DELETE FROM t WHERE id = ?}.
   *
   * @param parameters in order
   * @throws LaminarException PARAMETER_MISMATCH
   */
  public StatementResult execute(String sql, Object... parameters) {
    return executor.executeOne(sql, parameters);
  }

  /**
   * A statement to be executed many times, with other values for its question marks each time. It is
   * planned when it is first executed with values of some types, and again when what there is in the
   * database has changed; a plan that depends on the values themselves, as of {@code LIMIT ?}, is made
   * each time. Any thread.
   *
   * @throws LaminarException SYNTAX_ERROR
   */
  public PreparedStatement prepare(String sql) {
    return executor.prepare(sql);
  }

  /**
   * Executes one statement that answers rows: a SELECT (a consistent snapshot over views, live over
   * sources and streams), SUBSCRIBE, SHOW, DESCRIBE or EXPLAIN.
   *
   * @param parameters values of its question marks, in order
   */
  public Rows query(String sql, Object... parameters) {
    return executor.query(sql, parameters);
  }

  // ---- Rows in ----

  /**
   * A source to push rows to: its first partition, the same object every time.
   *
   * @throws LaminarException OBJECT_NOT_FOUND
   */
  public Source source(String name) {
    return database.sources().handle(name);
  }

  /**
   * A source that takes records, whose components are matched with columns by name ({@code tradeId}
   * is {@code trade_id}).
   *
   * @throws LaminarException OBJECT_NOT_FOUND, SCHEMA_MISMATCH
   */
  public <T> TypedSource<T> source(String name, Class<T> type) {
    return new RecordSource<>(database.sources().handle(name), type);
  }

  /**
   * A table to put rows into and take them out without SQL: the same object every time.
   *
   * @throws LaminarException OBJECT_NOT_FOUND
   */
  public Table table(String name) {
    return database.sources().table(name);
  }

  /**
   * A table that takes records, whose components are matched with columns by name.
   *
   * @throws LaminarException OBJECT_NOT_FOUND, SCHEMA_MISMATCH
   */
  public <T> TypedTable<T> table(String name, Class<T> type) {
    return new RecordTable<>(database.sources().table(name), type);
  }

  // ---- Rows out ----

  /** Follows a stream or view; its rows wait to be taken. */
  public Subscription subscribe(String name) {
    String object = nameOf(name);
    return database
        .sources()
        .following(
            object, closed -> new PulledSubscription(database.engine().pull(object), closed));
  }

  /**
   * As {@link #subscribe(String)}, with a buffer of {@code bufferRows} rows that drops the oldest,
   * and counts them, instead of holding the query back.
   */
  public Subscription subscribeLatest(String name, int bufferRows) {
    String object = nameOf(name);
    return database
        .sources()
        .following(
            object,
            closed ->
                new PulledSubscription(
                    database.engine().pull(object, OverflowPolicy.DROP_OLDEST, bufferRows),
                    closed));
  }

  /**
   * Follows a stream or view by a name: what was not acknowledged by that name waits for it, over the
   * end of the process. The first time this executes {@code CREATE SUBSCRIPTION name ON stream}.
   *
   * @throws LaminarException OBJECT_NOT_FOUND; OBJECT_EXISTS where the name follows another stream;
   *     OBJECT_IN_USE where somebody follows by this name already
   */
  public DurableSubscription subscribe(String name, Subscriber subscriber) {
    return executor.subscribe(name, subscriber.name());
  }

  /** Calls {@code listener} with every row; the row is valid until the call returns. */
  public Subscription subscribe(String name, Consumer<Row> listener) {
    return callback(name, Listeners.rows(schema(name), listener));
  }

  /** Calls {@code listener} with every row as a record; retractions are not told apart. */
  public <T> Subscription subscribe(String name, Class<T> type, Consumer<T> listener) {
    return callback(name, Listeners.records("\"" + name + "\"", schema(name), type, listener));
  }

  /**
   * Calls {@code listener} with every batch as an Arrow root over the engine's own memory. The root
   * is on loan until the call returns, mostly the same one each time, and only to be read: who keeps
   * rows copies them. Texts are plain ones, however they came in. A changelog's weights are its last
   * column, {@code __weight}.
   */
  public Subscription subscribeArrow(String name, Consumer<VectorSchemaRoot> listener) {
    return callback(name, Listeners.roots(database.allocator(), listener));
  }

  /** A stream or view as a publisher; each subscriber is served by a thread of its own. */
  public Flow.Publisher<Row> publisher(String name) {
    nameOf(name);
    return new RowPublisher(name, () -> subscribe(name));
  }

  private Subscription callback(String name, BatchListener listener) {
    String object = nameOf(name);
    return database
        .sources()
        .following(
            object,
            closed ->
                new PushedSubscription(database.engine().subscribe(object, listener), closed));
  }

  private String nameOf(String name) {
    return database.followed(name);
  }

  // ---- Life ----

  /** Begins to process what was pushed and what will be. Again: does nothing. */
  public void start() {
    database.start();
  }

  /** Whether {@link #start()} was called. */
  public boolean isStarted() {
    return database.engine().isStarted();
  }

  /**
   * Waits until everything pushed before has been processed: results are with the subscriptions,
   * callbacks have returned, sinks are flushed; in a durable database it is on disk.
   *
   * @throws LaminarException BACKPRESSURE when nothing moves because a subscription is full; the
   *     failure of a sink
   */
  public void sync() {
    database.sync();
  }

  /**
   * Waits until all sources that end by themselves (files that are not followed), and that somebody
   * reads, have been read and processed.
   *
   * @throws LaminarException the failure of a source or sink
   */
  public void awaitSources() {
    database.awaitSources();
  }

  /** Stops at once and frees all memory; sinks write what has reached them. Never hangs. */
  @Override
  public void close() {
    database.close();
  }

  // ---- Insight ----

  /** The columns of a source, stream or view, hidden ones included. */
  public Schema schema(String name) {
    return database.require(name).schema();
  }

  /** All counters, as of one moment between two batches. */
  public Metrics metrics() {
    return database.engine().metrics();
  }

  /** How much memory the database holds off the heap; waits for a checkpoint that is being written. */
  public MemoryUse memoryUse() {
    return new MemoryUse(database.allocator().getAllocatedMemory(), database.storageBytes());
  }

  /** Whether a connector may bring more rows of a source: somebody reads it, and it has not ended. */
  public boolean isFed(String name) {
    var pump = database.sources().pump(database.require(name).name());
    return pump != null && pump.isRunning();
  }

  /** Progress of a connector source: bytes read so far and in all (-1 if unknown); null for others. */
  public long[] sourceProgress(String name) {
    var pump = database.sources().pump(database.require(name).name());
    return pump == null ? null : new long[] {pump.bytesRead(), pump.bytesTotal()};
  }

  /**
   * Writes the state of everything to disk, so that opening takes up from there. Returns when it is
   * durable; data flows meanwhile, but for a moment. Durable databases do so by themselves, see {@link
   * Builder#checkpoint}.
   *
   * @throws LaminarException NOT_SUPPORTED in memory; BACKPRESSURE where a subscription is full; IO_ERROR
   */
  public CheckpointInfo checkpoint() {
    return database.checkpoint();
  }

  /**
   * Writes a backup into another directory, while data flows: {@link #open(Path)} of it gives the
   * database with everything the engine has taken in by now; {@link #sync()} first lets that be all that
   * was pushed. Files that never change are linked where the disk allows it. Blocks; durable when it
   * returns.
   *
   * @param target does not exist, or is empty; after a failure it is as before
   * @throws LaminarException NOT_SUPPORTED in memory; IO_ERROR, also where the target is taken
   */
  public BackupInfo backup(Path target) {
    return database.backup(requireNonNull(target, "target"));
  }

  /**
   * Reads every byte of a database's directory, or of a backup, and compares it with its checksums.
   * Nothing is changed.
   *
   * @throws LaminarException STATE_DIR_LOCKED where it is open; IO_ERROR where there is none
   */
  public static StorageReport check(Path directory) {
    return storage().check(requireNonNull(directory, "directory"));
  }

  /**
   * In a {@linkplain #replay replay}, takes in the next record; results are with the subscriptions when
   * it returns.
   *
   * @return what it was; null at the end
   * @throws LaminarException NOT_SUPPORTED where this is no replay; BACKPRESSURE where a subscription is
   *     full: the replay cannot go on then
   */
  public ReplayStep step() {
    return database.rewind().step();
  }

  /**
   * In a {@linkplain #replay replay}, the record that was taken in last; null where that was before the
   * checkpoint it began with.
   *
   * @throws LaminarException NOT_SUPPORTED where this is no replay
   */
  public ReplayStep replayed() {
    return database.rewind().last();
  }

  /**
   * Computes a materialized view, or the rows of a table, once more from everything that ever came in, in
   * a fresh engine, and compares that with what is there; of a stream, with the rows that durable
   * subscriptions keep, number by number. The database goes on meanwhile; checkpoints wait.
   * Needs {@link Builder#retainHistory history} from the beginning, and as much memory once more.
   *
   * @return the first row that is otherwise, or null where there is none
   * @throws LaminarException NOT_SUPPORTED in memory, for what keeps no rows, and for what is made of rows
   *     that are in no journal; INVALID_OPTION where the history does not reach back to the beginning
   */
  public Difference verify(String name) {
    CatalogObject object = database.require(name);
    Persistence persistence = database.persistence();
    if (persistence == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "a database in memory has no history to verify by.")
          .mend("Open it with a directory: LaminarDB.builder().storageDir(path).");
    }
    List<String> followers =
        database.subscriptions().of(object.name()).stream().map(Kept::name).toList();
    Verification.require(
        database.catalog().snapshot(), object, !followers.isEmpty(), settings.durability);
    if (Verification.holdsRows(object)) {
      String select = "SELECT * FROM \"" + object.name().replace("\"", "\"\"") + "\"";
      return verify(persistence, db -> db.query(select).drain(), Verification::first);
    }
    Function<LaminarDB, List<NavigableMap<Long, Row>>> kept =
        db ->
            followers.stream()
                .map(follower -> Verification.numbered(db.database.engine().keptRows(follower)))
                .toList();
    return verify(
        persistence,
        kept,
        (expected, found) ->
            IntStream.range(0, followers.size())
                .mapToObj(i -> Verification.firstOfNumbered(expected.get(i), found.get(i)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null));
  }

  /** Compares what can be seen now with what a fresh engine makes of everything that came in. */
  private <T> Difference verify(
      Persistence persistence, Function<LaminarDB, T> look, BiFunction<T, T, Difference> compare) {
    Persistence.Sight<T> present = persistence.look(() -> look.apply(this));
    T computed =
        persistence.read(
            history -> {
              try (LaminarDB again =
                  replay(settings, history, rewind -> rewind.fromBeginning(present.position()))) {
                return look.apply(again);
              }
            });
    return compare.apply(computed, present.seen());
  }

  /** The checkpoints that are kept, oldest first; none in memory. */
  public List<CheckpointInfo> checkpoints() {
    return database.checkpoints();
  }

  /** Ends as if the process did; for tests. */
  void crash() {
    database.close(false);
  }

  /** Writes the state of every operator to bytes and rebuilds it from them; for tests. */
  void rebuildState() {
    database.engine().rebuild();
  }

  /** Settings of a database to be opened. */
  public static final class Builder {
    private EngineOptions options = EngineOptions.DEFAULT;
    private long memoryBudget = Math.max(256L << 20, 2 * Runtime.getRuntime().maxMemory());
    private final Map<String, String> variables = new ConcurrentHashMap<>();
    private final List<ConnectorFactory> connectors = new ArrayList<>();
    private final List<UserFunction> functions = new ArrayList<>();
    private final List<UserTableFunction> tableFunctions = new ArrayList<>();
    private final List<UserAggregate> aggregates = new ArrayList<>();
    private Path storageDir;
    private StorageProvider storage; // or null for the one that is found
    private StorageOptions storageOptions = StorageOptions.DEFAULT;
    private Duration checkpointInterval = Duration.ofSeconds(10);
    private DurabilityMode durability = DurabilityMode.ASYNC;
    private Path spillDir;
    private SpillMode stateSpill = SpillMode.ROCKSDB;
    private boolean spillsAlways;

    private Builder() {}

    /** Lets all state that can spill do so between any two batches; for tests. */
    void spillAlways() {
      spillsAlways = true;
    }

    private StateSpill.Settings spillSettings() {
      return new StateSpill.Settings(stateSpill, spillsAlways ? 0 : memoryBudget);
    }

    /** These settings for a database in memory that runs inline. */
    private Builder inMemory(Clock clock) {
      Builder copy = new Builder();
      copy.options = options.withInline(true).withClock(clock);
      copy.memoryBudget = memoryBudget;
      copy.spillDir = storageDir == null ? null : spillDir; // nobody else uses it
      copy.stateSpill = stateSpill;
      copy.variables.putAll(variables);
      copy.connectors.addAll(connectors);
      copy.functions.addAll(functions);
      copy.tableFunctions.addAll(tableFunctions);
      copy.aggregates.addAll(aggregates);
      return copy;
    }

    /** Either of position and moment, or neither. */
    LaminarDB replay(Path directory, Long position, Instant moment) {
      return LaminarDB.replay(
          this,
          storage().history(directory),
          rewind -> {
            if (position != null) {
              rewind.to(position);
            } else if (moment != null) {
              rewind.to(moment);
            } else {
              rewind.toEnd();
            }
          });
    }

    /** Runs queries on the threads that push; for lowest latency, and for tests. */
    public Builder inline() {
      options = options.withInline(true);
      return this;
    }

    /** Lets the reactor thread spin rather than sleep when idle: a core for lower latency. */
    public Builder spinning() {
      options = options.withSpinning(true);
      return this;
    }

    /**
     * How many reactors share the work; 1 for now.
     *
     * @throws LaminarException NOT_SUPPORTED for more than one
     */
    public Builder cores(int count) {
      if (count != 1) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED, count + " reactors are not supported yet.")
            .mend("Use cores(1).");
      }
      return this;
    }

    /** Where processing time comes from. */
    public Builder clock(Clock clock) {
      options = options.withClock(requireNonNull(clock, "clock"));
      return this;
    }

    /** What {@code ${name}} stands for in string literals; else the environment is asked. */
    public Builder variable(String name, String value) {
      variables.put(name, value);
      return this;
    }

    /**
     * Bytes off the heap the database may use; twice the maximal heap unless set. State that does not fit
     * spills to disk where there is a {@link #storageDir} or a {@link #spillDir}, and otherwise its query
     * fails with MEMORY_BUDGET_EXCEEDED.
     */
    public Builder memoryBudget(long bytes) {
      if (bytes <= 0) {
        throw new LaminarException(
                ErrorCode.INVALID_OPTION, "memoryBudget is " + bytes + ", must be positive.")
            .mend("Give it in bytes.");
      }
      memoryBudget = bytes;
      return this;
    }

    /**
     * A directory that state may spill to which does not fit into the {@link #memoryBudget}: a folder of
     * it is used, and deleted when the database is closed. A database with a {@link #storageDir} spills
     * into that, and needs none; its replays do. Without either all state stays in memory.
     */
    public Builder spillDir(Path directory) {
      spillDir = requireNonNull(directory, "directory");
      return this;
    }

    /**
     * Whether state spills, where there is a directory for it; ROCKSDB unless set. {@code SET
     * state.spill} says otherwise for queries to come.
     */
    public Builder stateSpill(SpillMode mode) {
      stateSpill = requireNonNull(mode, "mode");
      return this;
    }

    /** Rows a source's ring holds before {@code push} waits; 65,536 unless set. */
    public Builder ringRows(int rows) {
      options = options.withRingRows(rows);
      return this;
    }

    /** Rows a batch of results holds at most; 4,096 unless set. */
    public Builder batchRows(int rows) {
      options = options.withBatchRows(rows);
      return this;
    }

    /** Rows a pull subscription holds before it holds its query back; 1,048,576 unless set. */
    public Builder subscriptionRows(int rows) {
      options = options.withPullRows(rows);
      return this;
    }

    /** How long {@code sync} and {@code push} wait while nothing moves; 10 s unless set. */
    public Builder stallTimeout(Duration timeout) {
      options = options.withStallTimeout(timeout);
      return this;
    }

    /** Adds a connector that is not found by ServiceLoader. */
    public Builder registerConnector(ConnectorFactory factory) {
      connectors.add(requireNonNull(factory, "factory"));
      return this;
    }

    /**
     * Makes a scalar function of Java one of SQL, with the types of the interface {@code signature}:
     * {@code registerFunction("vat", DoubleUnaryOperator.class, net -> net * 1.19)}. Its method may
     * take and give boolean, int, long, float, double, String, byte[], BigDecimal, LocalDate,
     * LocalDateTime and Instant; primitive values are not boxed. It must answer the same for the same
     * arguments, and is called on the reactor: it must not block. Where an argument is NULL it is not
     * called, and the result is NULL. An exception fails the query, or the row where the query has
     * {@code on_error = 'skip'}.
     *
     * @param name in SQL, in any case; the first statement fails where it is taken
     * @throws LaminarException INVALID_OPTION for a signature that SQL has no types for
     */
    public <F> Builder registerFunction(String name, Class<F> signature, F function) {
      functions.add(UserFunction.of(name, signature, function));
      return this;
    }

    /**
     * As {@link #registerFunction(String, Class, Object)}, of an object whose public class has one
     * public method: that is the function.
     */
    public Builder registerFunction(String name, Object function) {
      functions.add(UserFunction.of(name, function));
      return this;
    }

    /**
     * Makes a method of Java a table function of SQL, which gives any number of rows for one: {@code
     * FROM orders o, LATERAL TABLE(parts(o.text)) AS p}. The last parameter of the method is an
     * interface that takes the rows; its one method has a parameter for each column, and is called
     * for each row. The interface may be the user's own or one of Java's:
     *
     * <pre>{@code
     * public interface Word { void row(String word, int place); }
     * public interface Words { void split(String text, Word rows); }
     *
     * builder.registerTableFunction("words", Words.class, (text, rows) -> {
     *   int place = 0;
     *   for (String word : text.split(" ")) {
     *     rows.row(word, ++place);
     *   }
     * }, "word", "place");
     *
     * public interface Digits { void of(long number, LongConsumer rows); }
     * }</pre>
     *
     * <p>Types are those of {@link #registerFunction(String, Class, Object)}; a column may also be an
     * Integer, Long or another class of Java for a primitive type, then null is NULL, as it is for
     * String and the like. Columns of primitive types cost no allocation. The interface takes rows
     * only during the call, on the thread of the call.
     *
     * <p>The method is called on the reactor, once for each row of the query: it must not block. Where
     * an argument is NULL it is not called, and there are no rows. All rows of one call are held in
     * memory until they are passed on, a gigabyte at most. A row that is taken back calls the
     * function again, and takes back what it gives then: it must give the same rows for the same
     * arguments, or results over a changelog keep rows that are no longer there, and aggregates count
     * wrongly. An exception fails the query, or the row where the query has {@code on_error =
     * 'skip'}; then none of the rows of that call exist.
     *
     * @param name in SQL, in any case; the first statement fails where it is taken
     * @param columns names of the columns; if there are none, of the parameters of the interface's
     *     method, where its class was compiled with {@code -parameters}, or else {@code column1} and
     *     so on; the only column is called as the function is
     * @throws LaminarException INVALID_OPTION for a signature that SQL has no types for
     */
    public <F> Builder registerTableFunction(
        String name, Class<F> signature, F function, String... columns) {
      tableFunctions.add(UserTableFunction.of(name, signature, function, List.of(columns)));
      return this;
    }

    /**
     * As {@link #registerTableFunction(String, Class, Object, String...)}, of an object whose public
     * class has one public method: that is the function.
     */
    public Builder registerTableFunction(String name, Object function, String... columns) {
      tableFunctions.add(UserTableFunction.of(name, function, List.of(columns)));
      return this;
    }

    /**
     * Makes a class an aggregate function of SQL: an object of it is the state of a group, its public
     * method {@code add} takes a row in and {@code result} gives the result. With {@code retract}, of
     * the same arguments as {@code add}, it takes rows back, else it is refused over changelogs; with
     * {@code merge}, of another object, panes and sessions are merged. Types are those of {@link
     * #registerFunction(String, Class, Object)}; primitive values are not boxed. The class is public,
     * with a public constructor without arguments, and {@link java.io.Serializable} for snapshots. Rows
     * with a NULL among the arguments do not count; a group without any gives NULL. A method that
     * throws must not have changed the object: the error names the function and the row.
     *
     * @param name in SQL, in any case; the first statement fails where it is taken
     * @throws LaminarException INVALID_OPTION for a class that is not such
     */
    public Builder registerAggregate(String name, Class<?> state) {
      aggregates.add(UserAggregate.of(name, state));
      return this;
    }

    /** As {@link #registerAggregate(String, Class)}, made from lambdas. */
    public Builder registerAggregate(String name, Aggregate<?> aggregate) {
      aggregates.add(aggregate.named(name));
      return this;
    }

    private StorageProvider storage() {
      return storage == null ? LaminarDB.storage() : storage;
    }

    /** Keeps the database by another provider, with other sizes; for tests. */
    Builder storage(StorageProvider provider, StorageOptions storageSizes) {
      storage = provider;
      storageOptions = storageSizes;
      return this;
    }

    /** The directory a database is kept in; without, it is in memory. */
    public Builder storageDir(String directory) {
      return storageDir(Path.of(directory));
    }

    /** The directory a database is kept in; without, it is in memory. */
    public Builder storageDir(Path directory) {
      storageDir = requireNonNull(directory, "directory");
      return this;
    }

    /** When a durable database takes checkpoints: every 10 s unless set, if there was anything new. */
    public Builder checkpoint(CheckpointConfig config) {
      checkpointInterval = config.interval();
      storageOptions = storageOptions.withKeptCheckpoints(config.kept());
      return this;
    }

    /**
     * When rows pushed to a durable database are on disk; ASYNC unless set. A source may say otherwise:
     * {@code WITH (durability = 'sync')}. {@link LaminarDB#sync()} waits in any mode.
     */
    public Builder durability(DurabilityMode newDurability) {
      durability = requireNonNull(newDurability, "durability");
      return this;
    }

    /**
     * How long the input of a durable database is kept behind its checkpoints, and about ten older
     * checkpoints with it, so that {@link LaminarDB#replay} reaches any moment of it; not at all unless
     * set. Rows of files are then kept, too, instead of places in them.
     */
    public Builder retainHistory(Duration history) {
      storageOptions = storageOptions.withRetainHistory(history);
      return this;
    }

    /**
     * Opens a durable database even where damage has lost what was acknowledged: with what is whole. A
     * warning in the log says what was lost.
     */
    public Builder acceptLoss() {
      storageOptions = storageOptions.withAcceptLoss(true);
      return this;
    }

    /**
     * Opens the database.
     *
     * @throws LaminarException as {@link LaminarDB#open(Path)}
     */
    public LaminarDB build() {
      return new LaminarDB(this);
    }
  }
}
