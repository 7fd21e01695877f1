package io.laminardb.sql.validate;

import io.laminardb.sql.function.UserAggregateOperator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlFunction;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlUtil;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;

/** What can be said of a SELECT before it is validated. */
final class Select {
  private static final Set<String> AGGREGATES =
      Set.of(
          "COUNT",
          "SUM",
          "SUM0",
          "AVG",
          "MIN",
          "MAX",
          "FIRST",
          "LAST",
          "FIRST_VALUE",
          "LAST_VALUE",
          "STDDEV",
          "STDDEV_POP",
          "STDDEV_SAMP",
          "VARIANCE",
          "VAR_POP",
          "VAR_SAMP",
          "ANY_VALUE",
          "SOME",
          "EVERY",
          "COLLECT",
          "FUSION",
          "INTERSECTION",
          "LISTAGG",
          "STRING_AGG",
          "GROUP_CONCAT",
          "ARRAY_AGG",
          "LIST",
          "MAP_AGG",
          "ARRAY_CONCAT_AGG",
          "MEDIAN",
          "MODE",
          "QUANTILE",
          "QUANTILE_CONT",
          "QUANTILE_DISC",
          "SINGLE_VALUE",
          "BIT_AND",
          "BIT_OR",
          "BIT_XOR",
          "COVAR_POP",
          "COVAR_SAMP",
          "REGR_SXX",
          "REGR_SYY",
          "REGR_COUNT",
          "APPROX_COUNT_DISTINCT",
          "APPROX_PERCENTILE",
          "APPROX_QUANTILE",
          "PERCENTILE_CONT",
          "PERCENTILE_DISC",
          "BOOL_AND",
          "BOOL_OR",
          "LOGICAL_AND",
          "LOGICAL_OR",
          "COUNTIF",
          "COUNT_IF",
          "CORR",
          "REGR_SLOPE",
          "REGR_INTERCEPT",
          "REGR_R2",
          "REGR_AVGX",
          "REGR_AVGY",
          "REGR_SXY",
          "MIN_BY",
          "MAX_BY",
          "ARG_MIN",
          "ARG_MAX",
          "JSON_OBJECTAGG",
          "JSON_ARRAYAGG");

  private Select() {}

  static boolean isAggregateFunction(SqlNode node) {
    return node instanceof SqlCall call
        && call.getOperator() instanceof SqlFunction
        && (call.getOperator() instanceof UserAggregateOperator
            || AGGREGATES.contains(WindowCalls.name(call)));
  }

  /** Whether the select groups, with or without GROUP BY. */
  static boolean isGrouped(SqlSelect select) {
    return select.getGroup() != null
        || select.getHaving() != null
        || containsAggregate(select.getSelectList());
  }

  static boolean containsAggregate(SqlNode node) {
    if (OverCalls.isOver(node)) {
      return OverCalls.containsAggregate((SqlCall) node);
    }
    if (isAggregateFunction(node)) {
      return true;
    }
    if (node instanceof SqlNodeList list) {
      return list.stream().anyMatch(item -> item != null && containsAggregate(item));
    }
    return node instanceof SqlCall call
        && !(node instanceof SqlSelect)
        && call.getOperandList().stream().anyMatch(o -> o != null && containsAggregate(o));
  }

  /** The items of GROUP BY; ordinals and aliases of window functions replaced by the functions. */
  static List<SqlNode> groupItems(SqlSelect select) {
    List<SqlNode> items = new ArrayList<>();
    if (select.getGroup() != null) {
      for (SqlNode item : select.getGroup()) {
        items.add(windowMeantBy(listed(item), select.getSelectList()));
      }
    }
    return items;
  }

