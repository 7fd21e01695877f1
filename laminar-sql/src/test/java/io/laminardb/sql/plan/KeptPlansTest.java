package io.laminardb.sql.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.sql.parser.SqlParser;
import io.laminardb.sql.parser.Statement;
import org.junit.jupiter.api.Test;

class KeptPlansTest {
  private final PlanningSession session = new PlanningSession();
  private int planned;

  private String plan(KeptPlans plans, String sql, Object... values) {
    return plans
        .plan(
            session.catalog.snapshot(),
            "UTC",
            values,
            parameters -> {
              planned++;
              Statement.Select select =
                  (Statement.Select) new SqlParser(name -> null).parse(sql).get(0).statement();
              return session.planner.planSnapshot(
                  select.query(), session.catalog.snapshot(), parameters);
            })
        .physical();
  }

  @Test
  void plansOnceForValuesOfTheSameTypes() {
    session.run("CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR)");
    KeptPlans plans = new KeptPlans();
    String sql = "SELECT name FROM t WHERE id = ? AND name <> ?";
    String first = plan(plans, sql, 1, "a");
    assertThat(plan(plans, sql, 2, "a longer one"))
        .isEqualTo(first.replace("1", "2").replace("'a'", "'a longer one'"));
    assertThat(plan(plans, sql, -7, "")).contains("-7");
    assertThat(planned).isEqualTo(1);
    plan(plans, sql, 1L << 40, "a");
    plan(plans, sql, 1, null);
    assertThat(planned).isEqualTo(3);
    plan(plans, sql, 1L << 41, "b");
    plan(plans, sql, 5, null);
    assertThat(planned).isEqualTo(3);
    session.run("CREATE SOURCE other (a INT)");
    plan(plans, sql, 1, "a");
    assertThat(planned).isEqualTo(4);
  }

  @Test
  void plansEachTimeWhatDependsOnTheValues() {
    session.run("CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR)");
    KeptPlans plans = new KeptPlans();
    String sql = "SELECT name FROM t ORDER BY name LIMIT ?";
    assertThat(plan(plans, sql, 1)).contains("1");
    assertThat(plan(plans, sql, 20)).contains("20");
    assertThat(planned).isEqualTo(3); // once in vain
  }
}
