package io.laminardb.sql.validate;

import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;

/**
 * Stands for {@code FOR SYSTEM_TIME AS OF} where the join has USING, or is a NATURAL one, and so no
 * condition that could hold a {@link TemporalMatch}: it is a condition of WHERE. Its first operand is a
 * column of the table, which tells the join; the second one, as there. A plan never evaluates it.
 */
public final class TemporalPlace extends OwnOperator {
  public static final TemporalPlace INSTANCE = new TemporalPlace();

  private TemporalPlace() {
    super("SYSTEM TIME OF", ReturnTypes.BOOLEAN);
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.between(1, 2);
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    return true;
  }
}
