package io.laminardb.internal.statement;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.Engine;
import io.laminardb.core.runtime.EngineOptions;
import io.laminardb.core.runtime.Lookup;
import io.laminardb.core.runtime.OverflowPolicy;
import io.laminardb.core.runtime.PullSubscription;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.core.runtime.SourceHandle;
import io.laminardb.core.runtime.SourceOptions;
import io.laminardb.internal.database.Database;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.lower.ExpressionPlaces;
import io.laminardb.sql.plan.PlanParts;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Runs queries that end. Such a query is a stream that ends: it runs the same operators, on an engine
 * of its own, inline, over a copy of what views and tables hold.
 */
final class SnapshotQueries {
  private static final String NAME = "$result";

  private final Database database;

  SnapshotQueries(Database database) {
    this.database = database;
  }

  /** Runs a query to its end over what views and tables hold, all as of one moment. */
  void run(PlannedQuery planned, Consumer<Batch> consumer) {
    OperatorGraph graph = compile(planned);
    run(planned, graph, contents(planned), consumer);
  }

  private List<List<Batch>> contents(PlannedQuery planned) {
    List<String> windowed = PlanParts.openWindows(planned.root());
    for (String view : windowed) {
      if (!PlanParts.isOfWindows(database.query(view).planned().root())) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED,
                "INCLUDE OPEN of "
                    + database.require(view).describe()
                    + ", whose rows are not those of windows alone.")
            .mend("Make a view that groups by the window, and compute the rest when you read it.");
      }
    }
    try (Lookups lookups = Lookups.of(planned, database)) {
      List<List<Batch>> contents =
          database.contents(contents(planned, database), lookups.byName(), windowed);
      return withStored(contents, planned, lookups.byName());
    }
  }

  /** Contents with those of the tables behind them that have stores of their own. */
  List<List<Batch>> withStored(
      List<List<Batch>> contents, PlannedQuery planned, Map<String, Lookup> lookups) {
    List<List<Batch>> all = new ArrayList<>(contents);
    try {
      for (CatalogObject table : stored(planned)) {
        Lookup lookup = lookups.get(table.name());
        all.add(StoredTables.content(table, lookup, database.allocator()));
      }
      return all;
    } catch (RuntimeException | Error e) {
      all.forEach(batches -> batches.forEach(Batch::close));
      throw e;
    }
  }

  private List<CatalogObject> stored(PlannedQuery planned) {
    return planned.upstreams().stream()
        .map(database::require)
        .filter(object -> object.store() != null)
        .toList();
  }

  /** The names of what a query reads, but for what lies outside. */
  static List<String> contents(PlannedQuery planned, Database database) {
    return planned.upstreams().stream()
        .map(database::require)
        .filter(object -> !object.isExternal())
        .map(CatalogObject::name)
        .toList();
  }

  /** The operators of a query. */
  OperatorGraph compile(PlannedQuery planned) {
    return database.planning().lower(NAME, planned);
  }

  /**
   * Runs a query to its end.
   *
   * @param graph its operators
   * @param copies what it reads, in the order of {@link #contents(PlannedQuery, Database)}, then rows of open
   *     windows where it asks for them, then {@link #withStored}; closed at the end
   * @param consumer is lent each batch of the result for the call
   */
  void run(
      PlannedQuery planned,
      OperatorGraph graph,
      List<List<Batch>> copies,
      Consumer<Batch> consumer) {
    String name = NAME;
    Map<String, Schema> schemas = schemas(planned);
    Map<String, List<Batch>> contents = contents(List.copyOf(schemas.keySet()), copies);
    EngineOptions options =
        EngineOptions.DEFAULT.withInline(true).withClock(database.options().clock());
    try (Engine engine = new Engine(options, database.allocator())) {
      schemas.forEach((read, schema) -> engine.createSource(SourceOptions.of(read, schema)));
      engine.attach(
          graph,
          planned.onError() == PlannedQuery.OnError.SKIP
              ? QueryOptions.DEFAULT.withErrorStream(name + QueryAttacher.ERRORS)
              : QueryOptions.DEFAULT);
      PullSubscription result = engine.pull(name, OverflowPolicy.BLOCK, Integer.MAX_VALUE >> 2);
      engine.start();
      drain(result, consumer);
      for (Map.Entry<String, List<Batch>> view : contents.entrySet()) {
        SourceHandle handle = engine.openHandle(view.getKey());
        for (Batch batch = next(view); batch != null; batch = next(view)) {
          handle.push(batch);
          drain(result, consumer);
        }
        handle.end();
        drain(result, consumer);
      }
      LaminarException failure = engine.failure(name);
      if (failure != null) {
        throw failure;
      }
    } catch (LaminarException e) {
      throw e.code() == ErrorCode.EXPRESSION_FAILED ? placed(e, planned) : e;
    } finally {
      contents.values().forEach(batches -> batches.forEach(Batch::close));
    }
  }

  /** What a query reads, by name. */
  private Map<String, Schema> schemas(PlannedQuery planned) {
    Map<String, Schema> schemas = new LinkedHashMap<>();
    for (String view : contents(planned, database)) {
      schemas.put(database.require(view).name(), database.require(view).schema());
    }
    for (String view : PlanParts.openWindows(planned.root())) {
      schemas.put(view + CatalogSnapshot.OPEN_WINDOWS, database.require(view).schema());
    }
    stored(planned).forEach(table -> schemas.put(table.name(), table.schema()));
    return schemas;
  }

  /** A failed expression, with its place; without FROM there is no row to speak of. */
  private static LaminarException placed(LaminarException failure, PlannedQuery planned) {
    String problem = failure.problem();
    int row = planned.upstreams().isEmpty() ? problem.lastIndexOf(" The row: ") : -1;
    LaminarException told =
        new LaminarException(
            failure.code(), row < 0 ? problem : problem.substring(0, row), failure);
    if (row >= 0 || failure.mend() != null) {
      told = told.mend(row >= 0 ? "Guard the expression with CASE or NULLIF." : failure.mend());
    }
    SourcePosition position = ExpressionPlaces.find(planned, problem);
    return position == null ? told : told.at(position);
  }

  private static Batch next(Map.Entry<String, List<Batch>> view) {
    return view.getValue().isEmpty() ? null : view.getValue().remove(0);
  }

  private static void drain(PullSubscription result, Consumer<Batch> consumer) {
    for (Batch batch = result.poll(); batch != null; batch = result.poll()) {
      consumer.accept(batch);
    }
    result.release();
  }

  private static Map<String, List<Batch>> contents(List<String> views, List<List<Batch>> copies) {
    Map<String, List<Batch>> contents = new LinkedHashMap<>();
    for (int i = 0; i < views.size(); i++) {
      contents.put(views.get(i), new ArrayList<>(copies.get(i)));
    }
    return contents;
  }
}
