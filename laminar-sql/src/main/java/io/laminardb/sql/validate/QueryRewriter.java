package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlOrderBy;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWith;
import org.apache.calcite.sql.SqlWithItem;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.util.Litmus;

/**
 * Rewrites a query of our dialect into one Calcite validates as it is. Leaves the given tree alone.
 *
 * <p>Window functions become markers (see {@link WindowFunction}), window table functions become
 * subqueries that compute markers, hidden window bounds are appended to the select lists they pass
 * through, parameters become literals, and what cannot run is refused.
 */
public final class QueryRewriter {
  private final Parameters parameters;
  private final boolean snapshot;
  private final HiddenOffers offers;
  private final Relations relations;
  private SqlNode outermost; // the query whose rows are the result
  private SqlNode order; // of a query that does not end, without LIMIT

  /**
   * @param snapshot whether the query ends, so that ORDER BY and LIMIT have a meaning
   */
  public QueryRewriter(CatalogSnapshot catalog, Parameters parameters, boolean snapshot) {
    this.parameters = parameters;
    this.snapshot = snapshot;
    offers = new HiddenOffers(catalog);
    relations = new Relations(catalog, parameters, offers, this::query);
  }

  /** The rewritten query, with hidden window bounds as its last columns where it has any. */
  public SqlNode rewrite(SqlNode query) {
    Names none = new Names(Map.of());
    outermost = query;
    while (outermost instanceof SqlWith with) {
      outermost = with.body;
    }
    SqlNode rewritten = query(query, none, offers.of(query, none));
    parameters.checkAllUsed();
    return rewritten;
  }

  /** What the query reads, and where it says so. */
  public Relations relations() {
    return relations;
  }

  // ---- rewriting

  private SqlNode query(SqlNode written, Names names, HiddenColumns wanted) {
    SqlNode query = DistinctOn.rewrite(written, snapshot);
    return switch (query.getKind()) {
      case SELECT -> select((SqlSelect) query, names, wanted);
      case ORDER_BY -> orderBy((SqlOrderBy) query, names, wanted);
      case WITH -> with((SqlWith) query, names, wanted);
      case UNION -> setOperation((SqlCall) query, names, wanted);
      case VALUES ->
          new ExpressionRewriter(parameters, null, List.of()).rewriteOperands((SqlCall) query);
      case EXPLICIT_TABLE -> relations.explicitTable((SqlCall) query, names);
      case INTERSECT, EXCEPT -> setOperation((SqlCall) query, names, HiddenColumns.NONE);
      default ->
          throw Positions.notSupported(
              query, query.getKind() + " is not supported here.", "Write a SELECT.");
    };
  }

  private SqlNode with(SqlWith with, Names names, HiddenColumns wanted) {
    Names declared = names;
    List<SqlNode> items = new ArrayList<>();
    for (SqlNode node : with.withList) {
      SqlWithItem item = (SqlWithItem) node;
      if (item.recursive.booleanValue()) {
        throw Positions.notSupported(
            item, "WITH RECURSIVE is not supported.", "Write the steps out.");
      }
      HiddenColumns offered =
          item.columnList == null ? offers.of(item.query, declared) : HiddenColumns.NONE;
      items.add(
          new SqlWithItem(
              item.getParserPosition(),
              item.name,
              item.columnList,
              query(item.query, declared, offered),
              item.recursive));
      declared = declared.with(item.name.getSimple(), offered);
    }
    return new SqlWith(
        with.getParserPosition(),
        new SqlNodeList(items, with.withList.getParserPosition()),
        query(with.body, declared, wanted));
  }

  private SqlNode setOperation(SqlCall written, Names names, HiddenColumns wanted) {
    SqlCall set = UnionByName.resolved(written);
    List<SqlNode> operands = new ArrayList<>();
    for (SqlNode operand : set.getOperandList()) {
      operands.add(query(operand, names, wanted));
    }
    return set.getOperator().createCall(set.getParserPosition(), operands);
  }

  private SqlNode orderBy(SqlOrderBy orderBy, Names names, HiddenColumns wanted) {
    if (!snapshot && orderBy != outermost && orderBy.offset == null && orderBy.fetch == null) {
      return query(orderBy.query, names, wanted); // rows of a subquery have no order
    }
    if (!snapshot && orderBy.fetch == null) {
      if (orderBy.offset != null) {
        throw endless(orderBy.offset, "OFFSET");
      }
      order = orderBy.orderList;
    }
    SqlNode inner = query(orderBy.query, names, wanted);
    ExpressionRewriter expressions =
        orderBy.query instanceof SqlSelect select
            ? expressions(select)
            : new ExpressionRewriter(parameters, null, List.of());
    return new SqlOrderBy(
        orderBy.getParserPosition(),
        inner,
        (SqlNodeList) expressions.rewrite(orderBy.orderList),
        RowCount.of(expressions.rewrite(orderBy.offset), "OFFSET"),
        RowCount.of(expressions.rewrite(orderBy.fetch), "LIMIT"));
  }

  private static LaminarException endless(SqlNode clause, String name) {
    return Positions.notSupported(
        clause,
        name + " without LIMIT on a stream is not supported: a stream never ends.",
        "Add LIMIT, or leave it out and order when you query a materialized view.");
  }

  /** Whether the query, which does not end, has an ORDER BY without LIMIT around all of it. */
  public boolean isOrdered() {
    return order != null;
  }

