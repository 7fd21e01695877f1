package io.laminardb.sql.parser;

import io.laminardb.core.error.SourcePosition;
import org.apache.calcite.sql.parser.SqlParserPos;

/** Translates Calcite's positions into ours. */
public final class SourcePositions {
  private SourcePositions() {}

  /** The same range; a node without a place of its own gives null. */
  public static SourcePosition of(SqlParserPos position) {
    if (position.getLineNum() <= 0) {
      return null;
    }
    return new SourcePosition(
        position.getLineNum(),
        position.getColumnNum(),
        position.getEndLineNum(),
        position.getEndColumnNum());
  }
}
