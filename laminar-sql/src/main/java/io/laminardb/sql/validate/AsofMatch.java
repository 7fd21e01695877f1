package io.laminardb.sql.validate;

import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * Stands for the match condition of an ASOF join in the condition of a LEFT JOIN, as which it goes
 * through Calcite: its operand is that condition. A plan never evaluates it.
 */
public final class AsofMatch extends OwnOperator {
  public static final AsofMatch INSTANCE = new AsofMatch();

  private AsofMatch() {
    super("ASOF MATCH", ReturnTypes.BOOLEAN_NULLABLE);
  }

  /** The condition of the join: the match condition beside that of ON. */
  static SqlNode with(SqlNode on, SqlNode match) {
    return and(on, INSTANCE.createCall(match.getParserPosition(), match));
  }

  static SqlNode and(SqlNode on, SqlNode marker) {
    return on == null
        ? marker
        : SqlStdOperatorTable.AND.createCall(marker.getParserPosition(), on, marker);
  }

  /** Whether a join in the tree is an ASOF join. */
  static boolean isAsof(SqlJoin join) {
    return switch (join.getJoinType()) {
      case ASOF, LEFT_ASOF -> true;
      default -> false;
    };
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.of(1);
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    boolean valid = binding.getOperandType(0).getSqlTypeName() == SqlTypeName.BOOLEAN;
    if (!valid && throwOnFailure) {
      throw binding.newValidationSignatureError();
    }
    return valid;
  }
}
