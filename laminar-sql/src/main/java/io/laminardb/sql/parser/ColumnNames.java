package io.laminardb.sql.parser;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWith;
import org.apache.calcite.sql.SqlWithItem;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * Names the columns that a query gives no name by what stands there, as SQLite does: that of {@code
 * SELECT COUNT(*)} is {@code "COUNT(*)"}, white space and comments being one blank. Of two that read the
 * same the second is {@code "COUNT(*)_1"}. Done for the query itself and for those in its FROM and WITH, whose
 * columns others may ask for by name.
 */
final class ColumnNames {
  /** Calls that are no columns but parts of a clause. */
  private static final Set<String> PARTS =
      Set.of("STAR_EXCLUDE", ClauseSpellings.REPLACE, "DISTINCT_ON");

  private final List<SqlToken> tokens;

  private ColumnNames(List<SqlToken> tokens) {
    this.tokens = tokens;
  }

  /** The same query, its columns named. */
  static SqlNode given(SqlNode query, List<SqlToken> tokens) {
    return new ColumnNames(tokens).visited(query);
  }

  private SqlNode visited(SqlNode node) {
    if (node instanceof SqlSelect select) {
      select.setSelectList(named(select.getSelectList()));
      if (select.getFrom() != null) {
        select.setFrom(visited(select.getFrom()));
      }
    } else if (node instanceof SqlOrderBy ordered) {
      return new SqlOrderBy(
          ordered.getParserPosition(),
          visited(ordered.query),
          ordered.orderList,
          ordered.offset,
          ordered.fetch);
    } else if (node instanceof SqlWith with) {
      with.withList.forEach(this::visited);
      with.body = visited(with.body);
    } else if (node instanceof SqlWithItem item) {
      item.query = item.columnList == null ? visited(item.query) : item.query;
    } else if (node instanceof SqlJoin join) {
      join.setLeft(visited(join.getLeft()));
      join.setRight(visited(join.getRight()));
    } else if (node.getKind() == SqlKind.VALUES) {
      return ofValues((SqlCall) node);
    } else if (node instanceof SqlBasicCall call
        && (SqlKind.SET_QUERY.contains(call.getKind())
            || call.getKind() == SqlKind.AS && call.operandCount() == 2
            || call.getKind() == SqlKind.LATERAL)) {
      call.setOperand(0, visited(call.operand(0)));
    }
    return node;
  }

  /** {@code SELECT * FROM (VALUES ..) AS "VALUES"(col0, col1)}: the names that DuckDB gives. */
  private static SqlNode ofValues(SqlCall values) {
    SqlParserPos position = values.getParserPosition();
    List<SqlNode> named = new ArrayList<>(List.of(values, new SqlIdentifier("VALUES", position)));
    int columns = values.<SqlNode>operand(0) instanceof SqlCall row ? row.operandCount() : 1;
    for (int i = 0; i < columns; i++) {
      named.add(new SqlIdentifier("col" + i, position));
    }
    return new SqlSelect(
        position,
        null,
        SqlNodeList.of(SqlIdentifier.star(position)),
        SqlStdOperatorTable.AS.createCall(position, named),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private SqlNodeList named(SqlNodeList items) {
    Set<String> known = new HashSet<>();
    for (SqlNode item : items) {
      if (item instanceof SqlIdentifier column) {
        known.add(column.names.get(column.names.size() - 1));
      } else if (item.getKind() == SqlKind.AS) {
        known.add(((SqlCall) item).<SqlIdentifier>operand(1).getSimple());
      }
    }
    SqlNodeList named = new SqlNodeList(items.getParserPosition());
    for (SqlNode item : items) {
      named.add(isNameless(item) ? named(item, known) : item);
    }
    return named;
  }

  private static boolean isNameless(SqlNode item) {
    return item instanceof SqlLiteral || item instanceof SqlCall call && !hasNames(call);
  }

  /** Whether the names of a call's columns come from elsewhere. */
  private static boolean hasNames(SqlCall call) {
    return switch (call.getKind()) {
      case AS, UNNEST -> true;
      default -> PARTS.contains(call.getOperator().getName());
    };
  }

  private SqlNode named(SqlNode item, Set<String> known) {
    SqlParserPos position = item.getParserPosition();
    String text = text(position);
    if (text.isEmpty()) {
      return item;
    }
    String field =
        item.getKind() == SqlKind.DOT && ((SqlCall) item).operand(1) instanceof SqlIdentifier last
            ? last.names.get(last.names.size() - 1)
            : text;
    String name = field;
    for (int i = 1; !known.add(name); i++) {
      name = field + "_" + i;
    }
    return SqlStdOperatorTable.AS.createCall(position, item, new SqlIdentifier(name, position));
  }

  /** What stands there, with the parentheses that open or close in it. */
  private String text(SqlParserPos position) {
    int from = 0;
    while (from < tokens.size() && isBefore(tokens.get(from), position)) {
      from++;
    }
    int to = from;
    int open = 0;
    for (; to < tokens.size() && !isBehind(tokens.get(to), position); to++) {
      open += depth(tokens.get(to));
      while (open < 0 && from > 0) {
        from--;
        open += depth(tokens.get(from));
      }
    }
    for (; open > 0 && to < tokens.size(); to++) {
      open += depth(tokens.get(to));
    }
    while (from < to && isBeforeItem(tokens.get(from))) {
      from++; // an operator of our own begins there
    }
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      SqlToken token = tokens.get(i);
      text.append(i > from && token.begin > tokens.get(i - 1).end ? " " : "").append(token.image);
    }
    return text.toString();
  }

  private static boolean isBeforeItem(SqlToken token) {
    return token.image.equals(",") || token.is("SELECT") || token.is("DISTINCT") || token.is("ALL");
  }

  private static int depth(SqlToken token) {
    return token.image.equals("(") ? 1 : token.image.equals(")") ? -1 : 0;
  }

  private static boolean isBefore(SqlToken token, SqlParserPos position) {
    return token.beginLine < position.getLineNum()
        || token.beginLine == position.getLineNum() && token.beginColumn < position.getColumnNum();
  }

  private static boolean isBehind(SqlToken token, SqlParserPos position) {
    return token.isEnd()
        || token.beginLine > position.getEndLineNum()
        || token.beginLine == position.getEndLineNum()
            && token.beginColumn > position.getEndColumnNum();
  }
}
