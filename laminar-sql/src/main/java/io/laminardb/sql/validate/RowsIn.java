package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlUtil;
import org.apache.calcite.sql.fun.SqlCase;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * {@code (a, b) [NOT] IN (query)}: asks whether a row of the query is equal, or may be. Calcite would
 * take a row with one NULL for one that may be equal to all, though its other columns differ.
 */
final class RowsIn extends SqlShuttle {
  private final boolean grouped;

  private RowsIn(boolean grouped) {
    this.grouped = grouped;
  }

  /** The condition of WHERE or ON, for which NULL is as FALSE. */
  static SqlNode condition(SqlNode where) {
    if (!(where instanceof SqlCall call)) {
      return where;
    }
    SqlParserPos position = call.getParserPosition();
    if (call.getKind() == SqlKind.AND) {
      List<SqlNode> operands = call.getOperandList().stream().map(RowsIn::condition).toList();
      return call.getOperator().createCall(position, operands);
    }
    if (call.getKind() == SqlKind.NOT
        && call.operand(0) instanceof SqlCall in
        && in.getKind() == SqlKind.IN
        && isRowsIn(in)) {
      return not(found(in, in.operand(1), SqlStdOperatorTable.IS_NOT_FALSE));
    }
    if (!isRowsIn(call)) {
      return call.accept(new RowsIn(false));
    }
    if (call.getKind() == SqlKind.IN) {
      return isOneColumn(call.operand(1))
          ? found(call, call.operand(1), SqlStdOperatorTable.IS_TRUE)
          : call;
    }
    return not(found(call, call.operand(1), SqlStdOperatorTable.IS_NOT_FALSE));
  }

  /** An expression in which NULL is not FALSE; null for null. */
  static SqlNode value(SqlNode expression, SqlSelect select) {
    boolean grouped = select.getGroup() != null || Select.containsAggregate(select.getSelectList());
    return expression == null ? null : expression.accept(new RowsIn(grouped));
  }

  @Override
  public SqlNode visit(SqlCall call) {
    if (call.isA(SqlKind.QUERY)) {
      return call;
    }
    if (!isRowsIn(call)) {
      return super.visit(call);
    }
    refuseComputed(call);
    SqlParserPos position = call.getParserPosition();
    SqlNode copy = call.operand(1).accept(new DeepCopy(position));
    SqlNodeList whens = new SqlNodeList(position);
    whens.add(found(call, call.operand(1), SqlStdOperatorTable.IS_TRUE));
    whens.add(found(call, copy, SqlStdOperatorTable.IS_NOT_FALSE));
    boolean in = call.getKind() == SqlKind.IN;
    SqlNodeList thens = new SqlNodeList(position);
    thens.add(SqlLiteral.createBoolean(in, position));
    thens.add(SqlLiteral.createNull(position));
    return new SqlCase(position, null, whens, thens, SqlLiteral.createBoolean(!in, position));
  }

  private static boolean isRowsIn(SqlCall call) {
    return (call.getKind() == SqlKind.NOT_IN || call.getKind() == SqlKind.IN)
        && call.operand(0).getKind() == SqlKind.ROW
        && ((SqlCall) call.operand(0)).operandCount() > 1
        && call.operand(1).isA(SqlKind.QUERY);
  }

  /** The values that are compared: the ROW itself with a query of ROWs. */
  private static List<SqlNode> values(SqlCall call) {
    SqlCall row = call.operand(0);
    return isOneColumn(call.operand(1)) ? List.of(row) : row.getOperandList();
  }

  private static boolean isOneColumn(SqlNode query) {
    return query instanceof SqlSelect select
        && select.getSelectList().size() == 1
        && !(SqlUtil.stripAs(select.getSelectList().get(0)) instanceof SqlIdentifier name
            && name.isStar());
  }

  /** Results of aggregates are not there for a subquery. */
  private void refuseComputed(SqlCall call) {
    for (SqlNode value : ((SqlCall) call.operand(0)).getOperandList()) {
      boolean known =
          value instanceof SqlLiteral
              || value instanceof SqlIdentifier name
                  && HiddenColumns.boundOf(name.names.get(name.names.size() - 1)) == null;
      if (grouped && !known || containsOver(value)) {
        throw Positions.error(
                ErrorCode.NOT_SUPPORTED,
                call,
                "IN (query) of a row with results of aggregates or windows is not supported here.")
            .mend("Compute them in a query in FROM, and ask in the one around it.");
      }
    }
  }

  private static boolean containsOver(SqlNode node) {
    return OverCalls.isOver(node)
        || node instanceof SqlCall call
            && call.getOperandList().stream().anyMatch(o -> o != null && containsOver(o));
  }

  private static SqlNode not(SqlNode condition) {
    return SqlStdOperatorTable.NOT.createCall(condition.getParserPosition(), condition);
  }

  /** Whether the query has a row for which equality {@code is}. */
  private static SqlNode found(SqlCall call, SqlNode query, SqlOperator is) {
    SqlParserPos position = call.getParserPosition();
    List<SqlNode> relation = new ArrayList<>();
    relation.add(query);
    relation.add(new SqlIdentifier("$rows", position));
    SqlNode equal = null;
    for (SqlNode value : values(call)) {
      String name = "$row" + relation.size();
      relation.add(new SqlIdentifier(name, position));
      SqlNode same =
          SqlStdOperatorTable.EQUALS.createCall(
              position,
              value.accept(new DeepCopy(value.getParserPosition())),
              new SqlIdentifier(List.of("$rows", name), position));
      equal = equal == null ? same : SqlStdOperatorTable.AND.createCall(position, equal, same);
    }
    SqlNode found =
        PlainSelect.of(
            List.of(SqlLiteral.createExactNumeric("1", position)),
            SqlStdOperatorTable.AS.createCall(position, relation),
            is == SqlStdOperatorTable.IS_TRUE ? equal : is.createCall(position, equal),
            position);
    return SqlStdOperatorTable.EXISTS.createCall(position, found);
  }
}
