package io.laminardb.internal.statement;

import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Lengths;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.Engine;
import io.laminardb.core.runtime.EngineOptions;
import io.laminardb.core.runtime.OverflowPolicy;
import io.laminardb.core.runtime.PullSubscription;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.core.runtime.SourceHandle;
import io.laminardb.core.runtime.SourceOptions;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.receive.ListRows;
import io.laminardb.internal.receive.LiveRows;
import io.laminardb.internal.receive.PulledSubscription;
import io.laminardb.internal.source.PushSource;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.lower.ExpressionPlaces;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.QueryKind;
import io.laminardb.sql.plan.SqlPlanner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * SELECT, SUBSCRIBE and INSERT. A snapshot query is a stream that ends: it runs the same operators,
 * on an engine of its own, inline, over a copy of what the views hold.
 */
final class QueryStatements {
  private final Database database;
  private final QueryAttacher attacher;

  QueryStatements(Database database, QueryAttacher attacher) {
    this.database = database;
    this.attacher = attacher;
  }

  /** The rows of a query: complete over views, live over streams. */
  Rows select(QuerySpec query, Object... parameters) {
    SqlPlanner planner = database.planner();
    CatalogSnapshot catalog = database.catalog().snapshot();
    if (planner.isSnapshot(query, catalog)) {
      return snapshot(planner.planSnapshot(query, catalog, parameters));
    }
    return live(planner.plan(query, QueryKind.STREAM, catalog, parameters));
  }

  /** Follows an object, or a query, as long as the rows are open. */
  Rows subscribe(Statement.Subscribe subscribe, Object... parameters) {
    if (subscribe.name() == null) {
      PlannedQuery planned =
          database
              .planning()
              .planner()
              .plan(subscribe.query(), QueryKind.STREAM, database.catalog().snapshot(), parameters);
      return live(planned);
    }
    CatalogObject object =
        database.catalog().snapshot().require(subscribe.name().name(), subscribe.name().position());
    if (object.kind() == ObjectKind.SINK) {
      throw new LaminarException(ErrorCode.NOT_SUPPORTED, object.describe() + " gives no rows.")
          .mend("Subscribe to the stream it reads.")
          .at(subscribe.name().position());
    }
    return new LiveRows(new PulledSubscription(database.engine().pull(object.name())), () -> {});
  }

  private Rows live(PlannedQuery planned) {
    String name = database.anonymousName();
    attacher.attach(name, planned);
    return new LiveRows(
        new PulledSubscription(database.engine().pull(name)), () -> attacher.detach(name));
  }

  /** Pushes the rows of an INSERT and tells how many they were. */
  long insert(Statement.Insert insert, Object... parameters) {
    CatalogObject target =
        database.catalog().snapshot().require(insert.table().name(), insert.table().position());
    if (target.kind() != ObjectKind.SOURCE) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "rows cannot be inserted into " + target.describe() + ".")
          .mend("Insert into a source it reads.")
          .at(insert.table().position());
    }
    PushSource source = database.source(target.name());
    PlannedQuery planned =
        database.planner().planInsert(insert, database.catalog().snapshot(), parameters);
    List<Batch> batches = new ArrayList<>();
    try {
      run(planned, batch -> batches.add(copy(batch)));
      batches.forEach(batch -> checkNotNull(batch, target, insert));
      batches.forEach(batch -> checkLengths(batch, target, insert));
      long rows = 0;
      for (Batch batch : batches) {
        source.append(batch);
        rows += batch.size();
      }
      return rows;
    } finally {
      batches.forEach(Batch::close);
    }
  }

  private Batch copy(Batch batch) {
    Batch copy = new Batch(batch.schema(), Math.max(1, batch.size()), database.allocator());
    copy.append(batch, batch.from(), batch.to());
    return copy;
  }

  private static void checkNotNull(Batch batch, CatalogObject target, Statement.Insert insert) {
    for (int i = 0; i < target.schema().size(); i++) {
      for (int row = batch.from();
          row < batch.to() && !target.schema().field(i).nullable();
          row++) {
        if (batch.column(i).isNull(row)) {
          throw new LaminarException(
                  ErrorCode.NULL_NOT_ALLOWED,
                  "column \""
                      + target.schema().field(i).name()
                      + "\" of "
                      + target.describe()
                      + " is NOT NULL, and row "
                      + (row + 1)
                      + " has no value for it.")
              .mend("Give it a value; no row was inserted.")
              .at(insert.table().position());
        }
      }
    }
  }

  private static void checkLengths(Batch batch, CatalogObject target, Statement.Insert insert) {
    for (int i = 0; i < target.schema().size(); i++) {
      Field field = target.schema().field(i);
      int row = Lengths.firstTooLong(batch.column(i), field.type(), batch.from(), batch.to());
      if (row >= 0) {
        throw new LaminarException(
                ErrorCode.SCHEMA_MISMATCH,
                "column \""
                    + field.name()
                    + "\" of "
                    + target.describe()
                    + " is "
                    + field.type()
                    + ", and the value of row "
                    + (row + 1)
                    + " is longer.")
            .mend("Cut it, or declare a longer column; no row was inserted.")
            .at(insert.table().position());
      }
    }
  }

  Rows snapshot(PlannedQuery planned) {
    List<Row> rows = new ArrayList<>();
    run(planned, batch -> rows.addAll(ResultTable.rowsOf(batch)));
    return new ListRows(planned.schema(), rows);
  }

  /** Runs a snapshot query to its end. */
  private void run(PlannedQuery planned, Consumer<Batch> consumer) {
    String name = "$result";
    OperatorGraph graph = database.planning().lower(name, planned);
    Map<String, List<Batch>> contents = contents(planned.upstreams());
    EngineOptions options =
        EngineOptions.DEFAULT.withInline(true).withClock(database.options().clock());
    try (Engine engine = new Engine(options, database.allocator())) {
      for (String view : planned.upstreams()) {
        Schema schema = database.require(view).schema();
        engine.createSource(SourceOptions.of(database.require(view).name(), schema));
      }
      engine.attach(
          graph,
          planned.onError() == PlannedQuery.OnError.SKIP
              ? QueryOptions.DEFAULT.withErrorStream(name + QueryAttacher.ERRORS)
              : QueryOptions.DEFAULT);
      PullSubscription result = engine.pull(name, OverflowPolicy.BLOCK, Integer.MAX_VALUE >> 2);
      engine.start();
      drain(result, consumer);
      for (Map.Entry<String, List<Batch>> view : contents.entrySet()) {
        SourceHandle handle = engine.openHandle(database.require(view.getKey()).name());
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

  /** What the views hold, all as of one moment. */
  private Map<String, List<Batch>> contents(List<String> views) {
    List<List<Batch>> copies = database.contents(views);
    Map<String, List<Batch>> contents = new LinkedHashMap<>();
    for (int i = 0; i < views.size(); i++) {
      contents.put(views.get(i), new ArrayList<>(copies.get(i)));
    }
    return contents;
  }
}
