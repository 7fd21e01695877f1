package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorTable;
import org.apache.calcite.sql.SqlSyntax;
import org.apache.calcite.sql.validate.SqlNameMatcher;

/**
 * A few operators, found by name and family of syntax: {@code COUNT(*)} has a syntax of its own, and
 * is looked up as any function.
 */
record FamilyTable(List<SqlOperator> operators) implements SqlOperatorTable {
  @Override
  public void lookupOperatorOverloads(
      SqlIdentifier name,
      SqlFunctionCategory category,
      SqlSyntax syntax,
      List<SqlOperator> found,
      SqlNameMatcher matcher) {
    for (SqlOperator operator : operators) {
      if (name.isSimple()
          && (operator.getSyntax().family == syntax.family
              || syntax == SqlSyntax.FUNCTION && operator instanceof SqlFunction)
          && operator.getName().equalsIgnoreCase(name.getSimple())) {
        found.add(operator);
      }
    }
  }

  @Override
  public List<SqlOperator> getOperatorList() {
    return new ArrayList<>(operators);
  }
}
