package io.laminardb.internal.statement;

import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.KeptPlans;
import io.laminardb.sql.plan.PlannedQuery;
import java.util.function.Function;
import java.util.function.Supplier;

/** Where the plan of a statement comes from: made for one execution, or kept for the next ones. */
interface Plans {
  /** Plans a statement of a kind with values for its question marks. */
  interface Planner<S extends Statement> {
    PlannedQuery plan(S statement, Object... parameters);
  }

  /**
   * The plan for some values.
   *
   * @param catalog what there is
   * @param statement as it was parsed; planning changes its tree
   */
  <S extends Statement> PlannedQuery plan(
      CatalogSnapshot catalog, S statement, Planner<S> planner, Object... parameters);

  /** The statement with a tree that nobody else plans, for one execution. */
  <S extends Statement> S fresh(S statement);

  /** Plans each time. */
  Plans NEW =
      new Plans() {
        @Override
        public <S extends Statement> PlannedQuery plan(
            CatalogSnapshot catalog, S statement, Planner<S> planner, Object... parameters) {
          return planner.plan(statement, parameters);
        }

        @Override
        public <S extends Statement> S fresh(S statement) {
          return statement;
        }
      };

  /**
   * Keeps plans.
   *
   * @param parsed the statement, parsed anew
   * @param settings what plans depend on beside the catalog, as text
   */
  static Plans keeping(Supplier<Statement> parsed, Supplier<String> settings) {
    KeptPlans kept = new KeptPlans();
    return new Plans() {
      @Override
      public <S extends Statement> PlannedQuery plan(
          CatalogSnapshot catalog, S statement, Planner<S> planner, Object... parameters) {
        Function<Object[], PlannedQuery> planning = p -> planner.plan(fresh(statement), p);
        return kept.plan(catalog, settings.get(), parameters, planning);
      }

      @Override
      @SuppressWarnings("unchecked")
      public <S extends Statement> S fresh(S statement) {
        return (S) parsed.get();
      }
    };
  }
}
