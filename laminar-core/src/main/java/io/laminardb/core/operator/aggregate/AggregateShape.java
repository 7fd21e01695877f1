package io.laminardb.core.operator.aggregate;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.state.RowLayout;
import java.util.List;

/**
 * What an operator knows of its generated {@link AggregateKernel}. Immutable.
 *
 * @param output the rows that come out: keys, window bounds where there is a window, results
 * @param keyColumns how many of the output's columns are keys
 * @param windowColumns 2 with a window, else 0
 * @param groups the layout of a group's row
 * @param distincts layouts of the tables that tell values apart, one for each DISTINCT; a value's row
 *     has the key words of its group, then its own
 * @param sourceBytes width of a prepared row
 * @param rowOffset where a prepared row holds its number (32 bits), then its weight (32 bits)
 * @param timeOffset where a prepared row holds its event time, in units of the time attribute
 * @param fused whether the kernel brings rows into their groups without preparing them; then {@code
 *     sourceBytes} is the width of a hash and a key
 * @param changelogInput whether rows may be retracted
 * @param refersToState whether accumulating needs more than the group's row, so that the state it
 *     belongs to must be attached
 * @param mergeable whether two groups can be merged into one
 * @param session what there is to know of sessions, or null
 */
public record AggregateShape(
    Schema output,
    int keyColumns,
    int windowColumns,
    RowLayout groups,
    List<RowLayout> distincts,
    int sourceBytes,
    int rowOffset,
    int timeOffset,
    boolean fused,
    boolean changelogInput,
    boolean refersToState,
    boolean mergeable,
    SessionShape session) {
  public AggregateShape {
    distincts = List.copyOf(distincts);
  }

  /** Names the layout of the state; equal ones can restore each other's snapshots. */
  public String fingerprint() {
    return output.types() + " " + groups + " " + distincts;
  }

  /** Whether there is exactly one group, always: no keys and no window. */
  public boolean isGlobal() {
    return groups.keyWords() == 0 && windowColumns == 0;
  }

  /** The first result column. */
  public int firstResult() {
    return keyColumns + windowColumns;
  }
}
