package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.TableRows;
import io.laminardb.core.operator.changelog.ResolvedChange;
import io.laminardb.core.operator.changelog.TableChange;
import io.laminardb.core.operator.changelog.UpsertOperator;
import io.laminardb.core.ring.ColumnarRing;
import io.laminardb.core.state.TableCopies;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The sources, queries and streams of an engine by name, and what becomes of the others when one comes
 * or goes. Only between two batches, on the thread that drives.
 */
final class RunningObjects {
  private final ReactorContext context;
  private final Map<String, SourceTask> sources = new LinkedHashMap<>();
  private final Map<String, Query> queries = new LinkedHashMap<>();
  private final Map<String, StreamOutput> streams = new LinkedHashMap<>();
  private final Map<String, AlignmentGroup> groups = new LinkedHashMap<>();
  private final Map<String, KeptSubscription> subscriptions = new LinkedHashMap<>();
  private final Map<String, List<byte[]>> firstRows = new LinkedHashMap<>(); // of subscriptions
  private boolean started;
  private int lastSourceId;

  RunningObjects(ReactorContext context) {
    this.context = context;
  }

  /** Whether the reactor runs what there is. */
  boolean isStarted() {
    return started;
  }

  /** The next source that is added gets this id. */
  void nextSourceId(int id) {
    lastSourceId = id - 1;
  }

  int lastSourceId() {
    return lastSourceId;
  }

  /** A source by the id that records know it by. Errors: STATE_CORRUPT. */
  SourceTask source(int id) {
    for (SourceTask source : sources.values()) {
      if (source.id == id) {
        return source;
      }
    }
    throw new LaminarException(
        ErrorCode.STATE_CORRUPT, "the journal has rows of a source that is not there.");
  }

  /** Adds a partition to a source. */
  Partition addPartition(SourceTask task) {
    int ringRows = task.options.ringRows();
    int capacity = ringRows > 0 ? ringRows : context.options.ringRows();
    boolean dropsOldest = task.options.onFull() == OverflowPolicy.DROP_OLDEST;
    ColumnarRing ring =
        new ColumnarRing(task.options.schema(), capacity, dropsOldest, context.allocator);
    if (!context.options.inline()) {
      ring.expectSingleRows();
    }
    Partition partition = new Partition(ring, context.nowEpochNs());
    task.add(partition);
    return partition;
  }

  /** Has the reactor run what there is and what will be. */
  void start() {
    queries.values().forEach(context.reactor::add);
    sources.values().forEach(context.reactor::add);
    started = true;
  }

  // ---- By name

  Collection<SourceTask> sources() {
    return sources.values();
  }

  Collection<Query> queries() {
    return queries.values();
  }

  boolean has(String stream) {
    return streams.containsKey(stream);
  }

  StreamOutput stream(String name) {
    return found(streams.get(name), name);
  }

  /** A stream, or null. */
  StreamOutput streamOrNull(String name) {
    return streams.get(name);
  }

  SourceTask source(String name) {
    return found(sources.get(name), name);
  }

  Query query(String name) {
    return found(queries.get(name), name);
  }

  /** A query, or null. */
  Query queryOrNull(String name) {
    return queries.get(name);
  }

  /** Whoever waits for somebody outside asks again. */
  void askAgain() {
    queries.values().forEach(query -> query.nodes.forEach(OperatorNode::askAgain));
  }

  private static <T> T found(T object, String name) {
    if (object == null) {
      throw new LaminarException(ErrorCode.OBJECT_NOT_FOUND, "there is no \"" + name + "\".")
          .mend("Create it first.");
    }
    return object;
  }

  private void checkNew(String name) {
    if (streams.containsKey(name)) {
      throw new LaminarException(ErrorCode.OBJECT_EXISTS, "\"" + name + "\" exists already.")
          .mend("Choose another name, or drop it first.");
    }
  }

  void checkUnused(StreamOutput stream) {
    for (StreamConsumer consumer : stream.consumers()) {
      if (consumer instanceof InputPort port) {
        throw new LaminarException(
                ErrorCode.OBJECT_IN_USE,
                "\"" + stream.name + "\" is read by \"" + port.node.query.name + "\".")
            .mend("Drop that first.");
      }
      if (consumer instanceof KeptSubscription subscription) {
        throw new LaminarException(
                ErrorCode.OBJECT_IN_USE,
                "\"" + stream.name + "\" is read by " + subscription.name() + ".")
            .mend("Drop that first.");
      }
    }
  }

  // ---- Sources

