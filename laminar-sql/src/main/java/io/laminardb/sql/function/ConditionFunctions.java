package io.laminardb.sql.function;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorBinding;
import org.apache.calcite.sql.type.OperandTypes;
import org.apache.calcite.sql.type.ReturnTypes;
import org.apache.calcite.sql.type.SqlOperandCountRanges;
import org.apache.calcite.sql.type.SqlTypeFamily;

/** Functions that look at only some of their arguments, or take any number of them. */
final class ConditionFunctions {
  private ConditionFunctions() {}

  static List<SqlOperator> define() {
    List<SqlOperator> all = new ArrayList<>();
    for (String name : List.of("IF", "IIF")) {
      all.add(
          new ScalarFunction(
              name,
              ConditionFunctions::typeOfBranches,
              OperandTypes.family(SqlTypeFamily.BOOLEAN, SqlTypeFamily.ANY, SqlTypeFamily.ANY),
              null));
    }
    for (String name : List.of("IFNULL", "NVL")) {
      all.add(new ScalarFunction(name, ConditionFunctions::common, OperandTypes.ANY_ANY, null));
    }
    for (String name : List.of("GREATEST", "LEAST")) {
      all.add(new ScalarFunction(name, ConditionFunctions::common, OperandTypes.ONE_OR_MORE, null));
    }
    all.add(new ScalarFunction("CONCAT", ReturnTypes.VARCHAR, OperandTypes.ONE_OR_MORE, null));
    all.add(
        new ScalarFunction(
            "CONCAT_WS", Define.TEXT, OperandTypes.variadic(SqlOperandCountRanges.from(1)), null));
    for (String name : List.of("FORMAT", "PRINTF")) {
      all.add(
          new ScalarFunction(
              name, Define.TEXT, OperandTypes.variadic(SqlOperandCountRanges.from(1)), null));
    }
    return all;
  }

  private static RelDataType typeOfBranches(SqlOperatorBinding call) {
    return leastRestrictive(call, call.collectOperandTypes().subList(1, 3));
  }

  private static RelDataType common(SqlOperatorBinding call) {
    return leastRestrictive(call, call.collectOperandTypes());
  }

  private static RelDataType leastRestrictive(SqlOperatorBinding call, List<RelDataType> types) {
    RelDataTypeFactory factory = call.getTypeFactory();
    RelDataType type = factory.leastRestrictive(types);
    if (type == null) {
      throw new io.laminardb.core.error.LaminarException(
          io.laminardb.core.error.ErrorCode.TYPE_MISMATCH,
          "The arguments of "
              + call.getOperator().getName()
              + " have no common type: "
              + types
              + ".");
    }
    return factory.createTypeWithNullability(type, true);
  }
}
