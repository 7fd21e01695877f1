package io.laminardb.sql.function;

import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.aggregate.UserAggregate;
import io.laminardb.core.operator.scalar.UserFunction;
import io.laminardb.core.operator.scalar.UserTableFunction;
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
  private final List<SqlOperator> own = new ArrayList<>();

  /**
   * A table of both.
   *
   * @param tables table functions of the user
   * @param aggregates aggregate functions of the user
   * @param taken names of aggregate functions, which are taken as well
   * @throws LaminarException INVALID_OPTION where a name is taken
   */
  public UserFunctions(
      List<UserFunction> functions,
      List<UserTableFunction> tables,
      List<UserAggregate> aggregates,
      List<String> taken) {
    Set<String> names = new TreeSet<>(Functions.names());
    names.addAll(taken);
    for (UserFunction function : functions) {
      take(function.name(), names);
      own.add(new UserOperator(function));
    }
    for (UserTableFunction table : tables) {
      take(table.name(), names);
      own.add(new UserTableOperator(table));
    }
    for (UserAggregate aggregate : aggregates) {
      take(aggregate.name(), names);
      own.add(new UserAggregateOperator(aggregate));
    }
  }

  private static void take(String name, Set<String> taken) {
    String capitals = name.toUpperCase(Locale.ROOT);
    if (isStandard(capitals) || !taken.add(capitals)) {
      throw UserFunction.wrong(name, "there is one already.", "Give it another name.");
    }
  }

  /** The aggregate function of this name in any case that a user registered, or null. */
  public UserAggregateOperator aggregate(String name) {
    for (SqlOperator operator : own) {
      if (operator instanceof UserAggregateOperator aggregate
          && operator.getName().equalsIgnoreCase(name)) {
        return aggregate;
      }
    }
    return null;
  }

  /** The table function of this name in any case that a user registered, or null. */
  public UserTableFunction table(String name) {
    for (SqlOperator operator : own) {
      if (operator instanceof UserTableOperator table
          && operator.getName().equalsIgnoreCase(name)) {
        return table.function();
      }
    }
    return null;
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
      for (SqlOperator operator : own) {
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
