package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.*;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * {@code LIMIT 2 * 5 OFFSET ? + 1}: the grammar takes a number or a {@code ?} only, so an expression is
 * read as the last items of ORDER BY, {@code ORDER BY a, "$LIMIT"(2 * 5), "$OFFSET"(? + 1)}, and put
 * where it belongs in the tree.
 */
final class RowCounts {
  private static final String LIMIT_ITEM = "$LIMIT";
  private static final String OFFSET_ITEM = "$OFFSET";

  private final List<SqlToken> tokens;

  private RowCounts(List<SqlToken> tokens) {
    this.tokens = tokens;
  }

  /**
   * Adds the clauses that begin at {@code from} as items of ORDER BY, where one of them is an
   * expression.
   *
   * @param ordered whether an ORDER BY stands before them
   * @return how many tokens are done; 0 where they stay as they are
   */
  static int add(List<SqlToken> tokens, int from, boolean ordered, List<SqlToken> out) {
    return new RowCounts(tokens).add(from, ordered, out);
  }

  private int add(int from, boolean ordered, List<SqlToken> out) {
    int end = clauseEnd(from);
    boolean two = kind(end) != kind(from) && (kind(end) == LIMIT || kind(end) == OFFSET);
    int last = two ? clauseEnd(end) : end;
    if (!isExpression(from, end) && !(two && isExpression(end, last))) {
      return 0;
    }
    SqlToken first = tokens.get(from);
    if (ordered) {
      out.add(first.copy(COMMA, ","));
    } else {
      out.add(first.copy(ORDER, "ORDER"));
      out.add(first.copy(BY, "BY"));
    }
    item(from, end, out);
    if (two) {
      out.add(tokens.get(end).copy(COMMA, ","));
      item(end, last, out);
    }
    return last - from;
  }

  private void item(int clause, int end, List<SqlToken> out) {
    SqlToken word = tokens.get(clause);
    SqlToken last = tokens.get(end - 1);
    int next = last.is("ROW") || last.is("ROWS") ? end - 1 : end;
    out.add(word.copy(IDENTIFIER, word.kind == LIMIT ? LIMIT_ITEM : OFFSET_ITEM));
    out.add(word.copy(LPAREN, "("));
    for (SqlToken token : tokens.subList(clause + 1, next)) {
      boolean all = token.kind == ALL && next == clause + 2;
      out.add(all ? token.copy(NULL, "NULL") : token);
    }
    out.add(tokens.get(next - 1).copy(RPAREN, ")"));
  }

  /** Whether more than a number or a {@code ?} stands behind the word of a clause. */
  private boolean isExpression(int clause, int end) {
    if (end == clause + 1) {
      return false;
    }
    return switch (kind(clause + 1)) {
      case UNSIGNED_INTEGER_LITERAL, HOOK, ALL ->
          switch (kind(clause + 2)) {
            case PLUS, MINUS, STAR, SLASH, PERCENT_REMAINDER, INFIX_CAST -> end > clause + 3;
            default -> false;
          };
      default -> true;
    };
  }

  private int clauseEnd(int clause) {
    int depth = 0;
    for (int i = clause + 1; i < tokens.size(); i++) {
      switch (kind(i)) {
        case LPAREN -> depth++;
        case RPAREN -> {
          if (depth-- == 0) {
            return i;
          }
        }
        case LIMIT, OFFSET, FETCH, UNION, INTERSECT, EXCEPT, COMMA -> {
          if (depth == 0) {
            return i;
          }
        }
        default -> {
          // belongs to the expression
        }
      }
    }
    return tokens.size();
  }

  private int kind(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i).kind : EOF;
  }

  /** Whether a call is such an item. */
  static boolean isItem(SqlCall call) {
    return isItem(call, LIMIT_ITEM) || isItem(call, OFFSET_ITEM);
  }

  private static boolean isItem(SqlNode item, String name) {
    return item instanceof SqlBasicCall call && call.getOperator().getName().equals(name);
  }

  /** The tree with such items where they belong. */
  static SqlNode restored(SqlNode root) {
    return root.accept(new Restoring());
  }

  private static final class Restoring extends SqlShuttle {
    @Override
    public SqlNode visit(SqlCall call) {
      SqlNode visited = super.visit(call);
      return visited instanceof SqlOrderBy order ? restored(order) : visited;
    }

    private static SqlOrderBy restored(SqlOrderBy order) {
      SqlNode offset = order.offset;
      SqlNode fetch = order.fetch;
      List<SqlNode> keys = new ArrayList<>();
      for (SqlNode item : order.orderList) {
        if (isItem(item, LIMIT_ITEM)) {
          fetch = ((SqlBasicCall) item).operand(0);
        } else if (isItem(item, OFFSET_ITEM)) {
          offset = ((SqlBasicCall) item).operand(0);
        } else {
          keys.add(item);
        }
      }
      return new SqlOrderBy(
          order.getParserPosition(),
          order.query,
          new SqlNodeList(keys, order.orderList.getParserPosition()),
          offset,
          fetch);
    }
  }
}
