package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParserPos;

/** Places of Calcite's nodes as ours. */
public final class Positions {
  private Positions() {}

  public static SourcePosition of(SqlParserPos position) {
    return position == null || position.getLineNum() <= 0
        ? null
        : new SourcePosition(
            position.getLineNum(),
            position.getColumnNum(),
            position.getEndLineNum(),
            position.getEndColumnNum());
  }

  /** An error at the place of {@code node}. */
  public static LaminarException error(ErrorCode code, SqlNode node, String problem) {
    LaminarException error = new LaminarException(code, problem);
    SourcePosition position = node == null ? null : of(node.getParserPosition());
    return position == null ? error : error.at(position);
  }

  /** {@code NOT_SUPPORTED} at the place of {@code node}. */
  static LaminarException notSupported(SqlNode node, String problem, String mend) {
    return error(ErrorCode.NOT_SUPPORTED, node, problem).mend(mend);
  }
}
