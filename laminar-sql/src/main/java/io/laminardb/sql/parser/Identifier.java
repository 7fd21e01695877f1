package io.laminardb.sql.parser;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.SourcePosition;

/**
 * A name as the user wrote it, without its quotes. Unquoted names keep their case too; names are
 * compared ignoring case later on.
 *
 * @param name the characters of the name
 * @param quoted whether it stood in "double quotes" or `ticks`
 * @param position where it stands in the whole text
 */
public record Identifier(String name, boolean quoted, SourcePosition position) {
  public Identifier {
    requireNonNull(name, "name");
    requireNonNull(position, "position");
  }

  @Override
  public String toString() {
    return name;
  }
}
