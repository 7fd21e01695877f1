package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.changelog.TableChange;
import io.laminardb.core.reactor.Parking;
import io.laminardb.core.reactor.Reactor;
import io.laminardb.core.state.SpillSpace;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * Runs sources, queries and subscriptions: on a reactor thread, or inline on the threads that push.
 *
 * <p>Control methods may be called by any thread but a listener's; they take effect between two
 * batches, while data flows. Rows pushed before {@link #start()} wait in their handles.
 *
 * <p>All memory comes from the allocator given, which is the caller's to close, after the engine.
 *
 * <p>Past 600 lines: it is the one list of what may be asked of a running graph, each entry short.
 */
public final class Engine implements AutoCloseable {
  private static final long CLOSE_TIMEOUT_MS = 5_000;

  private final EngineOptions options;
  private final Reactor reactor;
  private final Parking parking; // of its thread
  private final ReactorContext context;
  private final RunningObjects objects;
  private final List<SourceHandle> handles = new CopyOnWriteArrayList<>();
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private volatile boolean started;
  private volatile boolean closed;
  private final Waits waits;
  private Durability durability; // or null

  /**
   * An engine that does not run yet.
   *
   * @param allocator where all memory comes from; budgeted by the caller
   */
  public Engine(EngineOptions options, BufferAllocator allocator) {
    this.options = options;
    AtomicReference<Throwable> broken = new AtomicReference<>();
    reactor = new Reactor("laminar-reactor-0", options.clock(), options.spinning(), broken::set);
    parking = reactor.parking();
    context = new ReactorContext(options, allocator, reactor);
    objects = new RunningObjects(context);
    waits = new Waits(context, broken);
  }

  // ---- Control ----

  /** Begins to run what was pushed and what will be. Again: does nothing. */
  public void start() {
    checkOpen();
    if (!started) {
      if (durability != null) {
        durability.begin();
      } else {
        control(
            () -> {
              objects.start();
              return null;
            });
      }
      started = true;
      if (options.inline()) {
        reactor.drive();
      } else {
        reactor.startThread();
      }
    }
  }

  /**
   * Lets the engine write down what it takes in, so that it can be had back; before anything else is
   * done with it.
   *
   * @param mode of sources that do not say one
   */
  public Durability makeDurable(DurabilityMode mode) {
    durability = new Durability(context, objects, waits, mode);
    return durability;
  }

  /**
   * Lets the operators of queries to come spill state that memory has no room for.
   *
   * @param space where to, or null for nowhere; its store is the caller's to close, after the engine
   */
  public void spillTo(SpillSpace space) {
    control(
        () -> {
          context.spilling = space == null ? null : new Spilling(context, space);
          return null;
        });
  }

  /** Whether it writes down what it takes in. */
  public boolean isDurable() {
    return durability != null;
  }

  /** Whether {@link #start()} was called. */
  public boolean isStarted() {
    return started;
  }

  /**
   * Creates a source without handles. Its intake, where it has one, is a query of the same name.
   * Errors: OBJECT_EXISTS.
   */
  public void createSource(SourceOptions source) {
    control(
        () -> {
          objects.addSource(source);
          return null;
        });
  }

  /**
   * Lets the watermark of a source follow a column from its next row on.
   *
   * @param column index of a TIMESTAMP, or of a BIGINT of epoch milliseconds
   */
  public void setTime(String source, int column, long delayNs) {
    waits.until(
        () ->
            control(
                () -> {
                  SourceTask task = objects.source(source);
                  boolean ready =
                      durability == null || durability.timeSet(task.id, column, delayNs);
                  if (ready) {
                    task.timeAttribute(column, delayNs);
                  }
                  return ready;
                }),
        "the time of source \"" + source + "\" is to be set");
  }

  /**
   * Changes the content of a table, whole or not at all, as of one moment between two batches. What
   * was pushed through handles before has been taken; when this returns, the change has gone through
   * the queries that read the table, unless one of them is held back.
   *
   * @param reads names of what the change is made of
   * @param lookups which rows of those it needs, by name; all where there is none
   * @param change makes it of their contents, which it closes; called once. The engine closes what it
   *     makes
   * @return the number of rows added
   * @throws LaminarException NOT_STARTED, DUPLICATE_KEY, what {@code change} throws, BACKPRESSURE as
   *     long as an earlier change is held back; nothing has changed then
   */
  public long write(
      String table,
      List<String> reads,
      Map<String, Lookup> lookups,
      Function<List<List<Batch>>, TableChange> change) {
    if (!started) {
      throw new LaminarException(
              ErrorCode.NOT_STARTED, "table \"" + table + "\" cannot be written to yet.")
          .mend("Call start() first.");
    }
    SourceTask target = control(() -> objects.source(table));
    SyncPoint pushed =
        new SyncPoint(handles.stream().filter(handle -> handle.source == target).toList());
    waits.untilInterrupted(pushed::isReached, "rows wait in table \"" + table + "\"");
    List<String> names = new ArrayList<>(reads);
    names.add(table);
    long rows =
        settled(names, target::mayBeWritten, () -> objects.write(target, reads, lookups, change));
    waits.letPass(target::isPending);
    if (durability != null) {
      durability.written(target);
    }
    return rows;
  }

  /**
   * Opens a way into a source: a partition that had a handle before the engine was opened, else a new
   * one. Errors: OBJECT_NOT_FOUND, SOURCE_ENDED.
   */
  public SourceHandle openHandle(String source) {
    AtomicReference<SourceHandle> opened = new AtomicReference<>();
    waits.until(() -> control(() -> openHandle(source, opened)), "a partition is to be added");
    return opened.get();
  }

  private boolean openHandle(String source, AtomicReference<SourceHandle> opened) {
    SourceTask task = objects.source(source);
    Partition partition = task.partitionWithoutHandle();
    if (partition == null) {
      if (task.isEnded()) {
        throw new LaminarException(ErrorCode.SOURCE_ENDED, "source \"" + source + "\" has ended.");
      }
      if (durability != null && !durability.handleOpened(task.id)) {
        return false;
      }
      partition = objects.addPartition(task);
    }
    partition.hasHandle = true;
    SourceHandle handle = new SourceHandle(this, task, partition);
    handles.add(handle);
    opened.set(handle);
    return true;
  }

  /** Where the connector that writes to a handle goes on; null where nothing is kept. */
  SourceHandle.Place place(SourceHandle handle) {
    Partition partition = handle.partition;
    return durability == null
        ? null
        : control(
            () -> {
              partition.offsets = new ConcurrentLinkedQueue<>();
              return new SourceHandle.Place(
                  partition.offset, partition.rowsBehindOffset, partition.ended);
            });
  }

  /**
   * Says that the rows of a source are read for another demand soon: those who begin to read it from
   * now on see no row before. The producer tells by {@link SourceHandle#nextDemand} where that is, once
   * for every number; there is one producer, whose handle does not drop rows.
   *
   * @param number of the demand, the first being 0; a smaller one than before changes nothing
   */
  public void demand(String source, long number) {
    control(
        () -> {
          StreamOutput output = objects.source(source).output;
          output.demanded(Math.max(output.demanded(), number));
          return null;
        });
  }

  /** Drops a source and what waits in its handles. Errors: OBJECT_IN_USE while queries read it. */
  public void dropSource(String name) {
    SourceTask task =
        control(
            () -> {
              SourceTask source = objects.source(name);
              objects.checkUnused(objects.stream(name));
              return source;
            });
    // Not between batches: a producer that waits for room has to be let out first.
    for (SourceHandle handle : handles) {
      if (handle.source == task && handle.shut(CLOSE_TIMEOUT_MS)) {
        handles.remove(handle);
      }
    }
    control(
        () -> {
          objects.removeSource(task);
          return null;
        });
  }

  /**
   * Adds a query, while data flows. It sees what its inputs give from now on, after the present
   * content of those that are kept. Where the engine runs, this returns when it has seen that content
   * and said what is true without input, so that who asks next gets an answer.
   *
   * @throws LaminarException OBJECT_EXISTS, OBJECT_NOT_FOUND for an input, or what an operator throws
   *     when it is made; nothing has changed then
   */
  public void attach(OperatorGraph graph, QueryOptions queryOptions) {
    attach(graph, queryOptions, List.of());
  }

  /**
   * As above, unless one of the queries it shares has had rows already that it would miss.
   *
   * @param untouched names of queries that no row may have come to
   * @return false where that is so; nothing has changed then
   */
  public boolean attach(OperatorGraph graph, QueryOptions queryOptions, List<String> untouched) {
    Query attached =
        settled(
            graph.streams(),
            () ->
                untouched.stream().allMatch(name -> objects.query(name).isUntouched())
                    ? objects.add(graph, queryOptions)
                    : null);
    awaitOpening(attached);
    return attached != null;
  }

  /** What was started once is opened at once, also before {@link #start()} is called again. */
  private void awaitOpening(Query query) {
    if (query == null) {
      return;
    }
    if (started) {
      waits.letPass(query::isStarting);
    } else if (durability != null && durability.isBegun()) {
      reactor.drive();
    }
  }

  /**
   * Makes a part of a query a query of its own, which others can read as well. Whoever reads the query
   * notices nothing.
   *
   * @param part the graph of the new query
   * @param rest the graph of the query, of the same name, that reads it
   * @param stateless whether no operator of the query keeps anything
   * @return false where the query has state of rows already, or is at work; nothing has changed then
   */
  public boolean split(OperatorGraph part, OperatorGraph rest, boolean stateless) {
    Query replacement =
        settled(
            part.streams(),
            () -> {
              Query query = objects.query(rest.name());
              return query.isReplaceable() && (stateless || query.isUntouched())
                  ? objects.split(query, part, rest)
                  : null;
            });
    awaitOpening(replacement);
    return replacement != null;
  }

  /**
   * Lets a query take the place of the one of its name, while data flows. Operators that do the same to
   * the same rows go on with what they know.
   *
   * @param continued whether who reads it goes on: it gets what changes, and then the rows of the new
   *     query; {@link ReplacementPlan#cut} says whether that can be. Otherwise there is no reader but
   *     subscriptions, which end
   * @param rebuilt what operators know that do not go on, of an engine that has taken in as much; null
   *     where they begin anew
   * @throws LaminarException as {@link #attach}; OBJECT_IN_USE while a reader cannot go on; nothing has
   *     changed then
   */
  public void replace(
      OperatorGraph graph, QueryOptions queryOptions, boolean continued, RebuiltQuery rebuilt) {
    if (rebuilt != null && durability != null) {
      durability.begins(rebuilt);
    }
    List<String> names = new ArrayList<>(graph.streams());
    names.add(graph.name());
    Query query =
        settled(
            names,
            () -> objects.query(graph.name()).isAtRest(),
            () -> objects.replace(graph, queryOptions, continued, rebuilt));
    awaitOpening(query);
  }

  /**
   * What {@link #replace} would make of the query of this name. Errors: OBJECT_NOT_FOUND.
   *
   * @param rebuilt whether what does not go on is rebuilt
   */
  public ReplacementPlan replacement(OperatorGraph graph, boolean rebuilt) {
    return control(() -> objects.replacement(graph, rebuilt));
  }

  /**
   * What was rebuilt for the statement that is executed again, which puts a query in the place of another
   * one; null where nothing was, or nothing is executed again.
   */
  public RebuiltQuery rebuiltThen() {
    return durability == null ? null : durability.rebuiltThen();
  }

  /**
   * What a query knows by now, for {@link #replace} of another engine; null where it has not begun.
   *
   * @throws LaminarException what the query has failed of; OBJECT_NOT_FOUND
   */
  public RebuiltQuery rebuilt(String name) {
    return control(() -> RebuiltQuery.of(objects.query(name)));
  }

  /** Whether a late reader of a stream can be told all that may be taken back. */
  public boolean tells(String name) {
    return control(() -> Replacement.tells(objects.stream(name)));
  }

  /** Whether no row has come to a query yet. Errors: OBJECT_NOT_FOUND. */
  public boolean isUntouched(String name) {
    return control(() -> objects.query(name).isUntouched());
  }

  /** Drops a query and frees its memory. Errors: OBJECT_IN_USE while other queries read it. */
  public void detach(String name) {
    control(
        () -> {
          objects.remove(objects.query(name));
          return null;
        });
  }

  /** Whether there is a source, query or side stream of this name. */
  public boolean has(String name) {
    return control(() -> objects.has(name));
  }

  /** The rows of a stream. Errors: OBJECT_NOT_FOUND. */
  public Schema schema(String name) {
    return control(() -> objects.stream(name).schema);
  }

  // ---- Receiving ----

  /**
   * Sends the rows of a stream to a listener, after the present content where that is kept. Errors:
   * OBJECT_NOT_FOUND.
   */
  public CallbackSubscription subscribe(String name, BatchListener listener) {
    return settled(
        List.of(name),
        () -> {
          StreamOutput stream = objects.stream(name);
          CallbackSubscription subscription = new CallbackSubscription(this, stream, listener);
          connect(stream, RunningObjects.present(stream, context.allocator), subscription);
          return subscription;
        });
  }

  /** As {@link #pull(String, OverflowPolicy, int)}, blocking, with the engine's number of rows. */
  public PullSubscription pull(String name) {
    return pull(name, OverflowPolicy.BLOCK, options.pullRows());
  }

  /**
   * Lets the rows of a stream wait to be taken, after the present content where that is kept; memory
   * is allocated as rows come. Errors: OBJECT_NOT_FOUND.
   *
   * @param capacityRows after how many rows the policy acts
   */
  public PullSubscription pull(String name, OverflowPolicy policy, int capacityRows) {
    return settled(
        List.of(name),
        () -> {
          StreamOutput stream = objects.stream(name);
          List<Batch> first = RunningObjects.present(stream, context.allocator);
          long rows = first.stream().mapToLong(Batch::size).sum();
          int capacity = (int) Math.max(capacityRows, Math.min(1 << 30, rows));
          PullSubscription subscription =
              new PullSubscription(this, stream, policy, capacity, context);
          connect(stream, first, subscription);
          return subscription;
        });
  }

  /**
   * The present contents of streams that keep them, all as of one moment between two batches.
   *
   * @param target where the copies' memory comes from; the caller closes the batches
   * @throws LaminarException OBJECT_NOT_FOUND, NOT_SUPPORTED where a content is not kept, or why one has stopped
   *     to change
   */
  public List<List<Batch>> contents(List<String> names, BufferAllocator target) {
    return contents(names, Map.of(), List.of(), target);
  }

  /**
   * As above, of some only the rows that are wanted, and, behind the contents, the rows that the open windows of some streams would have if
   * they closed now.
   *
   * @param lookups which rows are wanted, by name; all where there is none
   * @param windowed queries that group by windows, and at most filter and project the groups
   */
  public List<List<Batch>> contents(
      List<String> names,
      Map<String, Lookup> lookups,
      List<String> windowed,
      BufferAllocator target) {
    return settled(names, () -> objects.contents(names, lookups, windowed, target));
  }

  /** Rows there are now of a source or table that knows them; 0 of others. */
  public long presentRows(String name) {
    return control(() -> objects.presentRows(name));
  }

  /**
   * Keeps the rows of a table or view by some of their columns, so that a {@link Lookup} reads only
   * those it wants. A table with a key keeps a second copy of its rows from then on. It stays until
   * {@link #dropIndex} was called as often.
   */
  public void createIndex(String name, List<Integer> columns) {
    settled(
        List.of(name),
        () -> {
          objects.createIndex(name, columns);
          return null;
        });
  }

  /** Takes back {@link #createIndex}. Does nothing where there is none. */
  public void dropIndex(String name, List<Integer> columns) {
    control(
        () -> {
          objects.dropIndex(name, columns);
          return null;
        });
  }

  /**
   * Creates a subscription that stays until it is dropped, whoever reads it: it keeps the rows of a
   * stream, after the present content where there is one, until they are acknowledged. When as many as
   * {@link EngineOptions#pullRows} wait it holds back what gives it rows. Errors: OBJECT_EXISTS,
   * OBJECT_NOT_FOUND.
   */
  public void createSubscription(String name, String stream) {
    KeptSubscription created =
        settled(List.of(stream), () -> objects.addSubscription(name, stream));
    if (durability != null) {
      durability.begun(created);
    }
  }

  /** Drops a subscription with the rows it keeps; its reader gets no more. Errors: OBJECT_NOT_FOUND. */
  public void dropSubscription(String name) {
    control(
        () -> {
          objects.removeSubscription(name);
          return null;
        });
    driveInline(); // rows may have waited for room
  }

  /**
   * Reads a subscription from the first row on that is not acknowledged; what made it is on disk then.
   * Errors: OBJECT_NOT_FOUND, OBJECT_IN_USE while there is another reader.
   */
  public SubscriptionReader openSubscription(String name) {
    if (durability != null) {
      durability.await(durability.position());
    }
    return control(
        () -> {
          KeptSubscription subscription = objects.subscription(name);
          if (subscription.reader != null) {
            throw new LaminarException(
                    ErrorCode.OBJECT_IN_USE, subscription.name() + " is followed already.")
                .mend("Close the one that follows it, or subscribe by another name.");
          }
          subscription.reader = new SubscriptionReader(this, subscription);
          return subscription.reader;
        });
  }

  /** The reader has gone. */
  void letGo(KeptSubscription subscription, SubscriptionReader reader) {
    if (!closed) {
      control(
          () -> {
            if (subscription.reader == reader) {
              subscription.reader = null;
            }
            return null;
          });
    }
  }

  /** Rows of a subscription, from a number on that it has; waits until they are on disk. */
  Batch take(KeptSubscription subscription, long next) {
    Batch rows;
    while ((rows = control(() -> subscription.take(next))) == null) {
      durability.await(control(subscription::awaited));
    }
    return rows;
  }

  /** Rows of a subscription are done with. */
  void acknowledge(KeptSubscription subscription, long number) {
    if (durability != null) {
      durability.acknowledge(subscription, number);
    } else {
      control(
          () -> {
            subscription.acknowledge(number);
            return null;
          });
    }
    driveInline(); // rows may have waited for room
  }

  /** The rows that a subscription keeps. Errors: OBJECT_NOT_FOUND. */
  public KeptRows keptRows(String name) {
    return control(() -> objects.subscription(name).copy());
  }

  /** What subscriptions keep. */
  public List<Metrics.KeptMetrics> keptSubscriptions() {
    return control(() -> objects.subscriptions().stream().map(MetricsReader::of).toList());
  }

  private void connect(StreamOutput stream, List<Batch> first, Subscription subscription) {
    try {
      first.forEach(subscription::offer);
    } finally {
      first.forEach(Batch::close);
    }
    if (stream.watermark() != Watermark.NONE) {
      subscription.watermark(stream.watermark());
    }
    stream.add(subscription);
    subscriptions.add(subscription);
  }

  /** Of a closed engine nothing is taken back here: its thread may still be at work. */
  void unsubscribe(Subscription subscription) {
    if (reactor.isInCycle()) {
      reactor.defer(() -> disconnect(subscription));
    } else if (!closed) {
      try {
        control(
            () -> {
              disconnect(subscription);
              return null;
            });
      } catch (LaminarException e) {
        if (e.code() != ErrorCode.CLOSED) {
          throw e;
        } // else it has been closed meanwhile, which frees it
      }
    }
  }

  private void disconnect(Subscription subscription) {
    subscription.stream.remove(subscription);
    subscriptions.remove(subscription);
    subscription.free();
  }

  // ---- Progress ----

  /**
   * Waits until everything that was pushed and published before has gone through all operators, and
   * is with the subscriptions and sinks; timers that are due have fired.
   *
   * @throws LaminarException BACKPRESSURE when nothing has moved for the stall timeout, naming who
   *     refuses; NOT_STARTED when rows wait and the engine does not run; CLOSED; WRONG_THREAD
   */
  public void sync() {
    checkOpen();
    waits.sync(started, handles, objects::isQuiet);
  }

  /** Rows were published. */
  void pushed(SourceHandle handle) {
    published(handle);
    if (started && durability != null) {
      durability.pushed(handle);
    }
  }

  /** There is something for the source to take, which nobody waits for. */
  void published(SourceHandle handle) {
    if (!started) {
      return;
    }
    if (options.inline()) {
      reactor.drive(handle.source);
      waits.settle();
    } else {
      parking.wake();
    }
  }

  /** Inline, rows that wait as a subscription was full get on when it has been emptied. */
  boolean driveForTaker() {
    if (!started || closed || !options.inline() || reactor.isInCycle()) {
      return false;
    }
    reactor.drive();
    return true;
  }

  /** Inline, a full handle may get room by driving. */
  boolean makeRoom(SourceHandle handle) {
    handle.ring.flush();
    return driveForTaker();
  }

  /** Waits a little for room in a handle; the returned stall comes with the next call. */
  Stall awaitRoom(SourceHandle handle, Stall stall) {
    handle.ring.flush();
    checkOpen();
    Stall next = waits.awaitRoom(started, handle, stall);
    checkOpen();
    handle.checkOpen();
    return next;
  }

  // ---- Insight ----

  /** All counters, as of one moment between two batches. */
  public Metrics metrics() {
    return control(
        () ->
            new Metrics(
                objects.sources().stream().map(MetricsReader::of).toList(),
                objects.queries().stream().map(MetricsReader::of).toList(),
                subscriptions.stream().map(MetricsReader::of).toList()));
  }

  /** Measures the time operators take, or stops to: for EXPLAIN ANALYZE. */
  public void measureTime(boolean on) {
    control(
        () -> {
          context.timed(on);
          return null;
        });
  }

  /** Why a query failed, or null. Errors: OBJECT_NOT_FOUND. */
  public LaminarException failure(String name) {
    return control(() -> objects.query(name).failure());
  }

  /** Where a query is in its life. Errors: OBJECT_NOT_FOUND. */
  public QueryState state(String name) {
    return control(() -> objects.query(name).state());
  }

  // ---- Snapshots ----

  /**
   * The state of all queries and sources as of one moment between two batches; rows that wait in
   * handles and subscriptions are not part of it.
   *
   * @throws LaminarException BACKPRESSURE when an operator waits for its output: sync() first
   */
  public EngineSnapshot snapshot() {
    return control(() -> objects.snapshot(null));
  }

  /**
   * Rebuilds the operators of queries and sources of the same names from a snapshot of the same
   * graphs.
   */
  public void restore(EngineSnapshot snapshot) {
    control(
        () -> {
          objects.restore(snapshot);
          return null;
        });
    driveInline();
  }

  /** Writes the state of every operator and rebuilds it from that, in place. */
  public void rebuild() {
    control(
        () -> {
          objects.restore(objects.snapshot(null));
          return null;
        });
    driveInline();
  }

  private void driveInline() {
    if (started && options.inline()) {
      reactor.drive();
    }
  }

  // ---- End ----

  boolean isClosed() {
    return closed;
  }

  void checkOpen() {
    if (closed) {
      throw new LaminarException(ErrorCode.CLOSED, "the database is closed.");
    }
  }

  /**
   * Stops at once, without waiting for what was pushed, and frees all memory but what a pull
   * subscription has on loan to another thread, which frees it with its next call. Never hangs.
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    boolean inCycle = reactor.isInCycle();
    boolean shut = true;
    for (SourceHandle handle : handles) {
      shut &= handle.shut(inCycle ? 0 : CLOSE_TIMEOUT_MS);
    }
    boolean stopped = reactor.close(CLOSE_TIMEOUT_MS);
    if (inCycle) {
      // A listener closes: nothing may go away under the operators that called it.
      reactor.defer(this::freeAll);
    } else if (stopped && shut) {
      reactor.runClosed(this::freeAll, CLOSE_TIMEOUT_MS);
    }
  }

  private void freeAll() {
    objects.free(subscriptions);
    context.background.close();
    subscriptions.clear();
    handles.clear();
  }

  // ---- Names ----

  private <T> T control(Supplier<T> action) {
    checkOpen();
    return reactor.call(() -> budgeted(action));
  }

  /** Does something; where there is no memory left for it, says who holds that. */
  private <T> T budgeted(Supplier<T> action) {
    try {
      return action.get();
    } catch (LaminarException e) {
      throw context.holders.named(e);
    } catch (OutOfMemoryException e) {
      throw context.holders.named(
          new LaminarException(
                  ErrorCode.MEMORY_BUDGET_EXCEEDED, "this needs more memory than is left.", e)
              .mend("Raise memoryBudget, or drop what is not needed; nothing has changed."));
    }
  }

  /**
   * Runs an action at a moment between two batches at which what streams tell late readers is what
   * they have emitted; waits for it, but no longer than nothing moves.
   */
  private <T> T settled(List<String> names, Supplier<T> action) {
    return settled(names, () -> true, action);
  }

  private <T> T settled(List<String> names, BooleanSupplier isReady, Supplier<T> action) {
    AtomicReference<T> result = new AtomicReference<>();
    Supplier<Boolean> attempt =
        () -> {
          boolean ready = isReady.getAsBoolean() && names.stream().allMatch(objects::isSettled);
          if (ready) {
            result.set(action.get());
          }
          return ready;
        };
    checkOpen();
    waits.until(() -> control(attempt), "the new reader waits for a moment between two changes");
    return result.get();
  }
}
