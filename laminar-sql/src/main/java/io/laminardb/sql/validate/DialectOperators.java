package io.laminardb.sql.validate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.SqlAggFunction;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlFunctionCategory;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlOperatorTable;
import org.apache.calcite.sql.SqlSyntax;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.validate.SqlNameMatcher;

/**
 * The scalar functions of the dialect, and of Calcite's own operators those that are syntax (UNION,
 * DESC) or aggregates. A scalar function of Calcite's that the dialect lacks is not found.
 */
final class DialectOperators implements SqlOperatorTable {
  private static final Map<String, SqlOperator> SAMPLE_MOMENTS =
      Map.of(
          "VAR_SAMP", new SampleMoment("VAR_SAMP", SqlKind.VAR_SAMP),
          "VARIANCE", new SampleMoment("VARIANCE", SqlKind.VAR_SAMP),
          "STDDEV_SAMP", new SampleMoment("STDDEV_SAMP", SqlKind.STDDEV_SAMP),
          "STDDEV", new SampleMoment("STDDEV", SqlKind.STDDEV_SAMP));

  private final SqlOperatorTable scalars;

  DialectOperators(SqlOperatorTable scalars) {
    this.scalars = scalars;
  }

  @Override
  public void lookupOperatorOverloads(
      SqlIdentifier name,
      SqlFunctionCategory category,
      SqlSyntax syntax,
      List<SqlOperator> found,
      SqlNameMatcher matcher) {
    scalars.lookupOperatorOverloads(name, category, syntax, found, matcher);
    if (!found.isEmpty()) {
      return;
    }
    SqlOperator own =
        name.isSimple() && syntax == SqlSyntax.FUNCTION
            ? MoreAggregates.named(name.getSimple())
            : null;
    if (own != null) {
      found.add(own);
      return;
    }
    List<SqlOperator> standard = new ArrayList<>();
    SqlStdOperatorTable.instance()
        .lookupOperatorOverloads(name, category, syntax, standard, matcher);
    standard.stream()
        .filter(DialectOperators::isOurs)
        .map(DialectOperators::ours)
        .forEach(found::add);
  }

  private static SqlOperator ours(SqlOperator operator) {
    return switch (operator.getKind()) {
      case VAR_SAMP, STDDEV_SAMP -> SAMPLE_MOMENTS.getOrDefault(operator.getName(), operator);
      default -> operator;
    };
  }

  @Override
  public List<SqlOperator> getOperatorList() {
    List<SqlOperator> all = new ArrayList<>(scalars.getOperatorList());
    SqlStdOperatorTable.instance().getOperatorList().stream()
        .filter(DialectOperators::isOurs)
        .forEach(all::add);
    return all;
  }

  private static boolean isOurs(SqlOperator operator) {
    return operator instanceof SqlAggFunction || !(operator instanceof SqlFunction);
  }
}
