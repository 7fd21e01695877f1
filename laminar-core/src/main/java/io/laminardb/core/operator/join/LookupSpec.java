package io.laminardb.core.operator.join;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupCondition;
import io.laminardb.core.connector.LookupConnector;
import java.util.List;

/**
 * What a join with a table outside is. Immutable.
 *
 * @param table its name, for messages
 * @param conditions what is to hold for a row of the table beside what the join says itself, so that
 *     others need not come
 * @param join an INNER or LEFT join, whose left side are the rows and whose right side is the table; at
 *     least one key, and NULL matches nothing
 * @param output the columns of the join; a changelog where the left side is one
 */
public record LookupSpec(
    String table,
    LookupConnector connector,
    List<LookupCondition> conditions,
    JoinSpec join,
    Schema output) {
  public LookupSpec {
    requireNonNull(connector, "connector");
    conditions = List.copyOf(conditions);
    requireNonNull(join, "join");
    requireNonNull(output, "output");
    boolean fits =
        (join.type() == JoinType.INNER || join.type() == JoinType.LEFT)
            && !join.leftKeys().isEmpty()
            && !join.nullSafe().contains(true)
            && !join.right().isChangelog()
            && output.isChangelog() == join.left().isChangelog();
    if (!fits) {
      throw new IllegalArgumentException("the parts of a join with a table outside do not fit");
    }
  }
}
