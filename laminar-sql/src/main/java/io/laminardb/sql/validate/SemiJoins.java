package io.laminardb.sql.validate;

import java.util.List;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.JoinType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * {@code FROM l SEMI JOIN r ON c} is {@code FROM l WHERE EXISTS (SELECT 1 FROM r WHERE c)}, and ANTI JOIN
 * is NOT EXISTS.
 */
final class SemiJoins extends SqlShuttle {
  @Override
  public SqlNode visit(SqlCall call) {
    SqlNode visited = super.visit(call);
    if (!(visited instanceof SqlSelect select) || !(select.getFrom() instanceof SqlJoin from)) {
      return visited;
    }
    Removal removal = new Removal(select.getWhere());
    SqlNode rest = removal.without(from, true);
    if (rest == from) {
      return visited;
    }
    SqlSelect filtered = (SqlSelect) select.clone(select.getParserPosition());
    filtered.setFrom(rest);
    filtered.setWhere(removal.where);
    return filtered;
  }

  /** Takes these joins out of a FROM and makes conditions of them. */
  private static final class Removal {
    private SqlNode where; // or null

    Removal(SqlNode where) {
      this.where = where;
    }

    /**
     * A relation without such joins; the same when it has none.
     *
     * @param filters whether a condition on its rows may as well stand in WHERE
     */
    SqlNode without(SqlNode relation, boolean filters) {
      if (!(relation instanceof SqlJoin join)) {
        return relation;
      }
      return switch (join.getJoinType()) {
        case LEFT_SEMI_JOIN, LEFT_ANTI_JOIN -> {
          if (!filters) {
            throw Positions.notSupported(
                join.getRight(),
                name(join) + " on the side of an outer join that may be NULL is not supported.",
                "Put it into a subquery: (SELECT * FROM l " + name(join) + " r ON ..).");
          }
          SqlNode left = without(join.getLeft(), true);
          SqlNode found = exists(join, left);
          where = where == null ? found : AsofMatch.and(where, found);
          yield left;
        }
        default -> {
          JoinType type = join.getJoinType();
          SqlNode left = without(join.getLeft(), filters && !type.generatesNullsOnLeft());
          SqlNode right =
              without(
                  join.getRight(),
                  filters && !type.generatesNullsOnRight() && !AsofMatch.isAsof(join));
          yield left == join.getLeft() && right == join.getRight()
              ? join
              : new SqlJoin(
                  join.getParserPosition(),
                  left,
                  join.isNaturalNode(),
                  join.getJoinTypeNode(),
                  right,
                  join.getConditionTypeNode(),
                  join.getCondition());
        }
      };
    }
  }

  private static SqlNode exists(SqlJoin join, SqlNode left) {
    SqlParserPos position = join.getRight().getParserPosition();
    if (join.isNatural() || join.getConditionType() == JoinConditionType.NONE) {
      throw Positions.notSupported(
          join.getRight(),
          name(join) + " without ON or USING is not supported.",
          "Write l " + name(join) + " r ON l.k = r.k.");
    }
    SqlNode condition =
        join.getConditionType() == JoinConditionType.USING
            ? equal((SqlNodeList) join.getCondition(), left, join)
            : join.getCondition();
    SqlNode one = SqlLiteral.createExactNumeric("1", position);
    SqlNode exists =
        SqlStdOperatorTable.EXISTS.createCall(
            position, PlainSelect.of(List.of(one), join.getRight(), condition, position));
    return join.getJoinType() == JoinType.LEFT_ANTI_JOIN
        ? SqlStdOperatorTable.NOT.createCall(position, exists)
        : exists;
  }

  /** Equality of the columns of USING. */
  private static SqlNode equal(SqlNodeList columns, SqlNode left, SqlJoin join) {
    SqlNode equal = null;
    for (SqlNode column : columns) {
      String name = ((SqlIdentifier) column).getSimple();
      SqlParserPos position = column.getParserPosition();
      SqlNode same =
          SqlStdOperatorTable.EQUALS.createCall(
              position,
              new SqlIdentifier(List.of(nameOf(left, join), name), position),
              new SqlIdentifier(List.of(nameOf(join.getRight(), join), name), position));
      equal = equal == null ? same : AsofMatch.and(equal, same);
    }
    return equal;
  }

  private static String nameOf(SqlNode relation, SqlJoin join) {
    if (relation.getKind() == SqlKind.AS) {
      return ((SqlIdentifier) ((SqlCall) relation).operand(1)).getSimple();
    }
    if (relation instanceof SqlIdentifier table) {
      return table.names.get(table.names.size() - 1);
    }
    throw Positions.notSupported(
        join.getCondition(),
        name(join) + " with USING of other than two named relations is not supported.",
        "Write its keys as ON l.k = r.k.");
  }

  private static String name(SqlJoin join) {
    return join.getJoinType() == JoinType.LEFT_ANTI_JOIN ? "ANTI JOIN" : "SEMI JOIN";
  }
}