  /** Adds a source without handles. Its intake, where it has one, is a query of the same name. */
  void addSource(SourceOptions source) {
    checkNew(source.name());
    SourceTask task = new SourceTask(source, ++lastSourceId, context);
    StreamOutput stream = task.output;
    if (source.intake() != null) {
      Query intake = QueryBuilder.intake(task, context);
      stream = intake.output;
      queries.put(source.name(), intake);
      if (started) {
        context.reactor.add(intake);
      }
    }
    if (source.alignment() != null) {
      task.align(groups.computeIfAbsent(source.alignment().group(), name -> new AlignmentGroup()));
    }
    sources.put(source.name(), task);
    streams.put(source.name(), stream);
    if (started) {
      context.reactor.add(task);
    }
  }

  void removeSource(SourceTask task) {
    String name = task.options.name();
    checkUnused(stream(name));
    Query intake = queries.remove(name);
    if (intake != null) {
      context.reactor.remove(intake);
      intake.drop();
    }
    task.output.fail(dropped(name));
    context.reactor.remove(task);
    task.close();
    if (task.group() != null) {
      task.group().remove(task);
      groups.values().removeIf(AlignmentGroup::isEmpty);
    }
    sources.remove(name);
    streams.remove(name);
  }

  // ---- Queries

  Query add(OperatorGraph graph, QueryOptions queryOptions) {
    checkNew(graph.name());
    queryOptions.sideStreams().forEach(this::checkNew);
    Query query =
        new QueryBuilder(context, this::stream, this::tableRows).build(graph, queryOptions);
    if (queryOptions.consumer() != null) {
      query.output.add(new GuardedConsumer(queryOptions.consumer(), query.output, context.reactor));
    }
    return run(query);
  }

  private Query run(Query query) {
    queries.put(query.name, query);
    streams.put(query.name, query.output);
    query.sides().forEach(side -> streams.put(side.output.name, side.output));
    sources.values().forEach(SourceTask::readersChanged);
    if (started) {
      context.reactor.add(query);
    }
    return query;
  }

  /** Makes a part of a query a query of its own. */
  Query split(Query query, OperatorGraph part, OperatorGraph rest) {
    Map<StreamOutput, Long> demanded = new LinkedHashMap<>();
    for (InputPort port : query.externalPorts) {
      demanded.putIfAbsent(port.stream, port.stream.demanded());
      port.stream.demanded(port.stream.since(query)); // it goes on seeing what it saw
    }
    try {
      return splitInPlace(query, part, rest);
    } finally {
      demanded.forEach(StreamOutput::demanded);
    }
  }

  private Query splitInPlace(Query query, OperatorGraph part, OperatorGraph rest) {
    QueryOptions read = QueryOptions.DEFAULT;
    Query added = add(part, query.options.readable() ? read.withReadable() : read);
    try {
      Query replacement =
          new QueryBuilder(context, this::stream, this::tableRows).rebuild(rest, query);
      context.reactor.remove(query);
      query.retire();
      return run(replacement);
    } catch (RuntimeException | Error e) {
      remove(added);
      throw e;
    }
  }

  /** See {@link Engine#replacement}. */
  ReplacementPlan replacement(OperatorGraph graph, boolean rebuilt) {
    Query former = query(graph.name());
    Replacement going = new Replacement(former, graph, this::stream, true, rebuilt);
    String cut = going.cut();
    return (cut == null ? going : new Replacement(former, graph, this::stream, false, rebuilt))
        .plan(cut);
  }

  /**
   * Lets a query take the place of another one, which goes.
   *
   * @param rebuilt what operators know that do not go on; null where they begin anew
   */
  Query replace(
      OperatorGraph graph, QueryOptions options, boolean continued, RebuiltQuery rebuilt) {
    Query former = query(graph.name());
    Replacement going = new Replacement(former, graph, this::stream, continued, rebuilt != null);
    if (!continued) {
      checkUnused(former.output);
    } else if (going.cut() != null) {
      throw new LaminarException(
              ErrorCode.OBJECT_IN_USE, "\"" + former.name + "\" is read, and " + going.cut() + ".")
          .mend("Drop its readers first.");
    }
    former.sides().forEach(side -> checkUnused(side.output));
    former.sides().forEach(side -> streams.remove(side.output.name));
    Query query;
    try {
      options.sideStreams().forEach(this::checkNew);
      query =
          new QueryBuilder(context, this::stream, this::tableRows)
              .replace(former, graph, options, going, rebuilt);
    } catch (RuntimeException | Error e) {
      former.sides().forEach(side -> streams.put(side.output.name, side.output));
      throw e;
    }
    if (!continued && options.consumer() != null) {
      query.output.add(new GuardedConsumer(options.consumer(), query.output, context.reactor));
    }
    context.reactor.remove(former);
    if (continued) {
      former.retire();
    } else {
      former.drop();
    }
    return run(query);
  }

  void remove(Query query) {
    checkUnused(query.output);
    query.sides().forEach(side -> checkUnused(side.output));
    context.reactor.remove(query);
    query.drop();
    sources.values().forEach(SourceTask::readersChanged);
    queries.remove(query.name);
    streams.remove(query.name);
    query.sides().forEach(side -> streams.remove(side.output.name));
  }

