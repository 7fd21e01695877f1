package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * {@code (a, b) NOT IN (query)} as a condition of WHERE: no row of the query is equal, or may be. Calcite
 * would take a row with one NULL for one that may be equal to all, though its other columns differ.
 */
final class RowsNotIn {
  private RowsNotIn() {}

  /** The condition with NOT EXISTS in the place of such conditions. */
  static SqlNode rewritten(SqlNode where) {
    if (!(where instanceof SqlCall call)) {
      return where;
    }
    if (call.getKind() == SqlKind.AND) {
      List<SqlNode> operands = call.getOperandList().stream().map(RowsNotIn::rewritten).toList();
      return call.getOperator().createCall(call.getParserPosition(), operands);
    }
    boolean rows =
        call.getKind() == SqlKind.NOT_IN
            && call.operand(0).getKind() == SqlKind.ROW
            && ((SqlCall) call.operand(0)).operandCount() > 1
            && call.operand(1).isA(SqlKind.QUERY);
    return rows ? notExists(call) : where;
  }

  private static SqlNode notExists(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    List<SqlNode> relation = new ArrayList<>();
    relation.add(call.operand(1));
    relation.add(new SqlIdentifier("$rows", position));
    SqlNode equal = null;
    for (SqlNode value : ((SqlCall) call.operand(0)).getOperandList()) {
      String name = "$row" + relation.size();
      relation.add(new SqlIdentifier(name, position));
      SqlNode same =
          SqlStdOperatorTable.EQUALS.createCall(
              position, value, new SqlIdentifier(List.of("$rows", name), position));
      equal = equal == null ? same : SqlStdOperatorTable.AND.createCall(position, equal, same);
    }
    SqlNode mayBe = SqlStdOperatorTable.IS_NOT_FALSE.createCall(position, equal);
    SqlNode found =
        PlainSelect.of(
            List.of(SqlLiteral.createExactNumeric("1", position)),
            SqlStdOperatorTable.AS.createCall(position, relation),
            mayBe,
            position);
    return SqlStdOperatorTable.NOT.createCall(
        position, SqlStdOperatorTable.EXISTS.createCall(position, found));
  }
}
