package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlUtil;
import org.apache.calcite.sql.fun.SqlCase;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorScope;

/** Rows whose fields have other names do not become values of one type, which would go by place. */
final class RowNames {
  private RowNames() {}

  /** Refuses a call that takes its values for such of one type, where their fields have other names. */
  static void check(SqlCall call, SqlValidator validator, SqlValidatorScope scope) {
    List<SqlNode> values = values(call);
    RelDataType first = null;
    for (SqlNode value : values) {
      RelDataType type = SqlUtil.isNullLiteral(value, true) ? null : type(value, validator, scope);
      if (type == null) {
        continue;
      }
      if (first == null) {
        first = type;
      } else if (differ(first, type)) {
        throw error(first, type).at(Positions.of(value.getParserPosition()));
      }
    }
  }

  private static LaminarException error(RelDataType first, RelDataType other) {
    return new LaminarException(
            ErrorCode.VALIDATION_FAILED,
            "values of one type are expected, but their fields have other names: "
                + Types.of(first)
                + " and "
                + Types.of(other)
                + ".")
        .mend("Give the fields the same names, in the same order; NULL where there is no value.");
  }

  private static RelDataType type(SqlNode value, SqlValidator validator, SqlValidatorScope scope) {
    RelDataType type = validator.deriveType(scope, value);
    return type.isStruct() || type.getComponentType() != null ? type : null;
  }

  private static List<SqlNode> values(SqlCall call) {
    return switch (call.getKind()) {
      case ARRAY_VALUE_CONSTRUCTOR, COALESCE -> call.getOperandList();
      case CASE -> {
        SqlCase choice = (SqlCase) call;
        List<SqlNode> values = new ArrayList<>(choice.getThenOperands());
        if (choice.getElseOperand() != null) {
          values.add(choice.getElseOperand());
        }
        yield values;
      }
      default -> List.of();
    };
  }

  private static boolean differ(RelDataType left, RelDataType right) {
    if (left.isStruct() && right.isStruct()) {
      List<RelDataTypeField> others = right.getFieldList();
      for (RelDataTypeField field : left.getFieldList()) {
        RelDataTypeField other =
            field.getIndex() < others.size() ? others.get(field.getIndex()) : null;
        if (other != null
            && (isNamed(field)
                    && isNamed(other)
                    && !field.getName().equalsIgnoreCase(other.getName())
                || differ(field.getType(), other.getType()))) {
          return true;
        }
      }
      return false;
    }
    return left.getComponentType() != null
        && right.getComponentType() != null
        && differ(left.getComponentType(), right.getComponentType());
  }

  private static boolean isNamed(RelDataTypeField field) {
    return !field.getName().startsWith("EXPR$");
  }
}
