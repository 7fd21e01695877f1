package io.laminardb.core.runtime;

import io.laminardb.core.graph.OperatorGraph;

/**
 * What becomes of an operator when another query takes the place of its own.
 *
 * @param operator of the new query; of the former one where it is {@link Outcome#LOST} and has no
 *     counterpart
 * @param why a few words for people; empty where there is nothing to say
 */
public record OperatorFate(OperatorGraph.Node operator, Outcome outcome, String why) {
  /** What becomes of its state. */
  public enum Outcome {
    /** It goes on with all it knows. */
    KEPT,
    /** It is made anew and knows all there is: what it reads is told again. */
    REBUILT,
    /** It knows what it would, had it been there as far back as retained history reaches. */
    FROM_HISTORY,
    /** It is made anew, and keeps nothing anyway. */
    STATELESS,
    /** There was none like it: it knows what comes from now on. */
    NEW,
    /** What the one in its place knew is gone; it knows what comes from now on. */
    LOST
  }
}
