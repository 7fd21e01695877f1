package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.operator.match.PathValue;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.JoinType;
import org.apache.calcite.sql.SqlAsofJoin;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlMatchRecognize;
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
 *
 * <p>Past 600 lines: it is one descent through the tree, a method a kind of node, which pass the same
 * names on to each other; what rewrites expressions and spellings of calls has files of its own.
 */
public final class QueryRewriter {
  private final CatalogSnapshot catalog;
  private final Parameters parameters;
  private final boolean snapshot;
  private final Map<String, CatalogObject> scanned = new LinkedHashMap<>();
  private final Set<SqlNode> lookups = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<SqlCall> windows = new ArrayList<>();
  private final List<MatchClause> matches = new ArrayList<>();
  private final List<PathValue> asked = new ArrayList<>();
  private final Map<String, SourcePosition> moments = new HashMap<>();
  private SqlNode outermost;
  private SqlNode
      order; // of a query that does not end, without LIMIT // the query whose rows are the result

  /**
   * @param snapshot whether the query ends, so that ORDER BY and LIMIT have a meaning
   */
  public QueryRewriter(CatalogSnapshot catalog, Parameters parameters, boolean snapshot) {
    this.catalog = catalog;
    this.parameters = parameters;
    this.snapshot = snapshot;
  }

  /** The rewritten query, with hidden window bounds as its last columns where it has any. */
  public SqlNode rewrite(SqlNode query) {
    Names none = new Names(Map.of());
    outermost = query;
    while (outermost instanceof SqlWith with) {
      outermost = with.body;
    }
    SqlNode rewritten = query(query, none, offers(query, none));
    parameters.checkAllUsed();
    return rewritten;
  }

  /** The catalog objects the query reads, in the order written. */
  public List<CatalogObject> scanned() {
    return List.copyOf(scanned.values());
  }

  /** Where a window of these lengths was written, for errors found later; or null. */
  public SourcePosition positionOfWindow(WindowFunction function, String sizeNs) {
    for (SqlCall window : windows) {
      if (window.getOperator() == function && window.operand(1).toString().equals(sizeNs)) {
        return Positions.of(window.getParserPosition());
      }
    }
    return null;
  }

  /** The MATCH_RECOGNIZE of an index. */
  public MatchClause match(int index) {
    return matches.get(index);
  }

  /** What is asked of matches, by index; without the columns. */
  public PathValue asked(int index) {
    return asked.get(index);
  }

  /** Where a table is read as of a moment, for errors found later; or null. */
  public SourcePosition positionOfTable(String name) {
    return moments.get(name.toLowerCase(Locale.ROOT));
  }

  /** WITH names in scope, and the hidden columns each offers. */
  private record Names(Map<String, HiddenColumns> hidden) {
    Names with(String name, HiddenColumns offered) {
      Map<String, HiddenColumns> more = new HashMap<>(hidden);
      more.put(name.toLowerCase(Locale.ROOT), offered);
      return new Names(more);
    }

    HiddenColumns find(SqlIdentifier name) {
      return name.isSimple() ? hidden.get(name.getSimple().toLowerCase(Locale.ROOT)) : null;
    }
  }

  // ---- which hidden columns a query could carry

  private HiddenColumns offers(SqlNode query, Names names) {
    return switch (query.getKind()) {
      case SELECT -> offersOfSelect((SqlSelect) query, names);
      case ORDER_BY -> offers(((SqlOrderBy) query).query, names);
      case WITH -> offers(((SqlWith) query).body, declare((SqlWith) query, names));
      case UNION -> {
        HiddenColumns all = HiddenColumns.BOTH;
        for (SqlNode operand : ((SqlCall) query).getOperandList()) {
          all = all.and(offers(operand, names));
        }
        yield isUnionAll(query) ? all : HiddenColumns.NONE;
      }
      default -> HiddenColumns.NONE;
    };
  }

  private HiddenColumns offersOfSelect(SqlSelect select, Names names) {
    if (select.isDistinct() || select.getFrom() == null) {
      return HiddenColumns.NONE;
    }
    if (!Select.isGrouped(select)) {
      return offersOfRelation(select.getFrom(), names);
    }
    List<SqlNode> items = Select.leaves(groupItems(select));
    if (items.stream().anyMatch(WindowCalls::isWindow)) {
      return HiddenColumns.BOTH;
    }
    HiddenColumns bounds =
        new HiddenColumns(
            items.stream().anyMatch(i -> Select.isBoundName(i, HiddenColumns.START)),
            items.stream().anyMatch(i -> Select.isBoundName(i, HiddenColumns.END)));
    return isTableWindow(select.getFrom())
        ? bounds
        : bounds.and(offersOfRelation(select.getFrom(), names));
  }

