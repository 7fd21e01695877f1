package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.operator.match.PathValue;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.function.NestedFunctions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.sql.JoinConditionType;
import org.apache.calcite.sql.JoinType;
import org.apache.calcite.sql.SqlAsofJoin;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlJoin;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlMatchRecognize;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/**
 * Rewrites what stands in FROM: tables, joins, table functions, patterns and queries within. Knows
 * afterwards what the query reads, and where it says so.
 */
public final class Relations {
  /** Rewrites a query within. */
  interface Queries {
    SqlNode rewrite(SqlNode query, Names names, HiddenColumns wanted);
  }

  /**
   * The FROM of a SELECT.
   *
   * @param places conditions for WHERE that say which joins are FOR SYSTEM_TIME AS OF with USING
   */
  record From(SqlNode relation, List<SqlNode> places) {}

  private final CatalogSnapshot catalog;
  private final Parameters parameters;
  private final HiddenOffers offers;
  private final Queries queries;
  private final Map<String, CatalogObject> scanned = new LinkedHashMap<>();
  private List<SqlNode> places = new ArrayList<>(); // of the SELECT under way
  private final Set<SqlNode> lookups = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<SqlCall> windows = new ArrayList<>();
  private final List<MatchClause> matches = new ArrayList<>();
  private final List<PathValue> asked = new ArrayList<>();
  private final Map<String, SourcePosition> moments = new HashMap<>();

