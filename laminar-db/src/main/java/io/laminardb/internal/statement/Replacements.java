package io.laminardb.internal.statement;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.core.runtime.OperatorFate;
import io.laminardb.core.runtime.QueryOptions;
import io.laminardb.core.runtime.RebuiltQuery;
import io.laminardb.core.runtime.ReplacementPlan;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.SourceColumn;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlanParts;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * CREATE OR REPLACE of a query that runs. Operators that do the same to the same rows keep what they
 * know; those who read the query go on where its rows still fit them, and are told what changes.
 */
final class Replacements {
  private final Database database;
  private final QueryAttacher attacher;
  private final Readers readers;

  Replacements(Database database, QueryAttacher attacher) {
    this.database = database;
    this.attacher = attacher;
    this.readers = new Readers(database);
  }

  /**
   * What a statement would do, when nothing has changed yet.
   *
   * @param graph the operators of the new query but those in parts it goes on sharing
   * @param shared those parts' nodes and streams
   * @param same whether the query is the one that runs already
   * @param plan what becomes of the operators
   * @param history from where on what is rebuilt knows what came in, or why nothing can be; null where
   *     nobody asked
   */
  record Change(
      CatalogObject existing,
      CatalogObject object,
      PlannedQuery planned,
      OperatorGraph graph,
      Map<PlanNode, String> shared,
      boolean same,
      ReplacementPlan plan,
      String history) {
    String name() {
      return existing.name();
    }

    /** Whether something of the new query would know only what comes from now on. */
    boolean begins() {
      boolean contentGoes = existing.isView() && plan.content() == OperatorFate.Outcome.LOST;
      return !same && (plan.begins() || contentGoes);
    }

    /** Whether readers go on with the rows of the new query. */
    boolean continues() {
      return plan.cut() == null;
    }

    /** The same, after which nobody goes on who reads the query: a sink whose outside is another one. */
    Change cut() {
      ReplacementPlan alone =
          new ReplacementPlan(plan.fates(), plan.content(), "is written elsewhere", plan.begins());
      return new Change(existing, object, planned, graph, shared, false, alone, history);
    }

    /** The same, with what is to be said of history. */
    Change withHistory(String said) {
      return new Change(existing, object, planned, graph, shared, same, plan, said);
    }
  }

  /**
   * Looks at what it would be to put a query in the place of one that runs.
   *
   * @param object what the catalog would say of it
   * @param name where it was written
   * @param rebuilt whether what would begin anew is rebuilt; then it shares nothing
   * @throws LaminarException OBJECT_EXISTS for another kind; VALIDATION_FAILED where it would read
   *     itself
   */
  Change change(CatalogObject object, PlannedQuery planned, Identifier name, boolean rebuilt) {
    CatalogSnapshot catalog = database.catalog().snapshot();
    CatalogObject existing = catalog.require(name.name(), name.position());
    checkKind(existing, object, name);
    RunningQuery former = database.query(existing.name());
    checkReadsNoReader(former, existing, object, name.position());
    Map<PlanNode, String> shared = rebuilt ? Map.of() : attacher.parts().inherited(former, planned);
    OperatorGraph graph = database.planning().lower(existing.name(), planned.root(), shared);
    ReplacementPlan plan = database.engine().replacement(graph, rebuilt);
    boolean same = plan.cut() == null && isSame(former.planned(), planned);
    return new Change(existing, object, planned, graph, shared, same, plan, null);
  }

  /** Errors: OBJECT_IN_USE where those who read the query could not go on. */
  void check(Change change, Identifier name) {
    if (!change.same()) {
      String cut = cut(change.existing(), change.object(), change.plan());
      checkReaders(database.query(change.name()), change.existing(), cut, name.position());
    }
  }

  static void checkKind(CatalogObject existing, CatalogObject object, Identifier name) {
    if (existing.kind() != object.kind()) {
      throw new LaminarException(
              ErrorCode.OBJECT_EXISTS, existing.describe() + " is no " + object.kind().sql() + ".")
          .mend("Drop it first.")
          .at(name.position());
    }
  }

  private static boolean isSame(PlannedQuery former, PlannedQuery planned) {
    return former.onError() == planned.onError()
        && String.valueOf(former.lateDataTo())
            .equalsIgnoreCase(String.valueOf(planned.lateDataTo()))
        && PlanParts.digest(former.root()).equals(PlanParts.digest(planned.root()));
  }

  private void checkReadsNoReader(
      RunningQuery former, CatalogObject existing, CatalogObject object, SourcePosition position) {
    CatalogSnapshot catalog = database.catalog().snapshot();
    List<String> readers = new ArrayList<>(former.sideStreams());
    catalog.cascade(existing.name()).forEach(reader -> readers.add(reader.name()));
    for (String read : object.upstreams()) {
      if (readers.stream().anyMatch(read::equalsIgnoreCase)) {
        throw new LaminarException(
                ErrorCode.VALIDATION_FAILED,
                "\"" + existing.name() + "\" cannot read \"" + read + "\", which reads it.")
            .mend("Choose another name.")
            .at(position);
      }
    }
  }

  /** What readers, to stand behind its name, cannot go on with; or null. */
  private String cut(CatalogObject existing, CatalogObject object, ReplacementPlan plan) {
    if (plan.cut() != null) {
      return plan.cut();
    }
    if (!times(existing).equals(times(object))) {
      return "would have other event times";
    }
    boolean keysGo =
        !existing.primaryKey().isEmpty() && !existing.primaryKey().equals(object.primaryKey());
    return keysGo ? "would have other unique columns" : null;
  }

  /** The columns that readers may window over: bounds of windows, and event times of sources. */
  private List<TimeColumn> times(CatalogObject object) {
    return object.timeColumns().stream()
        .filter(
            time -> time.origins().isEmpty() || time.origins().stream().anyMatch(this::isEventTime))
        .toList();
  }

  private boolean isEventTime(SourceColumn column) {
    CatalogObject source = database.require(column.source());
    return source.eventTime() != null
        && source.eventTime().column() == source.schema().indexOf(column.column());
  }

  private void checkReaders(
      RunningQuery former, CatalogObject existing, String cut, SourcePosition position) {
    List<String> found = new ArrayList<>();
    former.sideStreams().forEach(side -> found.addAll(readers.of(side)));
    if (cut != null) {
      found.addAll(readers.of(existing.name()));
    }
    String why = cut == null ? "" : ", and " + cut;
    Readers.check(existing, found, why, position, "Drop them first.");
    if (cut != null || !former.sideStreams().isEmpty()) {
      readers.checkNotLive(existing, position);
    }
  }

  /**
   * Puts the new query in the place of the other one, and says so in the catalog.
   *
   * @param rebuilt what operators know that do not go on; null where they begin anew
   */
  RunningQuery apply(Change change, QueryOptions readers, RebuiltQuery rebuilt) {
    RunningQuery former = database.query(change.name());
    RunningQuery query =
        change.same()
            ? former
            : attacher.replace(
                change.name(),
                change.planned(),
                change.graph(),
                change.shared(),
                readers,
                change.continues(),
                rebuilt);
    if (!change.same()) {
      former.sideStreams().forEach(side -> database.catalog().remove(side, null));
    }
    if (!change.continues()) {
      database.indexes().removeOf(change.name());
    }
    if (!change.object().sql().equals(change.existing().sql())) {
      database.catalog().replace(change.object());
    }
    return query;
  }
}
