package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.sql.parser.OtherSpellings;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlUtil;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;
import org.apache.calcite.util.Litmus;

/**
 * GROUP BY ALL: by every item of the select list that holds no aggregate. ORDER BY ALL: by every column
 * of the result, from left to right.
 */
final class AllOfThem extends SqlShuttle {
  @Override
  public SqlNode visit(SqlCall call) {
    SqlNode visited = super.visit(call);
    if (!(visited instanceof SqlSelect select)
        || select.getGroup() == null
        || select.getGroup().size() != 1
        || !isAll(select.getGroup().get(0))) {
      return visited;
    }
    SqlSelect grouped = (SqlSelect) select.clone(select.getParserPosition());
    List<SqlNode> items = items(select);
    SqlParserPos position = select.getGroup().getParserPosition();
    boolean aggregates = Select.containsAggregate(select.getSelectList());
    if (items.isEmpty() && !aggregates) {
      items.add(SqlLiteral.createExactNumeric("1", position));
    }
    grouped.setGroupBy(items.isEmpty() ? null : new SqlNodeList(items, position));
    return grouped;
  }

  private static boolean isAll(SqlNode item) {
    return item instanceof SqlIdentifier name
        && name.isSimple()
        && name.getSimple().equals(OtherSpellings.ALL_OF_THEM);
  }

  private static List<SqlNode> items(SqlSelect select) {
    List<SqlNode> items = new ArrayList<>();
    for (SqlNode item : select.getSelectList()) {
      SqlNode expression = SqlUtil.stripAs(item);
      if (expression instanceof SqlIdentifier name && name.isStar()) {
        throw Positions.error(
                ErrorCode.NOT_SUPPORTED, item, "GROUP BY ALL with * is not supported.")
            .mend("Name the columns instead of *, or group by them by name.");
      }
      boolean constant = expression instanceof SqlLiteral;
      if (!constant && !Select.containsAggregate(expression) && !OverCalls.isOver(expression)) {
        boolean bound = WindowCalls.isBound(expression);
        SqlNode key = bound ? WindowCalls.windowOf((SqlCall) expression) : expression;
        if (!bound || items.stream().noneMatch(known -> known.equalsDeep(key, Litmus.IGNORE))) {
          items.add(key);
        }
      }
    }
    return items;
  }

  /** Puts the numbers of all {@code columns} into ORDER BY where it says ALL. */
  static void orderBy(SqlSelect select, long columns) {
    SqlNodeList order = select.getOrderList();
    if (order == null || order.size() != 1) {
      return;
    }
    SqlNode all = order.get(0);
    List<SqlNode> numbers = new ArrayList<>();
    for (int i = 1; i <= columns; i++) {
      SqlNode number = SqlLiteral.createExactNumeric(Integer.toString(i), all.getParserPosition());
      SqlNode item = replaced(all, number);
      if (item == null) {
        return;
      }
      numbers.add(item);
    }
    select.setOrderBy(new SqlNodeList(numbers, order.getParserPosition()));
  }

  /** What {@code ALL DESC} says, of a number; null where it is not ALL. */
  private static SqlNode replaced(SqlNode item, SqlNode number) {
    switch (item.getKind()) {
      case DESCENDING, NULLS_FIRST, NULLS_LAST -> {
        SqlCall call = (SqlCall) item;
        SqlNode inner = replaced(call.operand(0), number);
        return inner == null
            ? null
            : call.getOperator().createCall(call.getParserPosition(), inner);
      }
      default -> {
        return isAll(item) ? number : null;
      }
    }
  }
}
