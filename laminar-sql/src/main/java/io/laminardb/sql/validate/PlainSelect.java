package io.laminardb.sql.validate;

import java.util.List;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.parser.SqlParserPos;

/** A SELECT that neither groups nor orders: most of what a rewrite puts around a relation. */
public final class PlainSelect {
  private PlainSelect() {}

  /**
   * {@code SELECT items FROM from WHERE where}.
   *
   * @param where or null
   */
  public static SqlSelect of(
      List<SqlNode> items, SqlNode from, SqlNode where, SqlParserPos position) {
    return new SqlSelect(
        position,
        SqlNodeList.EMPTY,
        new SqlNodeList(items, position),
        from,
        where,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  /** {@code SELECT * FROM from}. */
  static SqlSelect all(SqlNode from, SqlParserPos position) {
    return of(List.of(SqlIdentifier.star(position)), from, null, position);
  }
}
