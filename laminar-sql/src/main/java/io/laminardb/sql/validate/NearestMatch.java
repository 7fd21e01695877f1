package io.laminardb.sql.validate;

import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;

/**
 * {@code NEAREST(l.ts, t.ts[, distance])} as the match condition of an ASOF join: the right row whose
 * time is nearest to that of the left one, on either side of it. A plan never evaluates it.
 */
public final class NearestMatch extends OwnOperator {
  public static final NearestMatch INSTANCE = new NearestMatch();

  private NearestMatch() {
    super("NEAREST", ReturnTypes.BOOLEAN_NULLABLE);
  }

  /** The match condition, with the call of this name made one of this operator. */
  static SqlNode resolved(SqlNode match) {
    if (!(match instanceof SqlCall call)
        || !call.getOperator().getName().equalsIgnoreCase(INSTANCE.getName())) {
      return match;
    }
    if (call.operandCount() < 2 || call.operandCount() > 3) {
      throw Positions.notSupported(
          match,
          "NEAREST takes the times of both rows, and how far apart they may be.",
          "Write MATCH_CONDITION(NEAREST(l.ts, t.ts)), or NEAREST(l.ts, t.ts, INTERVAL '5' SECOND).");
    }
    return INSTANCE.createCall(call.getParserPosition(), call.getOperandList());
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.between(2, 3);
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    return true;
  }
}
