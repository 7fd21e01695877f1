package io.laminardb.sql.parser;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.SourcePosition;
import java.util.List;
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
 * @param columns names of its columns, in the place of its own; empty when not said
 */
public record QuerySpec(
    SqlNode query,
    Options with,
    Emit emit,
    Identifier lateDataTo,
    SourcePosition includeOpen,
    SourcePosition position,
    List<Identifier> columns) {
  /** A query whose columns have their own names. */
  public QuerySpec(
      SqlNode query,
      Options with,
      Emit emit,
      Identifier lateDataTo,
      SourcePosition includeOpen,
      SourcePosition position) {
    this(query, with, emit, lateDataTo, includeOpen, position, List.of());
  }

  public QuerySpec {
    columns = List.copyOf(columns);
    requireNonNull(query, "query");
    requireNonNull(with, "with");
    requireNonNull(position, "position");
  }

  /** The same with other names of columns. */
  QuerySpec withColumns(List<Identifier> names) {
    return new QuerySpec(query, with, emit, lateDataTo, includeOpen, position, names);
  }

  /** The same of another query. */
  public QuerySpec withQuery(SqlNode other) {
    return new QuerySpec(other, with, emit, lateDataTo, includeOpen, position, columns);
  }
}
