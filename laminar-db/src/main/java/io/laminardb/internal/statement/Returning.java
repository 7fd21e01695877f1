package io.laminardb.internal.statement;

import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.receive.ListRows;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.plan.PlanParts;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.QueryKind;
import java.util.ArrayList;
import java.util.List;

/**
 * RETURNING: what a statement answers of the rows that it inserts, updates or deletes. It is computed of
 * them before they change the table, so that what fails changes nothing.
 */
final class Returning {
  private final Database database;
  private final SnapshotQueries snapshots;
  private final CatalogObject table;
  private final PlannedQuery planned;
  private final List<Row> rows = new ArrayList<>();

  private Returning(
      Database database, SnapshotQueries snapshots, CatalogObject table, PlannedQuery planned) {
    this.database = database;
    this.snapshots = snapshots;
    this.table = table;
    this.planned = planned;
  }

  /** That of a statement, or null where it has none. */
  static Returning of(
      QuerySpec returning, CatalogObject table, Database database, SnapshotQueries snapshots) {
    if (returning == null) {
      return null;
    }
    PlannedQuery planned =
        database.planner().plan(returning, QueryKind.SNAPSHOT, database.catalog().snapshot());
    if (!PlanParts.isStateless(planned.root()) || planned.upstreams().size() > 1) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "RETURNING takes what is computed of one row: no aggregates, no OVER, no subqueries.")
          .mend("Return columns, and query the table for the rest.")
          .at(returning.position());
    }
    return new Returning(database, snapshots, table, planned);
  }

  /** Computes the answer of rows that are about to come or go; they stay the caller's. */
  void compute(List<Batch> changed) {
    List<Batch> copies = new ArrayList<>();
    for (Batch batch : changed) {
      Batch copy = new Batch(table.schema(), Math.max(1, batch.size()), database.allocator());
      copy.append(batch, batch.from(), batch.to());
      copies.add(copy);
    }
    List<List<Batch>> contents = planned.upstreams().isEmpty() ? List.of() : List.of(copies);
    snapshots.run(
        planned,
        snapshots.compile(planned),
        contents,
        batch -> rows.addAll(ResultTable.rowsOf(batch)));
  }

  /** The answer. */
  Rows rows() {
    return new ListRows(planned.schema(), rows);
  }
}
