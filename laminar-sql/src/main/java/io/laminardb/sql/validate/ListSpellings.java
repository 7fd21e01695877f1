package io.laminardb.sql.validate;

import static io.laminardb.sql.validate.CallSpellings.function;

import java.util.Locale;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/** Functions of arrays that are others with fixed arguments. */
final class ListSpellings {
  private ListSpellings() {}

  /** The plain call, or null when {@code call} is no such spelling. */
  static SqlCall plain(SqlCall call) {
    SqlParserPos position = call.getParserPosition();
    String name = call.getOperator().getName().toUpperCase(Locale.ROOT);
    int count = call.operandCount();
    SqlNode list = count == 0 ? null : call.operand(0);
    return switch (name + "/" + count) {
      case "LIST_FIRST/1", "ARRAY_FIRST/1" ->
          function("ELEMENT_AT", position, list, number("1", position));
      case "LIST_LAST/1", "ARRAY_LAST/1" ->
          function("ELEMENT_AT", position, list, number("-1", position));
      case "ARRAY_POP_BACK/1" ->
          function("ARRAY_SLICE", position, list, number("1", position), number("-2", position));
      case "ARRAY_POP_FRONT/1" ->
          function("ARRAY_SLICE", position, list, number("2", position), number("-1", position));
      case "LIST_PREPEND/2" -> function("ARRAY_PREPEND", position, call.operand(1), list);
      case "LIST_UNIQUE/1", "ARRAY_UNIQUE/1" ->
          function("CARDINALITY", position, function("ARRAY_DISTINCT", position, list));
      case "MAP/2" ->
          call.getOperator() instanceof SqlFunction // else MAP[key, value]
              ? function("MAP_FROM_ARRAYS", position, list, call.operand(1))
              : null;
      case "MAP_EXTRACT_VALUE/2" -> function("ELEMENT_AT", position, list, call.operand(1));
      case "STRUCT_EXTRACT/2" ->
          SqlStdOperatorTable.ITEM.createCall(position, list, call.operand(1));
      default -> isConstructor(name, count) ? array(call) : null;
    };
  }

  private static boolean isConstructor(String name, int count) {
    return count > 0
        && (name.equals("LIST_VALUE") || name.equals("LIST_PACK") || name.equals("ARRAY_VALUE"));
  }

  private static SqlCall array(SqlCall call) {
    return SqlStdOperatorTable.ARRAY_VALUE_CONSTRUCTOR.createCall(
        call.getParserPosition(), call.getOperandList());
  }

  private static SqlNode number(String number, SqlParserPos position) {
    return SqlLiteral.createExactNumeric(number, position);
  }
}