  Relations(CatalogSnapshot catalog, Parameters parameters, HiddenOffers offers, Queries queries) {
    this.catalog = catalog;
    this.parameters = parameters;
    this.offers = offers;
    this.queries = queries;
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

  /** Notes a window, so that errors found later have a place. */
  void addWindow(SqlCall marker) {
    windows.add(marker);
  }

  /** The FROM of a SELECT, rewritten; null as its relation where there is none. */
  From from(SqlSelect select, Names names) {
    List<SqlNode> outer = places;
    places = new ArrayList<>();
    try {
      return new From(relationOf(select, names), places);
    } finally {
      places = outer;
    }
  }

  private SqlNode relationOf(SqlSelect select, Names names) {
    if (select.getFrom() instanceof SqlJoin join) {
      boolean star =
          select.getSelectList().stream()
              .anyMatch(i -> i instanceof SqlIdentifier id && id.isStar());
      return join(join, names, star);
    }
    return select.getFrom() == null ? null : relation(select.getFrom(), names);
  }

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
        SqlCall unnest =
            (SqlCall)
                new ExpressionRewriter(parameters, null, List.of()).rewriteOperands((SqlCall) from);
        return unnest.operandCount() == 1 ? unnest : padded(unnest);
      }
      case LATERAL -> {
        SqlNode lateral = ((SqlCall) from).operand(0);
        if (lateral.getKind() == SqlKind.UNNEST || lateral.getKind() == SqlKind.COLLECTION_TABLE) {
          return relation(lateral, names);
        }
        SqlNode subquery = queries.rewrite(lateral, names, HiddenColumns.NONE);
        return SqlStdOperatorTable.LATERAL.createCall(from.getParserPosition(), subquery);
      }
      case PIVOT, UNPIVOT, TABLESAMPLE, EXTEND ->
          throw Positions.notSupported(
              from, from.getKind() + " is not supported yet.", "Read a stream or a subquery.");
      default -> {
        return queries.rewrite(from, names, offers.of(from, names));
      }
    }
  }

  /** Side by side, the collections that have ended give NULLs. */
  private static SqlNode padded(SqlCall unnest) {
    List<SqlNode> collections = new ArrayList<>();
    for (SqlNode collection : unnest.getOperandList()) {
      collections.add(
          CallSpellings.function(
              NestedFunctions.PADDED, collection.getParserPosition(), collection));
    }
    return unnest.getOperator().createCall(unnest.getParserPosition(), collections);
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
      return temporalJoin(join, names, star);
    }
    if (isExternal(join.getRight(), names)) {
      return temporalJoin(TemporalMatch.asOfNow(join), names, star);
    }
    if (AsofMatch.isAsof(join)) {
      if (!(join instanceof SqlAsofJoin asof)) {
        throw Positions.notSupported(
            join.getRight(),
            "an ASOF JOIN without MATCH_CONDITION is not supported.",
            "Write ASOF JOIN r MATCH_CONDITION(l.ts >= r.ts) ON l.key = r.key.");
      }
      return asofJoin(asof, names);
    }
    return plainJoin(join, names, star);
  }

  private SqlNode plainJoin(SqlJoin join, Names names, boolean star) {
    SqlNode condition = join.getCondition();
    if (join.getConditionType() == JoinConditionType.ON) {
      condition =
          new ExpressionRewriter(
                  parameters,
                  null,
                  List.of(),
                  subquery -> queries.rewrite(subquery, names, HiddenColumns.NONE))
              .rewrite(RowsIn.condition(condition));
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
    if (!visible || offers.ofRelation(side, names).equals(HiddenColumns.NONE)) {
      return relation(side, names);
    }
    if (side instanceof SqlIdentifier name) {
      return QueryRewriter.as(
          relationWithoutHidden(name, names), name.getSimple(), name.getParserPosition());
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
        && offers.find(name) != null
        && offers.find(name).isExternal();
  }

  /** A join with a table as of a moment is one whose condition holds a marker. */
  private SqlNode temporalJoin(SqlJoin join, Names names, boolean star) {
    SqlCall snapshot = TemporalMatch.snapshot(join.getRight());
    JoinType type = TemporalMatch.type(join, snapshot);
    moments.put(
        snapshot.operand(0).toString().toLowerCase(Locale.ROOT),
        Positions.of(snapshot.getParserPosition()));
    lookups.add(snapshot.operand(0));
    ExpressionRewriter expressions = new ExpressionRewriter(parameters, null, List.of());
    SqlParserPos position = join.getParserPosition();
    if (join.isNatural() || join.getConditionType() == JoinConditionType.USING) {
      places.add(TemporalMatch.of(snapshot, expressions, columnOf(join, snapshot, names)));
      return plainJoin(TemporalMatch.withoutSnapshot(join, type), names, star);
    }
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

  /** A column of the table on the right side of a join, by which the join is found again. */
  private SqlNode columnOf(SqlJoin join, SqlCall snapshot, Names names) {
    SqlIdentifier table = snapshot.operand(0);
    CatalogObject object = names.find(table) == null ? offers.find(table) : null;
    if (object == null) {
      throw Positions.notSupported(
          snapshot,
          "FOR SYSTEM_TIME AS OF with USING, or in a NATURAL join, reads a query of WITH.",
          "Write its keys as ON l.key = r.key.");
    }
    SqlIdentifier name =
        join.getRight().getKind() == SqlKind.AS ? ((SqlCall) join.getRight()).operand(1) : table;
    return new SqlIdentifier(
        List.of(name.getSimple(), object.schema().field(0).name()), snapshot.getParserPosition());
  }

  private SqlNode relationWithoutHidden(SqlNode from, Names names) {
    return from.isA(SqlKind.QUERY)
        ? queries.rewrite(from, names, HiddenColumns.NONE)
        : from.getKind() == SqlKind.IDENTIFIER
            ? PlainSelect.all(table((SqlIdentifier) from, names), from.getParserPosition())
            : relation(from, names);
  }

  SqlNode explicitTable(SqlCall explicit, Names names) {
    return PlainSelect.all(relation(explicit.operand(0), names), explicit.getParserPosition());
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
      selected.add(
          QueryRewriter.as(WindowCalls.bound(window.marker(), column, position), column, position));
    }
    selected.add(
        QueryRewriter.as(
            WindowCalls.bound(window.marker(), HiddenColumns.TIME, position),
            HiddenColumns.PHYSICAL_TIME,
            position));
    SqlNode rows = relation(window.input(), names);
    return PlainSelect.of(
        selected,
        Select.isBoundName(((SqlCall) window.marker()).operand(0), HiddenColumns.TIME)
            ? withWindowTime(window.input(), rows)
            : rows,
        null,
        position);
  }

  /** Rows of a windowed stream that has no window_time of its own, with it. */
  private SqlNode withWindowTime(SqlNode written, SqlNode rows) {
    SqlNode table =
        written.getKind() == SqlKind.EXPLICIT_TABLE ? ((SqlCall) written).operand(0) : written;
    CatalogObject object = table instanceof SqlIdentifier name ? offers.find(name) : null;
    if (object == null
        || object.schema().indexOf(HiddenColumns.TIME) >= 0
        || object.schema().indexOf(HiddenColumns.END) < 0) {
      return rows;
    }
    SqlParserPos position = written.getParserPosition();
    SqlNode end = new SqlIdentifier(HiddenColumns.END, position);
    return PlainSelect.of(
        List.of(
            SqlIdentifier.star(position),
            QueryRewriter.as(
                WindowCalls.bound(end, HiddenColumns.TIME, position),
                HiddenColumns.PHYSICAL_TIME,
                position)),
        rows,
        null,
        position);
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
    if (object.kind() == io.laminardb.sql.parser.ObjectKind.VIEW) {
      throw Positions.notSupported(
          name,
          object.describe()
              + " is a name for a query, which has no versions and cannot be read here.",
          "Make it a MATERIALIZED VIEW.");
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
}
