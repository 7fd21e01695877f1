package io.laminardb.core.runtime;

import java.util.List;

/**
 * What would become of a query that another one takes the place of.
 *
 * @param fates of its operators
 * @param content what would become of what its stream holds: KEPT, REBUILT where the new query is told
 *     all there is, FROM_HISTORY, or LOST
 * @param cut why who reads it could not go on with the new one's rows, to stand behind its name; null
 *     where it can
 * @param begins whether an operator of the new query would know only what comes from now on
 */
public record ReplacementPlan(
    List<OperatorFate> fates, OperatorFate.Outcome content, String cut, boolean begins) {
  public ReplacementPlan {
    fates = List.copyOf(fates);
  }
}