  /**
   * ROLLUP and CUBE over the same item twice as GROUPING SETS: Calcite would leave out sets that are
   * alike, which the standard counts each.
   */
  private static SqlNode listed(SqlNode item) {
    boolean rollup = item.getKind() == SqlKind.ROLLUP;
    if (!rollup && item.getKind() != SqlKind.CUBE) {
      return item;
    }
    List<SqlNode> parts = ((SqlCall) item).getOperandList();
    long different = leaves(parts).stream().map(SqlNode::toString).distinct().count();
    if (different == leaves(parts).size() || parts.size() > 16) {
      return item;
    }
    List<SqlNode> sets = new ArrayList<>();
    if (rollup) {
      for (int count = parts.size(); count >= 0; count--) {
        sets.add(set(parts.subList(0, count), item));
      }
    } else {
      for (int chosen = (1 << parts.size()) - 1; chosen >= 0; chosen--) {
        int mask = chosen;
        sets.add(
            set(
                IntStream.range(0, parts.size())
                    .filter(i -> (mask >> i & 1) != 0)
                    .mapToObj(parts::get)
                    .toList(),
                item));
      }
    }
    return SqlStdOperatorTable.GROUPING_SETS.createCall(item.getParserPosition(), sets);
  }

  private static SqlNode set(List<SqlNode> parts, SqlNode at) {
    Map<String, SqlNode> different = new LinkedHashMap<>();
    leaves(parts).forEach(leaf -> different.putIfAbsent(leaf.toString(), leaf));
    return switch (different.size()) {
      case 0 -> new SqlNodeList(at.getParserPosition());
      case 1 -> different.values().iterator().next();
      default ->
          SqlStdOperatorTable.ROW.createCall(
              at.getParserPosition(), List.copyOf(different.values()));
    };
  }

  private static SqlNode windowMeantBy(SqlNode item, SqlNodeList selectList) {
    if (isGrouping(item)) {
      return mapGrouping(item, part -> windowMeantBy(part, selectList));
    }
    SqlNode meant = meantBy(item, selectList);
    return meant != null && WindowCalls.isWindow(meant) ? meant : item;
  }

  /** Whether an item of GROUP BY holds others: GROUPING SETS, CUBE, ROLLUP, a list in parentheses. */
  static boolean isGrouping(SqlNode item) {
    return switch (item.getKind()) {
      case GROUPING_SETS, CUBE, ROLLUP, GROUP_BY_DISTINCT, ROW -> item instanceof SqlCall;
      default -> item instanceof SqlNodeList;
    };
  }

  /** The item of GROUP BY with every part {@code map} says. */
  static SqlNode mapGrouping(SqlNode item, UnaryOperator<SqlNode> map) {
    if (item instanceof SqlNodeList list) {
      return new SqlNodeList(list.stream().map(map).toList(), list.getParserPosition());
    }
    SqlCall call = (SqlCall) item;
    return call.getOperator()
        .createCall(call.getParserPosition(), call.getOperandList().stream().map(map).toList());
  }

  /** The items, with what GROUPING SETS and their like hold in place of those. */
  static List<SqlNode> leaves(List<SqlNode> items) {
    List<SqlNode> leaves = new ArrayList<>();
    for (SqlNode item : items) {
      if (isGrouping(item)) {
        leaves.addAll(
            leaves(
                item instanceof SqlNodeList list
                    ? list.getList()
                    : ((SqlCall) item).getOperandList()));
      } else {
        leaves.add(item);
      }
    }
    return leaves;
  }

  private static SqlNode meantBy(SqlNode item, SqlNodeList selectList) {
    if (item instanceof SqlNumericLiteral number && number.isInteger()) {
      int ordinal = number.intValue(true);
      return ordinal >= 1 && ordinal <= selectList.size()
          ? SqlUtil.stripAs(selectList.get(ordinal - 1))
          : null;
    }
    if (item instanceof SqlIdentifier identifier && identifier.isSimple()) {
      for (SqlNode selected : selectList) {
        if (selected.getKind() == SqlKind.AS
            && ((SqlBasicCall) selected)
                .operand(1)
                .toString()
                .equalsIgnoreCase(identifier.getSimple())) {
          return ((SqlBasicCall) selected).operand(0);
        }
      }
    }
    return null;
  }

  /** Whether {@code item} names {@code window_start} or {@code window_end}, as {@code bound}. */
  static boolean isBoundName(SqlNode item, String bound) {
    return item instanceof SqlIdentifier identifier
        && !identifier.isStar()
        && identifier.names.get(identifier.names.size() - 1).toLowerCase(Locale.ROOT).equals(bound);
  }
}
