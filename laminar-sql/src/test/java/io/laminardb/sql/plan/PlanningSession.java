package io.laminardb.sql.plan;

import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.catalog.Catalog;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.parser.ParsedStatement;
import io.laminardb.sql.parser.SqlParser;
import io.laminardb.sql.parser.Statement;

/** A catalog and a planner that statements run against, without rows. */
final class PlanningSession {
  final Catalog catalog = new Catalog();
  final SqlPlanner planner = new SqlPlanner();

  /** Runs all statements and returns the plan of the last query. */
  PlannedQuery run(String sql) {
    PlannedQuery planned = null;
    for (ParsedStatement parsed : new SqlParser(name -> null).parse(sql)) {
      try {
        PlannedQuery last = run(parsed);
        planned = last != null ? last : planned;
      } catch (LaminarException e) {
        throw e.in(parsed.sql());
      }
    }
    return planned;
  }

  private PlannedQuery run(ParsedStatement parsed) {
    Statement statement = parsed.statement();
    if (statement instanceof Statement.CreateSource create) {
      catalog.add(
          Definitions.source(create, parsed.text()), create.orReplace(), create.name().position());
      return null;
    }
    if (statement instanceof Statement.CreateTable create) {
      catalog.add(
          Definitions.table(create, parsed.text()), create.orReplace(), create.name().position());
      return null;
    }
    if (statement instanceof Statement.CreateQuery create) {
      QueryKind kind =
          create.kind() == io.laminardb.sql.parser.ObjectKind.STREAM
              ? QueryKind.STREAM
              : QueryKind.MATERIALIZED_VIEW;
      PlannedQuery planned = planner.plan(create.query(), kind, catalog.snapshot());
      planned.eventTimes().forEach(catalog::useEventTime);
      CatalogObject object = Definitions.query(create, planned, parsed.text());
      catalog.add(object, create.orReplace(), create.name().position());
      return planned;
    }
    if (statement instanceof Statement.Insert insert) {
      return planner.planInsert(insert, catalog.snapshot());
    }
    Statement.Select select = (Statement.Select) statement;
    return planner.isSnapshot(select.query(), catalog.snapshot())
        ? planner.planSnapshot(select.query(), catalog.snapshot())
        : planner.plan(select.query(), QueryKind.STREAM, catalog.snapshot());
  }
}
