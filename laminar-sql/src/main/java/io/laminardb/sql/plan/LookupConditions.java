package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupCondition;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * What a join compares columns of a table outside with, once for all rows: the table can be asked for
 * those rows alone. Only equality of values that every database compares as we do; and the join still
 * compares them.
 */
final class LookupConditions {
  private LookupConditions() {}

  /**
   * Those among {@code conditions}.
   *
   * @param firstColumn the table's first column in the conditions
   */
  static List<LookupCondition> of(
      List<RexNode> conditions, int firstColumn, Schema table, RexBuilder rex) {
    List<LookupCondition> found = new ArrayList<>();
    for (RexNode condition : conditions) {
      for (RexNode part : RelOptUtil.conjunctions(condition)) {
        LookupCondition constant = of(RexUtil.expandSearch(rex, null, part), firstColumn, table);
        if (constant != null) {
          found.add(constant);
        }
      }
    }
    return found;
  }

  private static LookupCondition of(RexNode condition, int firstColumn, Schema table) {
    int column = -1;
    List<Object> values = new ArrayList<>();
    for (RexNode part : RelOptUtil.disjunctions(condition)) {
      if (!(part instanceof RexCall equal) || equal.getKind() != SqlKind.EQUALS) {
        return null;
      }
      boolean swapped = equal.getOperands().get(0) instanceof RexLiteral;
      RexNode left = equal.getOperands().get(swapped ? 1 : 0);
      RexNode right = equal.getOperands().get(swapped ? 0 : 1);
      boolean fits =
          left instanceof RexInputRef reference
              && reference.getIndex() >= firstColumn
              && (column < 0 || column == reference.getIndex() - firstColumn);
      if (!fits) {
        return null;
      }
      column = ((RexInputRef) left).getIndex() - firstColumn;
      Object value =
          right instanceof RexLiteral literal ? value(literal, table.field(column)) : null;
      if (value == null) {
        return null;
      }
      values.add(value);
    }
    return values.isEmpty() ? null : new LookupCondition(column, values);
  }

  /** The value as its column has it, or null where databases may differ about it. */
  private static Object value(RexLiteral literal, Field column) {
    if (literal.isNull()) {
      return null;
    }
    DataType.Kind kind = column.type().kind();
    return switch (kind) {
      case VARCHAR ->
          literal.getTypeName() == SqlTypeName.CHAR ? literal.getValueAs(String.class) : null;
      case TINYINT, SMALLINT, INTEGER, BIGINT -> whole(literal);
      default -> null;
    };
  }

  private static Long whole(RexLiteral literal) {
    try {
      return literal.getValue() instanceof BigDecimal number ? number.longValueExact() : null;
    } catch (ArithmeticException e) {
      return null;
    }
  }

  /** What is asked for, as text. */
  static String text(Schema table, List<LookupCondition> conditions) {
    StringBuilder text = new StringBuilder();
    for (Field field : table.fields()) {
      text.append(text.length() == 0 ? "" : ", ").append(field.name());
    }
    for (int i = 0; i < conditions.size(); i++) {
      LookupCondition condition = conditions.get(i);
      List<String> values =
          condition.values().stream()
              .map(value -> value instanceof String ? "'" + value + "'" : Objects.toString(value))
              .toList();
      text.append(i == 0 ? " WHERE " : " AND ").append(table.field(condition.column()).name());
      text.append(
          values.size() == 1 ? " = " + values.get(0) : " IN (" + String.join(", ", values) + ")");
    }
    return text.toString();
  }
}
