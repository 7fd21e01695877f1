package io.laminardb.internal.statement;

import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.receive.ListRows;
import io.laminardb.internal.receive.LiveRows;
import io.laminardb.internal.receive.PulledSubscription;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.QueryKind;
import io.laminardb.sql.plan.SqlPlanner;
import java.util.ArrayList;
import java.util.List;

/** SELECT and SUBSCRIBE: complete over views and tables, live over sources and streams. */
final class QueryStatements {
  private final Database database;
  private final QueryAttacher attacher;
  private final SnapshotQueries snapshots;

  QueryStatements(Database database, QueryAttacher attacher, SnapshotQueries snapshots) {
    this.database = database;
    this.attacher = attacher;
    this.snapshots = snapshots;
  }

  /** The rows of a query: complete over views, live over streams. */
  Rows select(Statement.Select select, Plans plans, Object... parameters) {
    SqlPlanner planner = database.planner();
    CatalogSnapshot catalog = database.catalog().snapshot();
    if (planner.isSnapshot(select.query(), catalog)) {
      return snapshot(
          plans.plan(
              catalog,
              select,
              (statement, values) -> planner.planSnapshot(statement.query(), catalog, values),
              parameters));
    }
    QuerySpec query = plans.fresh(select).query();
    return live(planner.plan(query, QueryKind.STREAM, catalog, parameters));
  }

  /** Follows an object, or a query, as long as the rows are open. */
  Rows subscribe(Statement.Subscribe subscribe, Object... parameters) {
    if (subscribe.name() == null) {
      PlannedQuery planned =
          database
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
    if (object.kind() == ObjectKind.VIEW) {
      return live(
          database
              .planner()
              .plan(
                  database.planning().everythingOf(object.name()),
                  QueryKind.STREAM,
                  database.catalog().snapshot()));
    }
    String name = database.followed(object.name());
    return database
        .sources()
        .following(
            name,
            closed -> new LiveRows(new PulledSubscription(database.engine().pull(name)), closed));
  }

  private Rows live(PlannedQuery planned) {
    String name = database.anonymousName();
    attacher.attach(name, planned);
    PulledSubscription rows = new PulledSubscription(database.engine().pull(name));
    attacher.begin(name);
    return new LiveRows(rows, () -> attacher.detach(name));
  }

  private Rows snapshot(PlannedQuery planned) {
    List<Row> rows = new ArrayList<>();
    snapshots.run(planned, batch -> rows.addAll(ResultTable.rowsOf(batch)));
    return new ListRows(planned.schema(), rows);
  }
}
