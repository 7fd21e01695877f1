package io.laminardb.sql.validate;

import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.operator.match.MatchSpec;
import io.laminardb.core.operator.match.RowPattern;
import java.util.List;
import org.apache.calcite.sql.SqlNode;

/**
 * What a MATCH_RECOGNIZE says beside its expressions, whose {@link MatchCall.Clause} has behind its
 * index the columns of PARTITION BY and of ORDER BY, then the conditions of DEFINE.
 *
 * @param variables their names
 * @param patternText as it was written
 * @param within the INTERVAL literal, or null
 * @param partitionColumns how many there are
 * @param orders how the columns of ORDER BY sort
 * @param defined the variable of each condition
 * @param position of the clause
 * @param orderPosition of ORDER BY
 * @param skipPosition of AFTER MATCH, or null
 */
public record MatchClause(
    RowPattern pattern,
    List<String> variables,
    String patternText,
    SqlNode within,
    MatchSpec.Rows rows,
    MatchSpec.Skip skip,
    int partitionColumns,
    List<Order> orders,
    List<Integer> defined,
    SourcePosition position,
    SourcePosition orderPosition,
    SourcePosition skipPosition) {
  /** How a column sorts. */
  public record Order(boolean descending, boolean nullsFirst) {}

  public MatchClause {
    variables = List.copyOf(variables);
    orders = List.copyOf(orders);
    defined = List.copyOf(defined);
  }

  /** How long a match may last, in nanoseconds; 0 for any time. */
  public long withinNs() {
    return within == null
        ? 0
        : Intervals.nanos(within, io.laminardb.core.error.ErrorCode.VALIDATION_FAILED, "WITHIN");
  }
}
