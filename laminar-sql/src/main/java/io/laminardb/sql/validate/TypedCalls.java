package io.laminardb.sql.validate;

import io.laminardb.sql.function.Functions;
import io.laminardb.sql.function.NestedFunctions;
import io.laminardb.sql.function.TextFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.validate.SqlValidator;
import org.apache.calcite.sql.validate.SqlValidatorScope;
import org.apache.calcite.sql2rel.SqlRexContext;

/** Calls that mean another function, or are known at once, by the types of their arguments. */
final class TypedCalls {
  private TypedCalls() {}

  /** Whether {@link #convert} does it. */
  static boolean isTypeOf(SqlOperator operator) {
    return operator.getName().equalsIgnoreCase("TYPEOF");
  }

  /** TYPEOF: a text. */
  static RexNode convert(SqlRexContext context, SqlCall call) {
    RelDataType type = context.getValidator().getValidatedNodeType(call.operand(0));
    boolean isNull = type.getSqlTypeName() == SqlTypeName.NULL;
    RexBuilder rex = context.getRexBuilder();
    return rex.makeCast(
        context.getValidator().getValidatedNodeType(call),
        rex.makeLiteral(isNull ? "NULL" : Types.of(type).toString()));
  }

  /** Makes a call one of the function that it means, before its type is derived. */
  static void resolve(SqlNode node, SqlValidator validator, SqlValidatorScope scope) {
    if (!(node instanceof SqlBasicCall call) || call.operandCount() == 0) {
      return;
    }
    String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
    boolean typed =
        switch (name) {
          case "ITEM",
              "ARRAY_EXTRACT",
              "LIST_EXTRACT",
              "LIST_ELEMENT",
              "ELEMENT_AT",
              "ARRAY_SLICE",
              "LIST_SLICE",
              "CONTAINS",
              "CONCAT",
              "||",
              "LENGTH",
              "LEN",
              "REPEAT" ->
              true;
          default -> false;
        };
    if (!typed) {
      return;
    }
    List<SqlTypeName> types = new ArrayList<>();
    for (SqlNode operand : call.getOperandList()) {
      types.add(validator.deriveType(scope, operand).getSqlTypeName());
    }
    String meant = meant(name, types);
    if (meant != null) {
      call.setOperator(Functions.named(meant));
    }
  }

  /** What a call of a name with arguments of these types means; null where that is the name. */
  private static String meant(String name, List<SqlTypeName> types) {
    SqlTypeName first = types.get(0);
    boolean text = SqlTypeName.CHAR_TYPES.contains(first);
    boolean array = first == SqlTypeName.ARRAY;
    boolean map = first == SqlTypeName.MAP;
    return switch (name) {
      case "ARRAY_SLICE", "LIST_SLICE" -> text ? TextFunctions.SLICE : null;
      case "CONTAINS" -> array ? "ARRAY_CONTAINS" : map ? "MAP_CONTAINS_KEY" : null;
      case "CONCAT" -> areArrays(types) ? NestedFunctions.CONCAT : null;
      case "||" -> areArrays(types) ? "ARRAY_CONCAT" : null;
      case "LENGTH", "LEN" -> array || map ? "CARDINALITY" : null;
      case "REPEAT" -> array ? "LIST_REPEAT" : null;
      default -> text ? TextFunctions.CHARACTER_AT : null; // s[i] in all its spellings
    };
  }

  private static boolean areArrays(List<SqlTypeName> types) {
    return types.contains(SqlTypeName.ARRAY)
        && types.stream().allMatch(t -> t == SqlTypeName.ARRAY || t == SqlTypeName.NULL);
  }
}
