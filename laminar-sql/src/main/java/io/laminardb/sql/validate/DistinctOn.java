package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlUtil;
import org.apache.calcite.sql.SqlWindow;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * {@code SELECT DISTINCT ON (k) .. ORDER BY o}: the first row of each k in that order. It is {@code
 * QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY o) = 1}. The parser gives the keys as the
 * arguments of a first select item called {@link #NAME}.
 */
final class DistinctOn {
  /** What the parser calls the keys. */
  static final String NAME = "DISTINCT_ON";

  private DistinctOn() {}

  /** The query without DISTINCT ON; as it is where there is none. */
  static SqlNode rewrite(SqlNode query, boolean snapshot) {
    if (query instanceof SqlOrderBy order && keys(order.query) != null) {
      SqlNode qualified = qualified((SqlSelect) order.query, order.orderList);
      boolean ordered = snapshot || order.fetch != null;
      return ordered
          ? new SqlOrderBy(
              order.getParserPosition(), qualified, order.orderList, order.offset, order.fetch)
          : qualified;
    }
    return keys(query) != null ? qualified((SqlSelect) query, SqlNodeList.EMPTY) : query;
  }

  private static SqlCall keys(SqlNode query) {
    return query instanceof SqlSelect select
            && !select.getSelectList().isEmpty()
            && select.getSelectList().get(0) instanceof SqlCall call
            && call.getOperator().getName().equals(NAME)
        ? call
        : null;
  }

  private static SqlNode qualified(SqlSelect select, SqlNodeList order) {
    SqlCall keys = keys(select);
    if (select.getQualify() != null) {
      throw Positions.notSupported(
          select.getQualify(),
          "QUALIFY together with DISTINCT ON is not supported.",
          "Write DISTINCT ON in an outer query.");
    }
    SqlParserPos position = keys.getParserPosition();
    List<SqlNode> items = new ArrayList<>(select.getSelectList().getList());
    items.remove(0);
    SqlWindow window =
        SqlWindow.create(
            null,
            null,
            named(new SqlNodeList(keys.getOperandList(), position), items),
            named(order, items),
            SqlLiteral.createBoolean(false, position),
            null,
            null,
            null,
            position);
    SqlNode number =
        SqlStdOperatorTable.OVER.createCall(
            position, SqlStdOperatorTable.ROW_NUMBER.createCall(position), window);
    SqlNode first =
        SqlStdOperatorTable.EQUALS.createCall(
            position, number, SqlLiteral.createExactNumeric("1", position));
    return new SqlSelect(
        select.getParserPosition(),
        SqlNodeList.EMPTY,
        new SqlNodeList(items, select.getSelectList().getParserPosition()),
        select.getFrom(),
        select.getWhere(),
        select.getGroup(),
        select.getHaving(),
        select.getWindowList(),
        first,
        null,
        null,
        null,
        null);
  }

  /** Expressions for the places and names of select items, which OVER does not know. */
  private static SqlNodeList named(SqlNodeList expressions, List<SqlNode> items) {
    List<SqlNode> meant = new ArrayList<>();
    for (SqlNode expression : expressions) {
      meant.add(meant(expression, items));
    }
    return new SqlNodeList(meant, expressions.getParserPosition());
  }

  private static SqlNode meant(SqlNode expression, List<SqlNode> items) {
    switch (expression.getKind()) {
      case DESCENDING, NULLS_FIRST, NULLS_LAST -> {
        SqlCall call = (SqlCall) expression;
        return call.getOperator()
            .createCall(call.getParserPosition(), meant(call.operand(0), items));
      }
      default -> {
        if (expression instanceof SqlNumericLiteral number && number.isInteger()) {
          int place = number.intValue(true);
          return place >= 1 && place <= items.size()
              ? SqlUtil.stripAs(items.get(place - 1))
              : expression;
        }
        return expression instanceof SqlIdentifier name && name.isSimple()
            ? byAlias(name, items)
            : expression;
      }
    }
  }

  private static SqlNode byAlias(SqlIdentifier name, List<SqlNode> items) {
    for (SqlNode item : items) {
      if (item.getKind() == SqlKind.AS
          && ((SqlCall) item).operand(1).toString().equalsIgnoreCase(name.getSimple())) {
        return ((SqlCall) item).operand(0);
      }
    }
    return name;
  }
}
