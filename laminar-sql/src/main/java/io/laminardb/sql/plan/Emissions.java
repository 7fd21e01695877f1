package io.laminardb.sql.plan;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.parser.Emit;
import io.laminardb.sql.plan.PlanNode.Emission;

/** When the aggregates of a query speak: its EMIT clause, or the default of its kind. */
record Emissions(QueryKind kind, Emit emit) {
  /**
   * The emission of an aggregate.
   *
   * @param outermost whether no other aggregate stands above it; EMIT speaks of that one
   */
  Emission of(boolean windowed, boolean outermost) {
    if (kind == QueryKind.SNAPSHOT) {
      return Emission.ON_END;
    }
    if (outermost && emit != null) {
      return switch (emit.mode()) {
        case CHANGES -> Emission.CHANGES;
        case EVERY -> Emission.EVERY;
        case ON_WINDOW_CLOSE -> {
          if (!windowed) {
            throw new LaminarException(
                    ErrorCode.VALIDATION_FAILED,
                    "EMIT ON WINDOW CLOSE on a query that does not group by a window.")
                .mend(
                    "Group by a window, for example tumble(ts, INTERVAL '1' MINUTE), or use EMIT"
                        + " CHANGES.")
                .at(emit.position());
          }
          yield Emission.ON_WINDOW_CLOSE;
        }
      };
    }
    return windowed && kind == QueryKind.STREAM ? Emission.ON_WINDOW_CLOSE : Emission.CHANGES;
  }

  long everyNs(Emission emission) {
    return emission == Emission.EVERY ? emit.every().toNanos() : 0;
  }

  /** Whether the query asks for rows only once the watermark has passed them. */
  boolean waitsForTime() {
    return kind != QueryKind.SNAPSHOT && emit != null && emit.mode() == Emit.Mode.ON_WINDOW_CLOSE;
  }

  /** With EVERY: a plan that gathers changes, where its last aggregates do not. */
  PlanNode paced(PlanNode root) {
    boolean every = kind != QueryKind.SNAPSHOT && emit != null && emit.mode() == Emit.Mode.EVERY;
    return every && root.schema().isChangelog() && !isPaced(root)
        ? new PlanNode.Pace(root, emit.every().toNanos())
        : root;
  }

  /** Whether what comes out is what aggregates have gathered. */
  private static boolean isPaced(PlanNode node) {
    if (node instanceof PlanNode.Calc || node instanceof PlanNode.Union) {
      return node.inputs().stream().allMatch(Emissions::isPaced);
    }
    return node instanceof PlanNode.Aggregate aggregate && aggregate.emission() == Emission.EVERY;
  }

  /** Checks EMIT of a query that does not aggregate. */
  void checkStateless(boolean changelog) {
    if (emit == null || kind == QueryKind.SNAPSHOT || emit.mode() == Emit.Mode.CHANGES) {
      return;
    }
    if (emit.mode() == Emit.Mode.EVERY && changelog) {
      return;
    }
    if (emit.mode() == Emit.Mode.EVERY) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "EMIT EVERY on a query whose rows never change.")
          .mend("Leave EMIT out: each row passes at once.")
          .at(emit.position());
    }
    if (changelog) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED,
              "EMIT ON WINDOW CLOSE on a query that passes changes on and has no window.")
          .mend("Use EMIT CHANGES, or group by a window.")
          .at(emit.position());
    }
  }
}
