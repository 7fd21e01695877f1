package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.util.SqlBasicVisitor;

/**
 * Refuses question marks that a plan cannot leave open: those that are not plain values in conditions,
 * sums, selected columns or rows. LIMIT, GROUP BY, ORDER BY and arguments of functions may mean
 * something else for another value.
 */
final class ParameterPlaces extends SqlBasicVisitor<Void> {
  private boolean value; // whether what is visited stands where a plain value may

  static void check(SqlNode query) {
    query.accept(new ParameterPlaces());
  }

  @Override
  public Void visit(SqlDynamicParam parameter) {
    if (!value) {
      throw Positions.error(
          ErrorCode.NOT_SUPPORTED, parameter, "the plan depends on the value of the parameter.");
    }
    return null;
  }

  @Override
  public Void visit(SqlNodeList list) {
    for (SqlNode node : list) {
      visit(node, value);
    }
    return null;
  }

  @Override
  public Void visit(SqlCall call) {
    if (call instanceof SqlSelect select) {
      visit(select.getSelectList(), true);
      visit(select.getFrom(), false);
      visit(select.getWhere(), false);
      visit(select.getGroup(), false);
      visit(select.getHaving(), false);
      visit(select.getWindowList(), false);
      visit(select.getQualify(), false);
      visit(select.getOrderList(), false);
      visit(select.getOffset(), false);
      visit(select.getFetch(), false);
      return null;
    }
    if (call instanceof SqlOrderBy order) {
      visit(order.query, false);
      visit(order.orderList, false);
      visit(order.offset, false);
      visit(order.fetch, false);
      return null;
    }
    boolean plain =
        switch (call.getKind()) {
          case EQUALS,
              NOT_EQUALS,
              LESS_THAN,
              LESS_THAN_OR_EQUAL,
              GREATER_THAN,
              GREATER_THAN_OR_EQUAL,
              BETWEEN,
              IN,
              NOT_IN,
              LIKE,
              PLUS,
              MINUS,
              TIMES,
              DIVIDE,
              CAST,
              ROW,
              COALESCE ->
              true;
          case AS -> value;
          default -> false;
        };
    for (SqlNode operand : call.getOperandList()) {
      visit(operand, plain);
    }
    return null;
  }

  private void visit(SqlNode node, boolean plain) {
    if (node != null) {
      value = plain;
      node.accept(this);
    }
  }
}
