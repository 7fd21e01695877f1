package io.laminardb.sql.validate;

import io.laminardb.sql.function.Functions;
import io.laminardb.sql.function.NestedFunctions;
import io.laminardb.sql.function.TextFunctions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.avatica.util.TimeUnit;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
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
    if (isMoved(call)) {
      moveByDays(call, validator, scope);
      return;
    }
    if (isEpoch(call, name)) {
      measure(call, validator, scope);
      return;
    }
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

  private static boolean isMoved(SqlBasicCall call) {
    return (call.getKind() == SqlKind.PLUS || call.getKind() == SqlKind.MINUS)
        && call.operandCount() == 2
        && !(call.getOperator() instanceof TimeShift);
  }

  /** A DATE plus or minus a whole number is so many days later or earlier. */
  private static void moveByDays(
      SqlBasicCall call, SqlValidator validator, SqlValidatorScope scope) {
    RelDataType left = validator.deriveType(scope, call.operand(0));
    RelDataType right = validator.deriveType(scope, call.operand(1));
    boolean plus = call.getKind() == SqlKind.PLUS;
    boolean swapped = plus && right.getSqlTypeName() == SqlTypeName.DATE;
    RelDataType days = swapped ? left : right;
    boolean date = swapped || left.getSqlTypeName() == SqlTypeName.DATE;
    if (date && SqlTypeName.INT_TYPES.contains(days.getSqlTypeName())) {
      SqlNode time = call.operand(swapped ? 1 : 0);
      SqlNode count = call.operand(swapped ? 0 : 1);
      call.setOperator(plus ? TimeShift.PLUS : TimeShift.MINUS);
      call.setOperand(0, time);
      call.setOperand(1, CallSpellings.times(count, TimeUnit.DAY, call.getParserPosition()));
    }
  }

  /** Whether it is EXTRACT(EPOCH FROM a - b), or DATE_PART('epoch', a - b). */
  private static boolean isEpoch(SqlBasicCall call, String name) {
    boolean part =
        switch (name) {
          case "EXTRACT", "DATE_PART", "DATEPART" -> call.operandCount() == 2;
          default -> false;
        };
    if (!part || call.operand(1).getKind() != SqlKind.MINUS) {
      return false;
    }
    SqlNode unit = call.operand(0);
    return unit instanceof SqlIntervalQualifier qualifier
        ? qualifier.getStartUnit() == TimeUnit.EPOCH
        : unit instanceof SqlCharStringLiteral text
            && text.getValueAs(String.class).equalsIgnoreCase("epoch");
  }

  /** The difference of two times, which is in milliseconds, in seconds. */
  private static void measure(SqlBasicCall call, SqlValidator validator, SqlValidatorScope scope) {
    SqlNode difference = call.operand(1);
    if (validator.deriveType(scope, difference).getSqlTypeName() != SqlTypeName.BIGINT
        || !isTime(validator.deriveType(scope, ((SqlCall) difference).operand(0)))) {
      return;
    }
    call.setOperator(SqlStdOperatorTable.DIVIDE);
    call.setOperand(0, difference);
    call.setOperand(1, SqlLiteral.createExactNumeric("1000", call.getParserPosition()));
  }

  private static boolean isTime(RelDataType type) {
    return switch (type.getSqlTypeName()) {
      case TIMESTAMP, TIMESTAMP_WITH_LOCAL_TIME_ZONE, TIME -> true;
      default -> false;
    };
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
