package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.parser.ClauseSpellings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.logical.LogicalUnion;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSetOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.validate.SetopNamespace;
import org.apache.calcite.sql.validate.SqlMonotonicity;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorImpl;
import org.apache.calcite.sql.validate.SqlValidatorScope;

/**
 * {@code a UNION [ALL] BY NAME b}: columns of one name are one column, and what one side lacks is NULL
 * there. The columns of the left side come first.
 */
final class UnionByName extends SqlSetOperator {
  private static final UnionByName ALL = new UnionByName("UNION ALL BY NAME", true);
  private static final UnionByName DISTINCT = new UnionByName("UNION BY NAME", false);

  private UnionByName(String name, boolean all) {
    super(
        name,
        SqlKind.UNION,
        SqlStdOperatorTable.UNION.getLeftPrec(),
        all,
        call -> union(call.getOperandType(0), call.getOperandType(1), call.getTypeFactory()),
        null,
        OperandTypes.VARIADIC);
  }

  /** The call that the parser's two UNIONs around a marker mean, or {@code set} itself. */
  static SqlCall resolved(SqlCall set) {
    boolean marked =
        set.getKind() == SqlKind.UNION
            && set.operand(0) instanceof SqlCall inner
            && inner.getKind() == SqlKind.UNION
            && inner.operand(1) instanceof SqlCall table
            && table.getKind() == SqlKind.EXPLICIT_TABLE
            && ((SqlIdentifier) table.operand(0)).names.get(0).equals(ClauseSpellings.BY_NAME);
    if (!marked) {
      return set;
    }
    SqlNode left = ((SqlCall) set.operand(0)).operand(0);
    UnionByName operator = ((SqlSetOperator) set.getOperator()).isAll() ? ALL : DISTINCT;
    return operator.createCall(set.getParserPosition(), left, set.operand(1));
  }

  /** By the operator itself: no table of operators has it. */
  @Override
  public RelDataType deriveType(SqlValidator validator, SqlValidatorScope scope, SqlCall call) {
    call.getOperandList().forEach(side -> validator.deriveType(scope, side));
    return validateOperands(validator, scope, call);
  }

  /** The columns of such a call; Calcite would look for each at its place in both sides. */
  static SetopNamespace namespace(SqlValidatorImpl validator, SqlCall call, SqlNode enclosing) {
    return new SetopNamespace(validator, call, enclosing) {
      @Override
      public SqlMonotonicity getMonotonicity(String column) {
        return SqlMonotonicity.NOT_MONOTONIC;
      }
    };
  }

  private static RelDataType union(RelDataType left, RelDataType right, RelDataTypeFactory types) {
    RelDataTypeFactory.Builder columns = types.builder();
    for (RelDataTypeField field : left.getFieldList()) {
      RelDataTypeField other = field(right, field.getName());
      columns.add(
          field.getName(), other == null ? orNull(field, types) : both(field, other, types));
    }
    for (RelDataTypeField field : right.getFieldList()) {
      if (field(left, field.getName()) == null) {
        columns.add(field.getName(), orNull(field, types));
      }
    }
    return columns.build();
  }

  private static RelDataType orNull(RelDataTypeField field, RelDataTypeFactory types) {
    return types.createTypeWithNullability(field.getType(), true);
  }

  private static RelDataType both(
      RelDataTypeField field, RelDataTypeField other, RelDataTypeFactory types) {
    RelDataType type = types.leastRestrictive(List.of(field.getType(), other.getType()));
    if (type == null) {
      throw new LaminarException(
              ErrorCode.TYPE_MISMATCH,
              String.format(
                  Locale.ROOT,
                  "column \"%s\" is %s on one side of UNION BY NAME and %s on the other.",
                  field.getName(),
                  field.getType(),
                  other.getType()))
          .mend("Cast one of them, or give it another name.");
    }
    return type;
  }

  /** The column of a name, or null. */
  private static RelDataTypeField field(RelDataType row, String name) {
    List<RelDataTypeField> found =
        row.getFieldList().stream().filter(f -> f.getName().equalsIgnoreCase(name)).toList();
    if (found.size() > 1) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED,
              "UNION BY NAME finds two columns \"" + name + "\" on one side.")
          .mend("Give one of them another name.");
    }
    return found.isEmpty() ? null : found.get(0);
  }

  /** The union of two inputs, whose columns are put into its order. */
  RelNode of(RelNode left, RelNode right, RexBuilder rex) {
    RelDataType type = union(left.getRowType(), right.getRowType(), rex.getTypeFactory());
    return LogicalUnion.create(
        List.of(inOrder(left, type, rex), inOrder(right, type, rex)), isAll());
  }

  private static RelNode inOrder(RelNode input, RelDataType type, RexBuilder rex) {
    List<RexNode> columns = new ArrayList<>();
    for (RelDataTypeField wanted : type.getFieldList()) {
      RelDataTypeField field = field(input.getRowType(), wanted.getName());
      columns.add(
          field == null
              ? rex.makeNullLiteral(wanted.getType())
              : rex.ensureType(wanted.getType(), rex.makeInputRef(input, field.getIndex()), false));
    }
    return LogicalProject.create(input, List.of(), columns, type.getFieldNames(), Set.of());
  }
}