  private HiddenColumns offersOfRelation(SqlNode from, Names names) {
    switch (from.getKind()) {
      case IDENTIFIER -> {
        HiddenColumns declared = names.find((SqlIdentifier) from);
        CatalogObject object = declared != null ? null : find((SqlIdentifier) from);
        return declared != null
            ? declared
            : object == null ? HiddenColumns.NONE : HiddenColumns.of(object.schema());
      }
      case AS -> {
        SqlCall as = (SqlCall) from;
        return as.operandCount() > 2 ? HiddenColumns.NONE : offersOfRelation(as.operand(0), names);
      }
      case EXPLICIT_TABLE -> {
        return offersOfRelation(((SqlCall) from).operand(0), names);
      }
      default -> {
        return from.isA(SqlKind.QUERY) ? offers(from, names) : HiddenColumns.NONE;
      }
    }
  }

  private Names declare(SqlWith with, Names names) {
    Names declared = names;
    for (SqlNode node : with.withList) {
      SqlWithItem item = (SqlWithItem) node;
      HiddenColumns offered =
          item.columnList == null ? offers(item.query, declared) : HiddenColumns.NONE;
      declared = declared.with(item.name.getSimple(), offered);
    }
    return declared;
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
      case EXPLICIT_TABLE -> explicitTable((SqlCall) query, names);
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
          item.columnList == null ? offers(item.query, declared) : HiddenColumns.NONE;
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

  private SqlNode setOperation(SqlCall set, Names names, HiddenColumns wanted) {
    List<SqlNode> operands = new ArrayList<>();
    for (SqlNode operand : set.getOperandList()) {
      operands.add(query(operand, names, wanted));
    }
    return set.getOperator().createCall(set.getParserPosition(), operands);
  }

  private static boolean isUnionAll(SqlNode query) {
    return ((SqlCall) query).getOperator() == SqlStdOperatorTable.UNION_ALL;
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
        expressions.rewrite(orderBy.offset),
        expressions.rewrite(orderBy.fetch));
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
    List<SqlNode> items = Select.leaves(groupItems(select));
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
    List<SqlNode> items = groupItems(select);
    List<SqlNode> leaves = Select.leaves(items);
    SqlNode marker = marker(leaves);
    if (marker != null) {
      windows.add((SqlCall) marker);
    }
    UnaryOperator<SqlNode> subqueries = subqueries(names);
    ExpressionRewriter expressions = new ExpressionRewriter(parameters, marker, leaves, subqueries);
    expressions.knows(new NamedWindows(select));
    ExpressionRewriter plain = new ExpressionRewriter(parameters, null, List.of(), subqueries);
    SqlNode from = from(select, names);
    ExpressionRewriter keys = ExpressionRewriter.ofGroupBy(parameters);
    SqlNodeList group = group(select, items, marker, keys, wanted);
    return new SqlSelect(
        select.getParserPosition(),
        keywords(select),
        selectList(select, expressions, marker, wanted),
        from,
        plain.rewrite(select.getWhere()),
        group,
        expressions.rewrite(select.getHaving()),
        (SqlNodeList) expressions.rewrite(select.getWindowList()),
        expressions.rewrite(select.getQualify()),
        null,
        null,
        null,
        null);
  }

