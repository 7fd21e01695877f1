package io.laminardb.internal.statement;

import io.laminardb.Rows;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Lengths;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.operator.changelog.TableChange;
import io.laminardb.core.operator.changelog.TableChange.OnConflict;
import io.laminardb.core.runtime.Lookup;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.source.PushSource;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.parser.Statement.Conflict;
import io.laminardb.sql.plan.PlanParts;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.SqlPlanner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * INSERT, UPDATE and DELETE. Rows for a source are pushed; a table is changed whole or not at all, as
 * of one moment: the rows of the statement are computed between two batches.
 */
final class RowStatements {
  private final Database database;
  private final SnapshotQueries snapshots;

  RowStatements(Database database, SnapshotQueries snapshots) {
    this.database = database;
    this.snapshots = snapshots;
  }

  /**
   * What a statement did.
   *
   * @param count how many rows it changed
   * @param returned what it answers of them, or null
   */
  record Outcome(long count, Rows returned) {
    private static Outcome of(long count, Returning returning) {
      return new Outcome(count, returning == null ? null : returning.rows());
    }
  }

  /** Inserts the rows of an INSERT. */
  Outcome insert(Statement.Insert insert, Plans plans, Object... parameters) {
    CatalogObject target =
        database.catalog().snapshot().require(insert.table().name(), insert.table().position());
    if (target.isTable() || target.store() != null) {
      return insertIntoTable(insert, target, plans, parameters);
    }
    if (target.kind() != ObjectKind.SOURCE) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "rows cannot be inserted into " + target.describe() + ".")
          .mend("Insert into a source it reads.")
          .at(insert.table().position());
    }
    if (insert.conflict() != null) {
      throw new LaminarException(ErrorCode.NOT_SUPPORTED, target.describe() + " checks no keys.")
          .mend(
              "Leave the clause out; into a source with changelog = 'upsert' a row replaces that of its key.")
          .at(insert.conflict().position());
    }
    if (insert.returning() != null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, target.describe() + " keeps no rows that could be returned.")
          .mend("Leave RETURNING out, or insert into a TABLE.")
          .at(insert.returning().position());
    }
    PushSource source = database.sources().handle(target.name());
    CatalogSnapshot catalog = database.catalog().snapshot();
    SqlPlanner planner = database.planner();
    PlannedQuery planned =
        plans.plan(
            catalog,
            insert,
            (statement, values) -> planner.planInsert(statement, catalog, values),
            parameters);
    List<Batch> batches = new ArrayList<>();
    try {
      snapshots.run(planned, batch -> batches.add(copy(batch)));
      batches.forEach(batch -> checkNotNull(batch, target, insert.table()));
      batches.forEach(batch -> checkLengths(batch, target, insert.table()));
      long rows = 0;
      for (Batch batch : batches) {
        source.append(batch);
        rows += batch.size();
      }
      return Outcome.of(rows, null);
    } finally {
      batches.forEach(Batch::close);
    }
  }

  private Batch copy(Batch batch) {
    Batch copy = new Batch(batch.schema(), Math.max(1, batch.size()), database.allocator());
    copy.append(batch, batch.from(), batch.to());
    return copy;
  }

  private static void checkNotNull(Batch batch, CatalogObject target, Identifier place) {
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
              .mend("Give it a value; no row was changed.")
              .at(place.position());
        }
      }
    }
  }

  private static void checkLengths(Batch batch, CatalogObject target, Identifier place) {
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
            .mend("Cut it, or declare a longer column; no row was changed.")
            .at(place.position());
      }
    }
  }

  private Outcome insertIntoTable(
      Statement.Insert insert, CatalogObject table, Plans plans, Object... parameters) {
    Conflict conflict = insert.conflict();
    if (conflict != null) {
      checkConflict(conflict, table);
    }
    CatalogSnapshot catalog = database.catalog().snapshot();
    SqlPlanner planner = database.planner();
    PlannedQuery planned =
        plans.plan(
            catalog,
            insert,
            (statement, values) -> planner.planInsert(statement, catalog, values),
            parameters);
    boolean pairs = conflict != null && conflict.action() == Conflict.Action.UPDATE;
    OnConflict onConflict =
        conflict == null || pairs
            ? OnConflict.FAIL
            : conflict.action() == Conflict.Action.NOTHING ? OnConflict.SKIP : OnConflict.REPLACE;
    if (insert.returning() != null && onConflict == OnConflict.SKIP) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "RETURNING together with rows that are left out for their key is not supported.")
          .mend("Use INSERT OR REPLACE or DO UPDATE, or leave RETURNING out.")
          .at(insert.returning().position());
    }
    Returning returning = Returning.of(plans.fresh(insert).returning(), table, database, snapshots);
    Shape shape = pairs ? Shape.PAIRS : Shape.ADDED;
    Changed changed = change(table, insert.table(), planned, shape, onConflict, returning);
    return Outcome.of(changed.added(), returning);
  }

  private static void checkConflict(Conflict conflict, CatalogObject table) {
    if (table.primaryKey().isEmpty()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, table.describe() + " has no key that could conflict.")
          .mend("Leave the clause out, or declare a PRIMARY KEY.")
          .at(conflict.position());
    }
    Set<Integer> columns = new HashSet<>();
    for (Identifier column : conflict.columns()) {
      columns.add(table.schema().indexOf(column.name()));
    }
    if (!columns.isEmpty() && !columns.equals(Set.copyOf(table.primaryKey()))) {
      List<String> key =
          table.primaryKey().stream().map(i -> table.schema().field(i).name()).toList();
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "ON CONFLICT names other columns than the PRIMARY KEY.")
          .mend("Write ON CONFLICT (" + String.join(", ", key) + "), or leave the columns out.")
          .at(conflict.columns().get(0).position());
    }
  }

  /** Changes rows of a table. */
  Outcome update(Statement.Update update, Plans plans, Object... parameters) {
    CatalogObject table = table(update.table());
    CatalogSnapshot catalog = database.catalog().snapshot();
    SqlPlanner planner = database.planner();
    PlannedQuery planned =
        plans.plan(
            catalog,
            update,
            (statement, values) -> planner.planUpdate(statement, catalog, values),
            parameters);
    Returning returning = Returning.of(plans.fresh(update).returning(), table, database, snapshots);
    Changed changed =
        change(table, update.table(), planned, Shape.PAIRS, OnConflict.FAIL, returning);
    return Outcome.of(changed.removed(), returning);
  }

  /** Takes rows out of a table. */
  Outcome delete(Statement.Delete delete, Plans plans, Object... parameters) {
    CatalogObject table = table(delete.table());
    CatalogSnapshot catalog = database.catalog().snapshot();
    SqlPlanner planner = database.planner();
    PlannedQuery planned =
        plans.plan(
            catalog,
            delete,
            (statement, values) -> planner.planDelete(statement, catalog, values),
            parameters);
    Returning returning = Returning.of(plans.fresh(delete).returning(), table, database, snapshots);
    Changed changed =
        change(table, delete.table(), planned, Shape.REMOVED, OnConflict.FAIL, returning);
    return Outcome.of(changed.removed(), returning);
  }

  private CatalogObject table(Identifier name) {
    CatalogObject table = database.catalog().snapshot().require(name.name(), name.position());
    if (!table.isTable() && table.store() == null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "rows of " + table.describe() + " cannot be changed.")
          .mend(
              table.kind() == ObjectKind.SOURCE
                  ? "CREATE TABLE makes what can be; a source takes rows back by retract()."
                  : "Change what it reads.")
          .at(name.position());
    }
    return table;
  }

  /** What the rows of a planned statement are. */
  private enum Shape {
    ADDED,
    REMOVED,
    /** Rows that go beside those that come in their place; NULL where none goes. */
    PAIRS
  }

  private record Changed(long added, long removed) {}

  private Changed change(
      CatalogObject table,
      Identifier place,
      PlannedQuery planned,
      Shape shape,
      OnConflict onConflict,
      Returning returning) {
    if (database.sources().pump(table.name()) != null) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, table.describe() + " is fed by its connector.")
          .mend("Change it where its rows come from.")
          .at(place.position());
    }
    if (!PlanParts.openWindows(planned.root()).isEmpty()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "a table is not written with INCLUDE OPEN.")
          .mend("Write the rows of closed windows, or of a view with EMIT CHANGES.")
          .at(place.position());
    }
    OperatorGraph graph = snapshots.compile(planned);
    long[] removedRows = new long[1];
    try (Lookups lookups = Lookups.of(planned, database)) {
      Map<String, Lookup> wanted = lookups.byName();
      Function<List<List<Batch>>, TableChange> changing =
          contents -> {
            TableChange change =
                made(
                    table,
                    planned,
                    graph,
                    snapshots.withStored(contents, planned, wanted),
                    shape,
                    onConflict);
            removedRows[0] = change.removed().stream().mapToLong(Batch::size).sum();
            try {
              change.added().forEach(batch -> checkNotNull(batch, table, place));
              change.added().forEach(batch -> checkLengths(batch, table, place));
              if (returning != null) {
                returning.compute(shape == Shape.REMOVED ? change.removed() : change.added());
              }
              return change;
            } catch (RuntimeException e) {
              change.close();
              throw e;
            }
          };
      List<String> reads = SnapshotQueries.contents(planned, database);
      long addedRows =
          table.store() == null
              ? database.engine().write(table.name(), reads, wanted, changing)
              : writeStored(table, reads, wanted, changing);
      return new Changed(addedRows, removedRows[0]);
    } catch (LaminarException e) {
      throw e.code() == ErrorCode.DUPLICATE_KEY ? e.at(place.position()) : e;
    }
  }

  /** Changes a table with a store of its own, one statement after the other. */
  private long writeStored(
      CatalogObject table,
      List<String> reads,
      Map<String, Lookup> lookups,
      Function<List<List<Batch>>, TableChange> changing) {
    database.requireNoReplay();
    synchronized (table.store()) {
      try (TableChange change = changing.apply(database.contents(reads, lookups, List.of()))) {
        return StoredTables.change(table, change);
      }
    }
  }

  /** The rows of a statement, over contents that are closed. */
  private TableChange made(
      CatalogObject table,
      PlannedQuery planned,
      OperatorGraph graph,
      List<List<Batch>> contents,
      Shape shape,
      OnConflict onConflict) {
    List<Batch> removed = new ArrayList<>();
    List<Batch> added = new ArrayList<>();
    try {
      snapshots.run(
          planned,
          graph,
          contents,
          batch -> {
            switch (shape) {
              case ADDED -> added.add(copy(batch));
              case REMOVED -> removed.add(copy(batch));
              case PAIRS -> {
                removed.add(half(batch, table, 0));
                added.add(half(batch, table, table.schema().size()));
              }
            }
          });
      return new TableChange(removed, added, onConflict);
    } catch (RuntimeException | Error e) {
      removed.forEach(Batch::close);
      added.forEach(Batch::close);
      throw e;
    }
  }

  /** Half of the columns; of rows that go only those that are there: their key is not NULL. */
  private Batch half(Batch pairs, CatalogObject table, int from) {
    int[] columns = IntStream.range(from, from + table.schema().size()).toArray();
    List<Field> fields =
        table.schema().fields().stream()
            .map(field -> new Field(field.name(), field.type().withoutLength(), true, false))
            .toList();
    Batch view = Batch.view(new Schema(fields, false), pairs, columns);
    Batch half = new Batch(view.schema(), Math.max(1, pairs.size()), database.allocator());
    Column key = table.primaryKey().isEmpty() ? null : view.column(table.primaryKey().get(0));
    for (int row = pairs.from(); row < pairs.to(); row++) {
      if (key == null || !key.isNull(row)) {
        half.append(view, row, row + 1);
      }
    }
    return half;
  }
}
