package io.laminardb.sql.plan;

import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.validate.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The plans of one prepared statement, by the types of its values: planned once, executed with other
 * values each time. A plan is good for the catalog it was made with. Any thread; two that find no plan
 * both make one.
 *
 * <p>Where the plan depends on the values themselves (LIMIT ?, arguments of functions) or on the time
 * of the statement, it is made anew each time, as for a statement that is executed once.
 */
public final class KeptPlans {
  private static final int MOST = 16;

  private final Map<String, Optional<PlannedQuery>> plans = new LinkedHashMap<>(16, 0.75f, true);
  private CatalogSnapshot catalog; // that of all plans

  /**
   * The plan for some values.
   *
   * @param now what there is
   * @param settings what else plans depend on, as text
   * @param planner plans the statement, which it parses, with parameters
   */
  public PlannedQuery plan(
      CatalogSnapshot now,
      String settings,
      Object[] values,
      Function<Object[], PlannedQuery> planner) {
    String types = settings + "; " + Parameters.signature(values);
    Optional<PlannedQuery> plan = kept(now, types);
    if (plan == null) {
      plan = make(values, planner);
      keep(now, types, plan);
    }
    return plan.isEmpty()
        ? planner.apply(values)
        : plan.get().with(ParameterBinding.bind(plan.get().root(), values));
  }

  private synchronized Optional<PlannedQuery> kept(CatalogSnapshot now, String types) {
    if (catalog != now) {
      catalog = now;
      plans.clear();
    }
    return plans.get(types);
  }

  private synchronized void keep(CatalogSnapshot now, String types, Optional<PlannedQuery> plan) {
    if (catalog == now) {
      plans.put(types, plan);
      if (plans.size() > MOST) {
        plans.remove(plans.keySet().iterator().next());
      }
    }
  }

  /** A plan for all values of these types; none where they have to be known. */
  private static Optional<PlannedQuery> make(
      Object[] values, Function<Object[], PlannedQuery> planner) {
    try {
      PlannedQuery plan = planner.apply(Parameters.typesOf(values));
      ParameterBinding.check(plan.root(), values);
      return Optional.of(plan);
    } catch (LaminarException wantsValues) {
      return Optional.empty(); // planning with values says what is wrong, if anything is
    }
  }
}
