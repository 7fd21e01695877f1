package io.laminardb.sql.parser;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.SourcePosition;
import org.apache.calcite.sql.SqlNode;

/**
 * A query and what may follow it: {@code query [WITH (..)] [EMIT ..] [LATE DATA TO name] [INCLUDE OPEN]}.
 *
 * @param query the query proper, not validated; the receiver may rewrite it
 * @param with the options, {@link Options#NONE} when there are none
 * @param emit when results leave, or null when not said
 * @param lateDataTo where late rows go, or null
 * @param includeOpen where INCLUDE OPEN stands, or null
 * @param position the query proper, without suffixes
 */
public record QuerySpec(
    SqlNode query,
    Options with,
    Emit emit,
    Identifier lateDataTo,
    SourcePosition includeOpen,
    SourcePosition position) {
  public QuerySpec {
    requireNonNull(query, "query");
    requireNonNull(with, "with");
    requireNonNull(position, "position");
  }
}