  /** Refuses that. */
  public void refuseOrder() {
    if (order != null) {
      throw endless(order, "ORDER BY");
    }
  }

  private ExpressionRewriter expressions(SqlSelect select) {
    List<SqlNode> items = Select.leaves(GroupItems.of(select));
    return new ExpressionRewriter(parameters, marker(items), items);
  }

  /** The marker of the window among the items of GROUP BY, or null. */
  private SqlNode marker(List<SqlNode> items) {
    SqlNode marker = null;
    for (SqlNode item : items) {
      if (WindowCalls.isWindow(item)) {
        SqlCall call = (SqlCall) WindowCalls.marker((SqlCall) item);
        SqlNode found = new ExpressionRewriter(parameters, null, List.of()).rewriteOperands(call);
        if (marker != null && !marker.equalsDeep(found, Litmus.IGNORE)) {
          throw Positions.error(
                  ErrorCode.INVALID_WINDOW, item, "GROUP BY holds more than one window.")
              .mend("Group by one window, and by the other in an outer query.");
        }
        marker = marker == null ? found : marker;
      }
    }
    return marker;
  }

  private SqlNode select(SqlSelect select, Names names, HiddenColumns wanted) {
    List<SqlNode> items = GroupItems.of(select);
    List<SqlNode> leaves = Select.leaves(items);
    SqlNode marker = marker(leaves);
    if (marker != null) {
      relations.addWindow((SqlCall) marker);
    }
    UnaryOperator<SqlNode> subqueries = subqueries(names);
    ExpressionRewriter expressions = new ExpressionRewriter(parameters, marker, leaves, subqueries);
    expressions.knows(new NamedWindows(select));
    ExpressionRewriter plain = new ExpressionRewriter(parameters, null, List.of(), subqueries);
    Relations.From from = relations.from(select, names);
    SqlNode where = plain.rewrite(RowsIn.condition(select.getWhere()));
    for (SqlNode place : from.places()) {
      where = AsofMatch.and(where, place);
    }
    ExpressionRewriter keys = ExpressionRewriter.ofGroupBy(parameters);
    SqlNodeList group = group(select, items, marker, keys, wanted);
    return new SqlSelect(
        select.getParserPosition(),
        keywords(select),
        selectList(select, expressions, marker, wanted),
        from.relation(),
        where,
        group,
        expressions.rewrite(select.getHaving()),
        (SqlNodeList) expressions.rewrite(select.getWindowList()),
        expressions.rewrite(RowsIn.value(select.getQualify(), select)),
        null,
        null,
        null,
        null);
  }

  private UnaryOperator<SqlNode> subqueries(Names names) {
    return subquery -> query(subquery, names, HiddenColumns.NONE);
  }

  private static SqlNodeList keywords(SqlSelect select) {
    return select.isDistinct()
        ? new SqlNodeList(
            List.of(
                org.apache.calcite.sql.SqlSelectKeyword.DISTINCT.symbol(
                    select.getParserPosition())),
            select.getParserPosition())
        : SqlNodeList.EMPTY;
  }

  private SqlNodeList group(
      SqlSelect select,
      List<SqlNode> items,
      SqlNode marker,
      ExpressionRewriter keys,
      HiddenColumns wanted) {
    if (select.getGroup() == null) {
      return null;
    }
    List<SqlNode> rewritten = new ArrayList<>();
    for (SqlNode item : items) {
      rewritten.add(groupItem(item, marker, keys));
    }
    return new SqlNodeList(rewritten, select.getGroup().getParserPosition());
  }

  private static SqlNode groupItem(SqlNode item, SqlNode marker, ExpressionRewriter keys) {
    if (Select.isGrouping(item)) {
      return Select.mapGrouping(item, part -> groupItem(part, marker, keys));
    }
    return WindowCalls.isWindow(item) ? marker : keys.rewrite(item);
  }

  private static SqlNodeList selectList(
      SqlSelect select, ExpressionRewriter expressions, SqlNode marker, HiddenColumns wanted) {
    List<SqlNode> rewritten = new ArrayList<>();
    UnaryOperator<SqlNode> values = item -> expressions.rewrite(RowsIn.value(item, select));
    for (SqlNode item : StarWithout.joined(select.getSelectList().getList(), values)) {
      SqlNode expression = values.apply(item);
      boolean nameLost = expression != item && item instanceof SqlIdentifier;
      rewritten.add(
          nameLost
              ? as(expression, ((SqlIdentifier) item).getSimple(), item.getParserPosition())
              : expression);
    }
    if (wanted.start()) {
      rewritten.add(hidden(marker, false));
    }
    if (wanted.end()) {
      rewritten.add(hidden(marker, true));
    }
    return new SqlNodeList(rewritten, select.getSelectList().getParserPosition());
  }

  private static SqlNode hidden(SqlNode marker, boolean end) {
    String name = end ? HiddenColumns.END : HiddenColumns.START;
    SqlNode value =
        marker == null
            ? new SqlIdentifier(name, SqlParserPos.ZERO)
            : WindowCalls.bound(marker, end, SqlParserPos.ZERO);
    return as(
        value, end ? HiddenColumns.PHYSICAL_END : HiddenColumns.PHYSICAL_START, SqlParserPos.ZERO);
  }

  static SqlNode as(SqlNode expression, String name, SqlParserPos position) {
    return SqlStdOperatorTable.AS.createCall(
        position, expression, new SqlIdentifier(name, position));
  }
}
