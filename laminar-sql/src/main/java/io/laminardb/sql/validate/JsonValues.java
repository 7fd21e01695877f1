package io.laminardb.sql.validate;

import io.laminardb.sql.function.Functions;
import java.util.Set;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql2rel.SqlRexContext;

/** Values of SQL as JSON: numbers, booleans and nested values as such, all others as texts. */
public final class JsonValues {
  private static final Set<String> FUNCTIONS = Set.of("TO_JSON", "JSON_QUOTE", "JSON_STRING");

  private JsonValues() {}

  static boolean isCall(SqlOperator operator) {
    return FUNCTIONS.contains(operator.getName());
  }

  static RexNode convert(SqlRexContext context, SqlCall call) {
    return of(context.getRexBuilder(), context.convertExpression(call.operand(0)));
  }

  /** The JSON of a value; NULL for NULL. */
  public static RexNode of(RexBuilder rex, RexNode value) {
    RexNode text = text(rex, value);
    if (value.getType().isStruct()) {
      return text;
    }
    return switch (value.getType().getSqlTypeName().getFamily()) {
      case NUMERIC -> rex.makeCall(Functions.JSON_NUMBER, text);
      case BOOLEAN, ARRAY, MAP -> text;
      default -> rex.makeCall(Functions.JSON_QUOTE, text);
    };
  }

  /** A value as its text. */
  public static RexNode text(RexBuilder rex, RexNode value) {
    if (SqlTypeFamily.CHARACTER.contains(value.getType())) {
      return value;
    }
    RelDataTypeFactory types = rex.getTypeFactory();
    RelDataType text =
        types.createTypeWithNullability(
            types.createSqlType(SqlTypeName.VARCHAR), value.getType().isNullable());
    return LocalZone.cast(rex, text, value);
  }
}
