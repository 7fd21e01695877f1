package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.sql.catalog.Catalog;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.SqlParser;
import io.laminardb.sql.parser.Statement;
import java.util.List;
import java.util.Map;

/** Plans one query of the usual shape over a source of its own. */
final class WarmUp {
  private static final String SQL =
      "SELECT k, SUM(v * 2) / COUNT(*) AS a FROM warm_up WHERE v > 1 AND k <> 'x'"
          + " GROUP BY k, tumble(ts, INTERVAL '1' MINUTE)";

  private WarmUp() {}

  static void run(SqlPlanner planner) {
    Catalog catalog = new Catalog();
    Schema schema =
        Schema.appendOnly(
            Field.of("k", DataType.VARCHAR),
            Field.of("v", DataType.BIGINT),
            Field.of("ts", DataType.BIGINT));
    catalog.add(
        new CatalogObject(
            ObjectKind.SOURCE,
            "warm_up",
            schema,
            null,
            List.of(),
            List.of(),
            ChangelogMode.APPEND_ONLY,
            0,
            Map.of(),
            "",
            List.of()),
        false,
        null);
    Statement.Select select =
        (Statement.Select) new SqlParser(name -> null).parse(SQL).get(0).statement();
    planner.plan(select.query(), QueryKind.STREAM, catalog.snapshot());
  }
}
