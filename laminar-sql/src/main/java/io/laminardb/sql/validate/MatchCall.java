package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.operator.match.PathValue;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlCallBinding;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperandCountRange;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;

/**
 * What a measure or a condition of MATCH_RECOGNIZE asks of the rows of a match, as it goes through
 * Calcite: {@code ([value of a row,] index among what is asked)}. A plan never evaluates it.
 */
public final class MatchCall extends OwnOperator {
  private final PathValue.Kind kind;

  private MatchCall(PathValue.Kind kind, boolean canBeNone) {
    super("MATCH " + kind, binding -> type(kind, canBeNone, binding));
    this.kind = kind;
  }

  /**
   * The call that asks.
   *
   * @param canBeNone whether there may be no match at all
   * @param value of a row, or null where none is asked for
   * @param index of what is asked
   */
  static SqlNode of(
      PathValue.Kind kind, boolean canBeNone, SqlNode value, int index, SqlParserPos position) {
    List<SqlNode> operands = new ArrayList<>();
    if (value != null) {
      operands.add(value);
    }
    operands.add(SqlLiteral.createExactNumeric(Integer.toString(index), SqlParserPos.ZERO));
    return new MatchCall(kind, canBeNone).createCall(position, operands);
  }

  private static RelDataType type(
      PathValue.Kind kind, boolean canBeNone, SqlOperatorBinding binding) {
    RelDataTypeFactory types = binding.getTypeFactory();
    return switch (kind) {
      case COUNT, MATCH_NUMBER ->
          types.createTypeWithNullability(types.createSqlType(SqlTypeName.BIGINT), canBeNone);
      case CLASSIFIER ->
          types.createTypeWithNullability(types.createSqlType(SqlTypeName.VARCHAR), true);
      case SUM -> nullable(types.getTypeSystem().deriveSumType(types, value(binding)), types);
      case AVG -> nullable(types.getTypeSystem().deriveAvgAggType(types, value(binding)), types);
      case CURRENT, FIRST, LAST, MIN, MAX -> nullable(value(binding), types);
    };
  }

  private static RelDataType value(SqlOperatorBinding binding) {
    return binding.getOperandType(0);
  }

  private static RelDataType nullable(RelDataType type, RelDataTypeFactory types) {
    return types.createTypeWithNullability(type, true);
  }

  @Override
  public SqlOperandCountRange getOperandCountRange() {
    return SqlOperandCountRanges.between(1, 2);
  }

  @Override
  public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
    if (binding.getOperandCount() == 1) {
      return true;
    }
    RelDataType type = binding.getOperandType(0);
    boolean isNumber = kind == PathValue.Kind.SUM || kind == PathValue.Kind.AVG;
    if (isNumber && !SqlTypeUtil.isNumeric(type)) {
      throw Positions.error(
              ErrorCode.TYPE_MISMATCH,
              binding.operand(0),
              kind + " takes a number, not a " + type.getSqlTypeName() + ".")
          .mend("CAST it to a number, or use MIN or MAX.");
    }
    return true;
  }

  /**
   * The clause itself, as a condition on its input's rows: {@code (index of the clause, partition
   * columns, ordering columns, conditions)}.
   */
  static SqlNode clause(int index, List<SqlNode> operands, SqlParserPos position) {
    List<SqlNode> all = new ArrayList<>();
    all.add(SqlLiteral.createExactNumeric(Integer.toString(index), SqlParserPos.ZERO));
    all.addAll(operands);
    return Clause.INSTANCE.createCall(position, all);
  }

  /** The condition of a variable, checked to be one. */
  static SqlNode condition(SqlNode condition, String variable) {
    return new Condition(variable).createCall(condition.getParserPosition(), condition);
  }

  /** The operator of {@link #clause}. */
  public static final class Clause extends OwnOperator {
    public static final Clause INSTANCE = new Clause();

    private Clause() {
      super(
          "MATCH_RECOGNIZE",
          binding -> binding.getTypeFactory().createSqlType(SqlTypeName.BOOLEAN));
    }

    @Override
    public SqlOperandCountRange getOperandCountRange() {
      return SqlOperandCountRanges.from(1);
    }

    @Override
    public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
      return true;
    }
  }

  /** The condition of a variable: nothing but a BOOLEAN will do. */
  static final class Condition extends OwnOperator {
    private final String variable;

    Condition(String variable) {
      super("DEFINE", binding -> binding.getOperandType(0));
      this.variable = variable;
    }

    @Override
    public SqlOperandCountRange getOperandCountRange() {
      return SqlOperandCountRanges.of(1);
    }

    @Override
    public boolean checkOperandTypes(SqlCallBinding binding, boolean throwOnFailure) {
      RelDataType type = binding.getOperandType(0);
      if (type.getSqlTypeName() != SqlTypeName.BOOLEAN) {
        throw Positions.error(
                ErrorCode.TYPE_MISMATCH,
                binding.operand(0),
                "the condition of " + variable + " is a " + type.getSqlTypeName() + ".")
            .mend("Write a condition, such as " + variable + " AS price > PREV(price).");
      }
      return true;
    }
  }
}
