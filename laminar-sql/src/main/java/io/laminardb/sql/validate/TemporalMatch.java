package io.laminardb.sql.validate;

import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.JoinType;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.SqlSnapshot;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;

/**
 * Stands for {@code FOR SYSTEM_TIME AS OF} behind the right side of a join, in the join's condition: its
 * operand is as of when the table is read, and there is none for {@code PROCTIME()}. A plan never
 * evaluates it.
 */
public final class TemporalMatch extends OwnOperator {
  public static final TemporalMatch INSTANCE = new TemporalMatch();

  private TemporalMatch() {
    super("SYSTEM TIME", ReturnTypes.BOOLEAN);
  }

  /** The table as of a moment that a side of a join is, or null. */
  static SqlCall snapshot(SqlNode side) {
    SqlNode table = side.getKind() == SqlKind.AS ? ((SqlCall) side).operand(0) : side;
    return table.getKind() == SqlKind.SNAPSHOT ? (SqlCall) table : null;
  }

  /** The same side without the moment. */
  static SqlNode withoutSnapshot(SqlNode side) {
    if (side.getKind() != SqlKind.AS) {
      return ((SqlCall) side).operand(0);
    }
    List<SqlNode> operands = new ArrayList<>(((SqlCall) side).getOperandList());
    operands.set(0, withoutSnapshot(operands.get(0)));
    return ((SqlCall) side).getOperator().createCall(side.getParserPosition(), operands);
  }

  /** The join with its right side as of PROCTIME(). */
  static SqlJoin asOfNow(SqlJoin join) {
    return new SqlJoin(
        join.getParserPosition(),
        join.getLeft(),
        join.isNaturalNode(),
        join.getJoinTypeNode(),
        asOfNow(join.getRight()),
        join.getConditionTypeNode(),
        join.getCondition());
  }

  private static SqlNode asOfNow(SqlNode side) {
    SqlParserPos position = side.getParserPosition();
    if (side.getKind() != SqlKind.AS) {
      return new SqlSnapshot(position, side, new SqlIdentifier("PROCTIME", position));
    }
    List<SqlNode> operands = new ArrayList<>(((SqlCall) side).getOperandList());
    operands.set(0, asOfNow(operands.get(0)));
    return ((SqlCall) side).getOperator().createCall(position, operands);
  }

  /** What the join answers; refuses what such a join cannot be. */
  static JoinType type(SqlJoin join, SqlCall snapshot) {
    if (join.isNatural() || join.getConditionType() == JoinConditionType.USING) {
      throw Positions.notSupported(
          snapshot,
          "a join FOR SYSTEM_TIME AS OF with USING, or a NATURAL one, is not supported.",
          "Write its keys as ON l.key = r.key.");
    }
    if (snapshot.operand(0).getKind() != SqlKind.IDENTIFIER) {
      throw Positions.notSupported(
          snapshot,
          "FOR SYSTEM_TIME AS OF stands behind something that has no name.",
          "Make a materialized view of it and join that.");
    }
    return switch (join.getJoinType()) {
      case INNER, CROSS, COMMA -> JoinType.INNER;
      case LEFT -> JoinType.LEFT;
      default ->
          throw Positions.notSupported(
              snapshot,
              "a "
                  + join.getJoinType().name().replace('_', ' ')
                  + " JOIN with FOR SYSTEM_TIME AS OF is not supported: the table does not answer"
                  + " by itself.",
              "Write an INNER or LEFT JOIN with the table on the right.");
    };
  }

  /** The marker of a table as of a moment. */
  static SqlNode of(SqlCall snapshot, ExpressionRewriter expressions) {
    SqlNode period = snapshot.operand(1);
    boolean processingTime =
        period instanceof SqlCall call && call.getOperator().getName().equalsIgnoreCase("PROCTIME")
            || period instanceof SqlIdentifier name
                && name.isSimple()
                && name.getSimple().equalsIgnoreCase("PROCTIME");
    if (processingTime) {
      return INSTANCE.createCall(snapshot.getParserPosition());
    }
    if (period.getKind() != SqlKind.IDENTIFIER) {
      throw Positions.notSupported(
          period,
          "FOR SYSTEM_TIME AS OF takes a column with the event time of the left row, or PROCTIME().",
          "Write FOR SYSTEM_TIME AS OF l.ts, or FOR SYSTEM_TIME AS OF PROCTIME().");
    }
    return INSTANCE.createCall(period.getParserPosition(), expressions.rewrite(period));
  }

  /** The error of a table as of a moment that nothing is joined with. */
  static LaminarException misplaced(SqlNode snapshot) {
    return Positions.notSupported(
        snapshot,
        "FOR SYSTEM_TIME AS OF belongs behind the right side of a JOIN.",
        "Write FROM l JOIN t FOR SYSTEM_TIME AS OF l.ts ON l.key = t.key.");
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.between(0, 1);
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    return true;
  }
}