  // ---- Subscriptions that are kept

  Collection<KeptSubscription> subscriptions() {
    return subscriptions.values();
  }

  KeptSubscription subscription(String name) {
    KeptSubscription subscription = subscriptions.get(name);
    if (subscription == null) {
      throw new LaminarException(
              ErrorCode.OBJECT_NOT_FOUND, "there is no subscription \"" + name + "\".")
          .mend("CREATE SUBSCRIPTION makes one.");
    }
    return subscription;
  }

  /**
   * Adds a subscription that begins with what its stream has now; where it is made again, with what
   * that was then.
   */
  KeptSubscription addSubscription(String name, String streamName) {
    if (subscriptions.containsKey(name)) {
      throw new LaminarException(
              ErrorCode.OBJECT_EXISTS, "subscription \"" + name + "\" exists already.")
          .mend("Choose another name, or drop it first.");
    }
    StreamOutput stream = stream(streamName);
    KeptSubscription subscription =
        new KeptSubscription(name, stream, context.options.pullRows(), context);
    try {
      if (context.log != null && context.log.isReplaying()) {
        firstRows.getOrDefault(name, List.of()).forEach(subscription::beginAgain);
        firstRows.remove(name);
      } else {
        for (Batch present : present(stream, context.allocator)) {
          try (present) {
            subscription.begin(present);
          }
        }
      }
    } catch (RuntimeException e) {
      subscription.close();
      throw e;
    }
    if (stream.watermark() == Watermark.END) {
      subscription.watermark(Watermark.END);
    }
    stream.add(subscription);
    subscriptions.put(name, subscription);
    return subscription;
  }

  /**
   * Has the first rows of a subscription ready, which will be made again.
   *
   * @param rows as {@link KeptSubscription#codec} has written them
   * @param isFirst whether those that are ready are not its own
   */
  void firstRows(String name, byte[] rows, boolean isFirst) {
    if (isFirst) {
      firstRows.remove(name);
    }
    firstRows.computeIfAbsent(name, key -> new ArrayList<>()).add(rows);
  }

  /** Nothing is made again any more. */
  void forgetFirstRows() {
    firstRows.clear();
  }

  void removeSubscription(String name) {
    KeptSubscription subscription = subscription(name);
    subscription.stream.remove(subscription);
    subscriptions.remove(name);
    if (subscription.reader != null) {
      subscription.reader.drop();
    }
    subscription.close();
  }

  // ---- Contents

  /** Whether what a stream tells late readers is what it has emitted. */
  boolean isSettled(String name) {
    StreamOutput stream = streams.get(name);
    SourceTask source = sources.get(name);
    boolean changing = source != null && source.options.isTable() && source.isPending();
    boolean gathering = started && stream != null && stream.isGathering(); // nothing, before that
    boolean settled = stream == null || stream.present == null || stream.present.isSettled();
    return !changing && !gathering && settled;
  }

  /**
   * The contents of streams, and behind them the rows that the open windows of some others would have
   * if they closed now. The caller closes the batches.
   *
   * @param lookups which rows are wanted, by name; all where there is none
   */
  List<List<Batch>> contents(
      List<String> names,
      Map<String, Lookup> lookups,
      List<String> windowed,
      BufferAllocator target) {
    List<StreamOutput> kept = names.stream().map(this::kept).toList();
    kept.forEach(StreamOutput::checkAlive);
    List<List<Batch>> copies = new ArrayList<>();
    try {
      kept.forEach(stream -> copies.add(stream.present.copy(lookups.get(stream.name), target)));
      OpenWindows open = new OpenWindows(queries.values(), target);
      windowed.forEach(name -> copies.add(open.of(stream(name))));
      return copies;
    } catch (RuntimeException e) {
      copies.forEach(batches -> batches.forEach(Batch::close));
      throw e;
    }
  }

  /** Keeps the rows of a table or view by some of their columns. */
  void createIndex(String name, List<Integer> columns) {
    StreamOutput stream = kept(name);
    if (stream.content == null) {
      keepContent(stream);
    }
    stream.content.addIndex(columns);
  }

  /** The present rows of a stream by some columns, for an operator that reads them. */
  TableRows tableRows(String name, List<Integer> columns) {
    StreamOutput stream = kept(name);
    Query intake = sources.containsKey(name) ? queries.get(name) : null;
    OperatorNode node = intake == null ? null : intake.nodes.get(0);
    if (node != null
        && node.operator() instanceof UpsertOperator upserts
        && upserts.isKeyInOrder(columns)) {
      return new IndexedRows(this, stream, node, columns);
    }
    createIndex(name, columns);
    return new IndexedRows(this, stream, null, columns);
  }

