package io.laminardb.sql.plan;
import org.junit.jupiter.api.Test;
import io.laminardb.sql.catalog.*;
import io.laminardb.sql.parser.*;
import io.laminardb.sql.validate.*;
class TmpOverTest {
  @Test void t() throws Exception {
    PlanningSession s = new PlanningSession();
    s.run("CREATE SOURCE t (k VARCHAR NOT NULL, x DOUBLE NOT NULL, v BIGINT NOT NULL, i INT, ts TIMESTAMP NOT NULL, tb BIGINT NOT NULL)");
    QueryAnalyzer a = new QueryAnalyzer(io.laminardb.sql.function.Functions.table());
    for (String q : java.nio.file.Files.readAllLines(java.nio.file.Path.of("/tmp/over/q.sql"))) {
      if (q.isBlank()) continue;
      System.out.println("=== " + q);
      try {
        Statement.Select sel = (Statement.Select) new SqlParser(n -> null).parse(q).get(0).statement();
        var an = a.analyze(sel.query().query(), s.catalog.snapshot(), Parameters.at(0, new Object[0]), true);
        System.out.println(org.apache.calcite.plan.RelOptUtil.toString(an.root().rel) + an.root().rel.getRowType().getFullTypeString());
      } catch (Exception e) { System.out.println(e); if (!(e instanceof io.laminardb.core.error.LaminarException)) e.printStackTrace(System.out); else if (e.getCause()!=null) System.out.println(e.getCause()); }
    }
  }
}
