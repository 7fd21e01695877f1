package io.laminardb.sql.parser;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.SourcePosition;

/**
 * One statement of a text. All positions inside it count from the start of the whole text, so an
 * error found later is shown by {@code .at(position).in(parsed.sql())}.
 *
 * @param statement what it says
 * @param text exactly its characters, from the first word to the last, variables not replaced
 * @param offset index in {@code sql} of the first character of {@code text}
 * @param position from the first to the last character
 * @param parameterCount how many {@code ?} it holds
 * @param sql the whole text it was read from
 */
public record ParsedStatement(
    Statement statement,
    String text,
    int offset,
    SourcePosition position,
    int parameterCount,
    String sql) {
  public ParsedStatement {
    requireNonNull(statement, "statement");
    requireNonNull(text, "text");
    requireNonNull(position, "position");
    requireNonNull(sql, "sql");
  }
}
