package io.laminardb.sql.function;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.scalar.UserFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorTable;
import org.apache.calcite.sql.SqlSyntax;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.validate.SqlNameMatcher;

/** The functions of the dialect and those that the user of one database has registered. Immutable. */
public final class UserFunctions implements SqlOperatorTable {
  private final List<UserOperator> own = new ArrayList<>();

  /**
   * A table of both.
   *
   * @param aggregates names of aggregate functions, which are taken as well
   * @throws LaminarException INVALID_OPTION where a name is taken
   */
  public UserFunctions(List<UserFunction> functions, List<String> aggregates) {
    Set<String> taken = new TreeSet<>(Functions.names());
    taken.addAll(aggregates);
    for (UserFunction function : functions) {
      String name = function.name().toUpperCase(Locale.ROOT);
      if (isStandard(name) || !taken.add(name)) {
        throw new LaminarException(
                ErrorCode.INVALID_OPTION,
                "function \"" + function.name() + "\" cannot be registered: there is one already.")
            .mend("Give it another name.");
      }
      own.add(new UserOperator(function));
    }
  }

  private static boolean isStandard(String name) {
    return SqlStdOperatorTable.instance().getOperatorList().stream()
        .anyMatch(operator -> operator.getName().equalsIgnoreCase(name));
  }

  @Override
  public void lookupOperatorOverloads(
      SqlIdentifier name,
      SqlFunctionCategory category,
      SqlSyntax syntax,
      List<SqlOperator> found,
      SqlNameMatcher matcher) {
    if (name.isSimple() && syntax == SqlSyntax.FUNCTION) {
      for (UserOperator operator : own) {
        if (operator.getName().equalsIgnoreCase(name.getSimple())) {
          found.add(operator);
          return;
        }
      }
    }
    Functions.table().lookupOperatorOverloads(name, category, syntax, found, matcher);
  }

  @Override
  public List<SqlOperator> getOperatorList() {
    List<SqlOperator> all = new ArrayList<>(Functions.table().getOperatorList());
    all.addAll(own);
    return all;
  }
}