  /** What an operator knows is kept beside it, too. */
  private void keepContent(StreamOutput stream) {
    ViewContent content = new ViewContent(stream.name, stream.schema, context.allocator);
    try {
      for (Batch batch : stream.present.copy(context.allocator)) {
        try (batch) {
          content.offer(batch);
        }
      }
    } catch (RuntimeException e) {
      content.close();
      throw e;
    }
    Present base = stream.present;
    stream.keep(content);
    stream.present = new IndexedPresent(base, content);
  }

  void dropIndex(String name, List<Integer> columns) {
    StreamOutput stream = streams.get(name);
    if (stream != null && stream.content != null) {
      stream.content.dropIndex(columns);
      if (stream.present instanceof IndexedPresent present && !stream.content.hasIndexes()) {
        stream.release();
        stream.present = present.base();
      }
    }
  }

  private StreamOutput kept(String name) {
    StreamOutput stream = stream(name);
    if (stream.present == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "the content of \"" + name + "\" is not kept.")
          .mend("Create it as a MATERIALIZED VIEW.");
    }
    return stream;
  }

  /** What a reader that comes now is given first; empty where that is nothing, or forgotten. */
  static List<Batch> present(StreamOutput stream, BufferAllocator target) {
    return stream.present == null ? List.of() : stream.present.copy(target);
  }

  /** Rows there are now of a source or table that knows them; 0 of others. */
  long presentRows(String name) {
    StreamOutput stream = stream(name);
    Query intake = queries.get(name);
    return stream.content != null
        ? stream.content.rows()
        : intake == null ? 0 : intake.nodes.get(0).operator().stateRows();
  }

  /** Changes the content of a table by what is made of the contents of others; the rows added. */
  long write(
      SourceTask target,
      List<String> reads,
      Map<String, Lookup> lookups,
      Function<List<List<Batch>>, TableChange> change) {
    List<List<Batch>> contents = contents(reads, lookups, List.of(), context.allocator);
    try (TableChange made = change.apply(contents);
        ResolvedChange resolved = resolve(made, target)) {
      target.write(resolved.take());
      return resolved.addedRows();
    }
  }

  /** A table with a key is checked by its intake, one without has none. */
  private ResolvedChange resolve(TableChange change, SourceTask target) {
    Query intake = queries.get(target.options.name());
    return intake != null && intake.nodes.get(0).operator() instanceof UpsertOperator upserts
        ? upserts.resolve(change, context.allocator)
        : ResolvedChange.of(change, target.options.schema(), context.allocator);
  }

  // ---- All

  /** Whether nothing is in flight and sinks are flushed. */
  boolean isQuiet() {
    for (SourceTask source : sources.values()) {
      if (source.isPending()) {
        return false;
      }
    }
    for (Query query : queries.values()) {
      if (!query.isStopped()
          && (query.hasWork() || query.isBlocked() || query.awaitsBackground())) {
        return false;
      }
    }
    boolean flushed = true;
    for (StreamOutput stream : streams.values()) {
      flushed &= stream.flushConsumers();
    }
    return flushed;
  }

  /** The name of a source whose rows are to be on disk and wait for slower ones, or null. */
  String holding() {
    for (SourceTask source : sources.values()) {
      if (source.holdsPushedRows()) {
        return source.options.name();
      }
    }
    return null;
  }

  /** Whether no query is in the middle of a batch, or of its beginning. */
  boolean isBetweenBatches() {
    return queries.values().stream()
        .noneMatch(query -> query.isBlocked() || query.hasWork() && !query.isStopped());
  }

  /** All state; but for tables that {@code copies} copies, where it is not null. */
  EngineSnapshot snapshot(TableCopies copies) {
    return EngineSnapshot.of(sources.values(), queries.values(), subscriptions.values(), copies);
  }

  void restore(EngineSnapshot snapshot) {
    sources.values().forEach(task -> snapshot.restore(task, () -> addPartition(task)));
    List.copyOf(queries.values()).forEach(snapshot::restore);
    subscriptions.values().forEach(snapshot::restore);
  }

  /**
   * Drops everything.
   *
   * @param subscriptions freed between the queries and the sources
   */
  void free(List<Subscription> subscriptions) {
    queries.values().forEach(Query::drop);
    sources.values().forEach(source -> source.output.fail(dropped(source.options.name())));
    subscriptions.forEach(Subscription::free);
    this.subscriptions.values().forEach(KeptSubscription::close);
    this.subscriptions.clear();
    sources.values().forEach(SourceTask::close);
    queries.clear();
    sources.clear();
    streams.clear();
  }

  private static LaminarException dropped(String name) {
    return new LaminarException(ErrorCode.CLOSED, "\"" + name + "\" is gone.");
  }
}
