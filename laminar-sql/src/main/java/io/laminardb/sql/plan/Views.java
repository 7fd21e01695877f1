package io.laminardb.sql.plan;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.validate.DeepCopy;
import io.laminardb.sql.validate.PlainSelect;
import io.laminardb.sql.validate.Positions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlWith;
import org.apache.calcite.sql.SqlWithItem;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Puts the queries of plain views in the place of their names, as subqueries. What goes wrong inside has
 * the place of the name.
 */
public final class Views extends SqlShuttle {
  private final CatalogSnapshot catalog;
  private final Set<String> used; // names of views, as declared
  private final Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER); // by WITH

  private Views(CatalogSnapshot catalog, Set<String> used) {
    this.catalog = catalog;
    this.used = used;
  }

  /** The query without names of views; as it is where it has none. */
  static SqlNode expanded(SqlNode query, CatalogSnapshot catalog) {
    return hasViews(catalog) ? query.accept(new Views(catalog, new LinkedHashSet<>())) : query;
  }

  /** As {@link #expanded(SqlNode, CatalogSnapshot)}. */
  static QuerySpec expanded(QuerySpec query, CatalogSnapshot catalog) {
    return hasViews(catalog) ? query.withQuery(expanded(query.query(), catalog)) : query;
  }

  /** The plain views that a query reads, those within views included. */
  public static List<String> of(SqlNode query, CatalogSnapshot catalog) {
    Set<String> used = new LinkedHashSet<>();
    query.accept(new Views(catalog, used));
    return List.copyOf(used);
  }

  private static boolean hasViews(CatalogSnapshot catalog) {
    return catalog.all().stream().anyMatch(object -> object.kind() == ObjectKind.VIEW);
  }

  /** The query of a view, with the names of columns that it declares. */
  static SqlNode named(QuerySpec query) {
    if (query.columns().isEmpty()) {
      return query.query();
    }
    SqlParserPos position = query.query().getParserPosition();
    List<SqlNode> operands = new ArrayList<>();
    operands.add(query.query());
    operands.add(new SqlIdentifier("query", position));
    for (Identifier column : query.columns()) {
      operands.add(new SqlIdentifier(column.name(), position));
    }
    return PlainSelect.of(
        List.of(SqlIdentifier.star(position)),
        SqlStdOperatorTable.AS.createCall(position, operands),
        null,
        position);
  }

  @Override
  public SqlNode visit(SqlCall call) {
    switch (call.getKind()) {
      case WITH -> {
        return with((SqlWith) call);
      }
      case EXPLICIT_TABLE -> {
        SqlNode view = call.operand(0) instanceof SqlIdentifier name ? query(name) : null;
        return view == null ? call : view;
      }
      case AS -> {
        return call.operand(0) instanceof SqlIdentifier ? call : super.visit(call);
      }
      case MATCH_RECOGNIZE -> {
        SqlNode visited = super.visit(call);
        SqlNode table = relation(((SqlCall) visited).operand(0));
        SqlCall copy = (SqlCall) visited.clone(visited.getParserPosition());
        copy.setOperand(0, table);
        return copy;
      }
      default -> {
        SqlNode visited = super.visit(call);
        if (!(visited instanceof SqlSelect select) || select.getFrom() == null) {
          return visited;
        }
        SqlNode from = relation(select.getFrom());
        if (from == select.getFrom()) {
          return select;
        }
        SqlSelect copy = (SqlSelect) select.clone(select.getParserPosition());
        copy.setFrom(from);
        return copy;
      }
    }
  }

  /** Names that WITH declares stand for its queries, from the next one on. */
  private SqlNode with(SqlWith with) {
    Set<String> outer = Set.copyOf(known);
    List<SqlNode> items = new ArrayList<>();
    for (SqlNode node : with.withList) {
      SqlWithItem item = (SqlWithItem) node;
      items.add(
          new SqlWithItem(
              item.getParserPosition(),
              item.name,
              item.columnList,
              item.query.accept(this),
              item.recursive));
      known.add(item.name.getSimple());
    }
    SqlNode body = with.body.accept(this);
    known.retainAll(outer);
    return new SqlWith(
        with.getParserPosition(), new SqlNodeList(items, with.withList.getParserPosition()), body);
  }

  /** What stands in FROM, with names in it replaced; subqueries are done. */
  private SqlNode relation(SqlNode from) {
    if (from instanceof SqlIdentifier name) {
      SqlNode view = query(name);
      return view == null ? name : as(view, name);
    }
    if (from instanceof SqlJoin join) {
      SqlNode left = relation(join.getLeft());
      SqlNode right = relation(join.getRight());
      if (left == join.getLeft() && right == join.getRight()) {
        return join;
      }
      SqlJoin copy = (SqlJoin) join.clone(join.getParserPosition());
      copy.setLeft(left);
      copy.setRight(right);
      return copy;
    }
    if (from instanceof SqlCall call && replaces(call)) {
      SqlNode inner = call.operand(0);
      SqlNode view = inner instanceof SqlIdentifier name ? query(name) : null;
      SqlNode done = view != null ? view : inner instanceof SqlIdentifier ? inner : relation(inner);
      if (done == inner) {
        return call;
      }
      if (call.getKind() != SqlKind.AS) {
        return as(done, (SqlIdentifier) inner);
      }
      List<SqlNode> operands = new ArrayList<>(call.getOperandList());
      operands.set(0, done);
      return call.getOperator().createCall(call.getParserPosition(), operands);
    }
    return from;
  }

  private static boolean replaces(SqlCall call) {
    return call.getKind() == SqlKind.AS || call.getKind() == SqlKind.TABLE_REF;
  }

  private static SqlNode as(SqlNode query, SqlIdentifier name) {
    return SqlStdOperatorTable.AS.createCall(
        name.getParserPosition(),
        query,
        new SqlIdentifier(name.getSimple(), name.getParserPosition()));
  }

  /** The query of the view of a name, or null where the name is of something else. */
  private SqlNode query(SqlIdentifier name) {
    CatalogObject view =
        name.isSimple() && !known.contains(name.getSimple())
            ? catalog.find(name.getSimple())
            : null;
    if (view == null || view.kind() != ObjectKind.VIEW) {
      return null;
    }
    used.add(view.name());
    SqlNode query =
        view.query()
            .accept(new Views(catalog, used))
            .accept(new DeepCopy(name.getParserPosition()));
    for (String read : view.upstreams()) {
      if (known.contains(read)) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED,
                view.describe() + " reads \"" + read + "\", which WITH gives another meaning here.")
            .mend("Call what WITH declares something else.")
            .at(Positions.of(name.getParserPosition()));
      }
    }
    return query;
  }
}
