package io.laminardb.sql.parser;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.fun.SqlLibraryOperators;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Keeps trees within what recursive code can walk, and writes {@code value::TYPE} as CAST and the items
 * of {@link RowCounts} as LIMIT and OFFSET, so that later stages know one form only.
 */
final class TreeGuard {
  /** Levels of calls and lists in one tree; a chain of n ANDs has n levels. */
  static final int MAX_DEPTH = 1_000;

  private TreeGuard() {}

  private record Level(SqlNode node, int depth) {}

  /**
   * The tree in those forms.
   *
   * @throws LaminarException QUERY_TOO_COMPLEX if it is deeper than {@link #MAX_DEPTH}
   */
  static SqlNode checked(SqlNode root, String sql) {
    boolean infixCasts = false;
    boolean rowCounts = false;
    Deque<Level> open = new ArrayDeque<>();
    open.push(new Level(root, 1));
    while (!open.isEmpty()) {
      Level level = open.pop();
      if (level.depth > MAX_DEPTH) {
        throw tooDeep(level.node, root, sql);
      }
      List<? extends SqlNode> children = List.of();
      if (level.node instanceof SqlCall call) {
        infixCasts |= call.getOperator() == SqlLibraryOperators.INFIX_CAST;
        rowCounts |= RowCounts.isItem(call);
        children = call.getOperandList();
      } else if (level.node instanceof SqlNodeList list) {
        children = list;
      }
      for (SqlNode child : children) {
        if (child != null) {
          open.push(new Level(child, level.depth + 1));
        }
      }
    }
    SqlNode tree = rowCounts ? RowCounts.restored(root) : root;
    return infixCasts ? tree.accept(new InfixCasts()) : tree;
  }

  private static LaminarException tooDeep(SqlNode node, SqlNode root, String sql) {
    SourcePosition place = SourcePositions.of(node.getParserPosition());
    return new LaminarException(
            ErrorCode.QUERY_TOO_COMPLEX,
            "The expression nests deeper than " + MAX_DEPTH + " levels.")
        .at(place != null ? place : SourcePositions.of(root.getParserPosition()))
        .mend("Use IN lists, or split the query into several streams.")
        .in(sql);
  }

  private static final class InfixCasts extends SqlShuttle {
    @Override
    public SqlNode visit(SqlCall call) {
      SqlNode visited = super.visit(call);
      if (visited instanceof SqlCall copy && copy.getOperator() == SqlLibraryOperators.INFIX_CAST) {
        return SqlStdOperatorTable.CAST.createCall(copy.getParserPosition(), copy.getOperandList());
      }
      return visited;
    }
  }
}