  private SqlNode from(SqlSelect select, Names names) {
    if (select.getFrom() instanceof SqlJoin join) {
      boolean star =
          select.getSelectList().stream()
              .anyMatch(i -> i instanceof SqlIdentifier id && id.isStar());
      return join(join, names, star);
    }
    return select.getFrom() == null ? null : relation(select.getFrom(), names);
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
    for (SqlNode item : StarWithout.joined(select.getSelectList().getList())) {
      SqlNode expression = expressions.rewrite(item);
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

  private static SqlNode as(SqlNode expression, String name, SqlParserPos position) {
    return SqlStdOperatorTable.AS.createCall(
        position, expression, new SqlIdentifier(name, position));
  }

  // ---- FROM

  private SqlNode relation(SqlNode from, Names names) {
    if (from instanceof SqlJoin join) {
      return join(join, names, false);
    }
    switch (from.getKind()) {
      case IDENTIFIER -> {
        return table((SqlIdentifier) from, names);
      }
      case AS -> {
        SqlCall as = (SqlCall) from;
        List<SqlNode> operands = new ArrayList<>(as.getOperandList());
        operands.set(
            0,
            operands.size() > 2
                ? relationWithoutHidden(operands.get(0), names)
                : relation(operands.get(0), names));
        return as.getOperator().createCall(as.getParserPosition(), operands);
      }
      case EXPLICIT_TABLE -> {
        return relation(((SqlCall) from).operand(0), names);
      }
      case COLLECTION_TABLE -> {
        return tableFunction((SqlCall) from, names);
      }
      case TABLE_REF -> {
        return table((SqlIdentifier) ((SqlCall) from).operand(0), names);
      }
      case MATCH_RECOGNIZE -> {
        return match((SqlMatchRecognize) from, names);
      }
      case SNAPSHOT -> throw TemporalMatch.misplaced(from);
      case UNNEST -> {
        return new ExpressionRewriter(parameters, null, List.of()).rewriteOperands((SqlCall) from);
      }
      case LATERAL -> {
        SqlNode lateral = ((SqlCall) from).operand(0);
        if (lateral.getKind() == SqlKind.UNNEST || lateral.getKind() == SqlKind.COLLECTION_TABLE) {
          return relation(lateral, names);
        }
        SqlNode subquery = query(lateral, names, HiddenColumns.NONE);
        return SqlStdOperatorTable.LATERAL.createCall(from.getParserPosition(), subquery);
      }
      case PIVOT, UNPIVOT, TABLESAMPLE, EXTEND ->
          throw Positions.notSupported(
              from, from.getKind() + " is not supported yet.", "Read a stream or a subquery.");
      default -> {
        return query(from, names, offers(from, names));
      }
    }
  }

  private SqlNode match(SqlMatchRecognize match, Names names) {
    MatchRecognize recognized =
        new MatchRecognize(
            match, new ExpressionRewriter(parameters, null, List.of()), this::indexOfAsked);
    int index = matches.size();
    matches.add(null);
    SqlNode rewritten = recognized.rewrite(relation(match.getTableRef(), names), index);
    matches.set(index, recognized.clause());
    return rewritten;
  }

  private int indexOfAsked(PathValue value) {
    int known = asked.indexOf(value);
    if (known < 0) {
      asked.add(value);
    }
    return known < 0 ? asked.size() - 1 : known;
  }

  /**
   * @param star whether all columns are asked for: then, as with NATURAL, shared ones go by what is
   *     visible
   */
  private SqlNode join(SqlJoin join, Names names, boolean star) {
    if (TemporalMatch.snapshot(join.getRight()) != null) {
      return temporalJoin(join, names);
    }
    if (isExternal(join.getRight(), names)) {
      return temporalJoin(TemporalMatch.asOfNow(join), names);
    }
    switch (join.getJoinType()) {
      case ASOF, LEFT_ASOF -> {
        return asofJoin((SqlAsofJoin) join, names);
      }
      case LEFT_SEMI_JOIN ->
          throw Positions.notSupported(
              join.getRight(),
              join.getJoinType() + " is not supported yet.",
              "Write an INNER, LEFT, RIGHT or FULL JOIN.");
      default -> {}
    }
    SqlNode condition = join.getCondition();
    if (join.getConditionType() == JoinConditionType.ON) {
      condition =
          new ExpressionRewriter(parameters, null, List.of(), subqueries(names)).rewrite(condition);
    }
    boolean using = join.getConditionType() == JoinConditionType.USING;
    boolean visible = join.isNatural() || star && using;
    return new SqlJoin(
        join.getParserPosition(),
        side(join.getLeft(), names, star, visible),
        join.isNaturalNode(),
        join.getJoinTypeNode(),
        side(join.getRight(), names, star, visible),
        join.getConditionTypeNode(),
        condition);
  }

  private SqlNode side(SqlNode side, Names names, boolean star, boolean visible) {
    if (side instanceof SqlJoin join) {
      return join(join, names, star);
    }
    if (!visible || offersOfRelation(side, names).equals(HiddenColumns.NONE)) {
      return relation(side, names);
    }
    if (side instanceof SqlIdentifier name) {
      return as(relationWithoutHidden(name, names), name.getSimple(), name.getParserPosition());
    }
    if (side.getKind() == SqlKind.AS) {
      List<SqlNode> operands = new ArrayList<>(((SqlCall) side).getOperandList());
      operands.set(0, relationWithoutHidden(operands.get(0), names));
      return ((SqlCall) side).getOperator().createCall(side.getParserPosition(), operands);
    }
    return relationWithoutHidden(side, names);
  }

  /** An ASOF JOIN is a LEFT JOIN whose condition holds a marker. */
  private SqlNode asofJoin(SqlAsofJoin join, Names names) {
    if (join.getConditionType() != JoinConditionType.ON || join.isNatural()) {
      throw Positions.notSupported(
          join.getRight(),
          "an ASOF JOIN with USING, or a NATURAL one, is not supported.",
          "Write its keys as ON l.key = r.key.");
    }
    ExpressionRewriter expressions = new ExpressionRewriter(parameters, null, List.of());
    SqlParserPos position = join.getParserPosition();
    return new SqlJoin(
        position,
        relation(join.getLeft(), names),
        join.isNaturalNode(),
        JoinType.LEFT.symbol(position),
        relation(join.getRight(), names),
        join.getConditionTypeNode(),
        AsofMatch.with(
            expressions.rewrite(join.getCondition()),
            NearestMatch.resolved(expressions.rewrite(join.getMatchCondition()))));
  }

  /** Whether a side of a join is a table outside, which is read as of now and by key alone. */
  private boolean isExternal(SqlNode side, Names names) {
    SqlNode table = side.getKind() == SqlKind.AS ? ((SqlCall) side).operand(0) : side;
    return table instanceof SqlIdentifier name
        && names.find(name) == null
        && find(name) != null
        && find(name).isExternal();
  }

  /** A join with a table as of a moment is one whose condition holds a marker. */
  private SqlNode temporalJoin(SqlJoin join, Names names) {
    SqlCall snapshot = TemporalMatch.snapshot(join.getRight());
    JoinType type = TemporalMatch.type(join, snapshot);
    moments.put(
        snapshot.operand(0).toString().toLowerCase(Locale.ROOT),
        Positions.of(snapshot.getParserPosition()));
    lookups.add(snapshot.operand(0));
    ExpressionRewriter expressions = new ExpressionRewriter(parameters, null, List.of());
    SqlParserPos position = join.getParserPosition();
    SqlNode on = join.getCondition() == null ? null : expressions.rewrite(join.getCondition());
    return new SqlJoin(
        position,
        relation(join.getLeft(), names),
        join.isNaturalNode(),
        type.symbol(position),
        relation(TemporalMatch.withoutSnapshot(join.getRight()), names),
        JoinConditionType.ON.symbol(position),
        AsofMatch.and(on, TemporalMatch.of(snapshot, expressions)));
  }

  private SqlNode relationWithoutHidden(SqlNode from, Names names) {
    return from.isA(SqlKind.QUERY)
        ? query(from, names, HiddenColumns.NONE)
        : from.getKind() == SqlKind.IDENTIFIER
            ? new SqlSelect(
                from.getParserPosition(),
                SqlNodeList.EMPTY,
                star(from.getParserPosition()),
                table((SqlIdentifier) from, names),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null)
            : relation(from, names);
  }

  private SqlNode explicitTable(SqlCall explicit, Names names) {
    SqlParserPos position = explicit.getParserPosition();
    return new SqlSelect(
        position,
        SqlNodeList.EMPTY,
        star(position),
        relation(explicit.operand(0), names),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private static SqlNodeList star(SqlParserPos position) {
    return new SqlNodeList(List.of(SqlIdentifier.star(position)), position);
  }

  private static boolean isTableWindow(SqlNode from) {
    return tableWindow(from) != null;
  }

  private static SqlCall tableWindow(SqlNode from) {
    SqlNode relation =
        from != null && from.getKind() == SqlKind.AS ? ((SqlCall) from).operand(0) : from;
    return relation != null
            && relation.getKind() == SqlKind.COLLECTION_TABLE
            && WindowCalls.isWindow(((SqlCall) relation).operand(0))
        ? ((SqlCall) relation).operand(0)
        : null;
  }

  /** What it groups by. One bound of a window says which window it is, so the other comes along. */
  private static List<SqlNode> groupItems(SqlSelect select) {
    List<SqlNode> items = Select.groupItems(select);
    SqlCall window = tableWindow(select.getFrom());
    if (window == null) {
      return items;
    }
    List<SqlNode> leaves = Select.leaves(items);
    SqlNode start = find(leaves, HiddenColumns.START);
    SqlNode end = find(leaves, HiddenColumns.END);
    boolean shareStart = WindowCalls.name(window).equals("CUMULATE");
    if (start == null && end != null || end == null && start != null && !shareStart) {
      List<SqlNode> both = new ArrayList<>(items);
      SqlIdentifier known = (SqlIdentifier) (start == null ? end : start);
      String other = start == null ? HiddenColumns.START : HiddenColumns.END;
      both.add(known.setName(known.names.size() - 1, other));
      return both;
    }
    return items;
  }

  private static SqlNode find(List<SqlNode> items, String bound) {
    return items.stream().filter(i -> Select.isBoundName(i, bound)).findFirst().orElse(null);
  }

  /** TABLE(TUMBLE(..)) is a subquery that adds the bounds of each row's window. */
  private SqlNode tableFunction(SqlCall table, Names names) {
    SqlCall function = table.operand(0);
    WindowCalls.TableWindow window = WindowCalls.tableWindow(function);
    if (window == null) {
      throw Positions.error(
              ErrorCode.FUNCTION_NOT_FOUND,
              function,
              "there is no table function " + WindowCalls.name(function) + ".")
          .mend(
              "Table functions are TUMBLE, HOP, CUMULATE, SESSION, "
                  + String.join(", ", TableFunctionCalls.names())
                  + " and registered ones; rows of an ARRAY are UNNEST(..).");
    }
    windows.add((SqlCall) window.marker());
    SqlParserPos position = table.getParserPosition();
    List<SqlNode> selected = new ArrayList<>();
    selected.add(SqlIdentifier.star(position));
    for (String column : List.of(HiddenColumns.START, HiddenColumns.END)) {
      selected.add(as(WindowCalls.bound(window.marker(), column, position), column, position));
    }
    selected.add(
        as(
            WindowCalls.bound(window.marker(), HiddenColumns.TIME, position),
            HiddenColumns.PHYSICAL_TIME,
            position));
    SqlNode rows = relation(window.input(), names);
    return selectFrom(
        selected,
        Select.isBoundName(((SqlCall) window.marker()).operand(0), HiddenColumns.TIME)
            ? withWindowTime(window.input(), rows)
            : rows,
        position);
  }

  /** Rows of a windowed stream that has no window_time of its own, with it. */
  private SqlNode withWindowTime(SqlNode written, SqlNode rows) {
    SqlNode table =
        written.getKind() == SqlKind.EXPLICIT_TABLE ? ((SqlCall) written).operand(0) : written;
    CatalogObject object = table instanceof SqlIdentifier name ? find(name) : null;
    if (object == null
        || object.schema().indexOf(HiddenColumns.TIME) >= 0
        || object.schema().indexOf(HiddenColumns.END) < 0) {
      return rows;
    }
    SqlParserPos position = written.getParserPosition();
    SqlNode end = new SqlIdentifier(HiddenColumns.END, position);
    return selectFrom(
        List.of(
            SqlIdentifier.star(position),
            as(
                WindowCalls.bound(end, HiddenColumns.TIME, position),
                HiddenColumns.PHYSICAL_TIME,
                position)),
        rows,
        position);
  }

  private static SqlNode selectFrom(List<SqlNode> selected, SqlNode from, SqlParserPos position) {
    return new SqlSelect(
        position,
        SqlNodeList.EMPTY,
        new SqlNodeList(selected, position),
        from,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private SqlNode table(SqlIdentifier name, Names names) {
    if (names.find(name) != null) {
      return name;
    }
    if (!name.isSimple()) {
      throw Positions.notSupported(
          name, "there are no schemas, so \"" + name + "\" has too many parts.", "Use one name.");
    }
    CatalogObject object =
        catalog.require(name.getSimple(), Positions.of(name.getParserPosition()));
    if (object.kind() == io.laminardb.sql.parser.ObjectKind.SINK) {
      throw Positions.error(
              ErrorCode.VALIDATION_FAILED, name, object.describe() + " cannot be read.")
          .mend("Read what it reads: " + String.join(", ", object.upstreams()) + ".");
    }
    if (object.isExternal() && !lookups.contains(name)) {
      throw Positions.notSupported(
          name,
          object.describe() + " lies outside and is asked for by key: it cannot be read whole.",
          "Write FROM l JOIN " + object.name() + " AS t ON l.key = t.key.");
    }
    scanned.putIfAbsent(object.name().toLowerCase(Locale.ROOT), object);
    return name;
  }

  private CatalogObject find(SqlIdentifier name) {
    return name.isSimple() ? catalog.find(name.getSimple()) : null;
  }
}
