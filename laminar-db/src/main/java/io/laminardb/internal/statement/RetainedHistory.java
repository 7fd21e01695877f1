package io.laminardb.internal.statement;

import io.laminardb.core.graph.OperatorGraph;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.Origins;
import io.laminardb.internal.durable.KeptStatement;
import io.laminardb.internal.durable.Persistence;
import io.laminardb.internal.durable.Rewind;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.function.Function;

/** What the database has kept of the rows that came in, for queries that were not there by then. */
final class RetainedHistory {
  private final Database database;
  private final Function<Rewind.MomentClock, StatementExecutor> pasts;
  private final Function<ParsedStatement, KeptStatement> kept;

  /**
   * @param pasts makes a database in memory, with the settings of this one and a clock, in which there is
   *     nothing yet
   * @param kept says what it takes to execute a statement with the settings of now
   */
  RetainedHistory(
      Database database,
      Function<Rewind.MomentClock, StatementExecutor> pasts,
      Function<ParsedStatement, KeptStatement> kept) {
    this.database = database;
    this.pasts = pasts;
    this.kept = kept;
  }

  /** Whether there is any. */
  boolean isThere() {
    return database.persistence() != null && !database.readsAgain() && !database.isRecovering();
  }

  /** Why history cannot say what a query would know, as the rest of a sentence; null where it can. */
  String missing(PlannedQuery planned) {
    CatalogSnapshot catalog = database.catalog().snapshot();
    CatalogObject unwritten =
        Origins.unwritten(catalog, planned.upstreams(), database.durabilityMode());
    if (unwritten != null) {
      return "rows of " + unwritten.describe() + " are in no journal";
    }
    for (String upstream : planned.upstreams()) {
      CatalogObject object = catalog.find(upstream);
      if (object != null && object.isExternal()) {
        return "nobody asked " + object.describe() + " for it before";
      }
    }
    return null;
  }

  /** From where on a query would know what came in, for people. */
  String reach(ParsedStatement statement, OperatorGraph graph) {
    return database
        .persistence()
        .exclusively(
            () -> {
              try (PastQuery past = open(statement, graph)) {
                past.skim();
                return past.reach();
              }
            });
  }

  /**
   * A query as it would be where history begins; within {@link Persistence#exclusively}.
   *
   * @param graph the operators it must have
   */
  PastQuery open(ParsedStatement statement, OperatorGraph graph) {
    Rewind.MomentClock clock = new Rewind.MomentClock();
    return PastQuery.open(
        database.persistence(), pasts.apply(clock), clock, kept.apply(statement), graph);
  }
}
