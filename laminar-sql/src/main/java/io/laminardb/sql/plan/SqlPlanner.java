package io.laminardb.sql.plan;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.core.operator.over.OverMode;
import io.laminardb.core.time.Clock;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.parser.QuerySpec;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.validate.Parameters;
import io.laminardb.sql.validate.Positions;
import io.laminardb.sql.validate.QueryAnalyzer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Sort;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperatorTable;

/**
 * The door to planning: parsed queries and a catalog in, {@link PlannedQuery}s out. Safe for any
 * number of threads. Making one loads Calcite, which takes a second the first time: see {@link
 * #warmUp}.
 *
 * <p>Every failure is a {@link LaminarException}; add the text with {@link LaminarException#in}.
 */
public final class SqlPlanner {
  private final QueryAnalyzer analyzer;
  private final Clock clock;
  private final long stateTtlNs;
  private final String zone; // null for UTC
  private final Function<String, List<List<Integer>>> indexes;

  /** A planner that knows the functions of the dialect. */
  public SqlPlanner() {
    this(Functions.table());
  }

  /** A planner that knows the scalar operators and functions of {@code scalars}, and aggregates. */
  public SqlPlanner(SqlOperatorTable scalars) {
    this(new QueryAnalyzer(scalars), Clock.system(), 0, null, object -> List.of());
  }

  private SqlPlanner(
      QueryAnalyzer analyzer,
      Clock clock,
      long stateTtlNs,
      String zone,
      Function<String, List<List<Integer>>> indexes) {
    this.indexes = indexes;
    this.analyzer = analyzer;
    this.clock = clock;
    this.stateTtlNs = stateTtlNs;
    this.zone = zone;
  }

  /**
   * The same planner, with how long joins keep what nothing touches where a query does not say it.
   *
   * @param newStateTtlNs nanoseconds, or 0 for ever
   */
  public SqlPlanner withStateTtl(long newStateTtlNs) {
    return new SqlPlanner(analyzer, clock, newStateTtlNs, zone, indexes);
  }

  /**
   * The same planner, with the time zone in which TIMESTAMP WITH LOCAL TIME ZONE is a clock time.
   *
   * @param newZone its name, or null for UTC
   */
  public SqlPlanner withZone(String newZone) {
    return new SqlPlanner(analyzer, clock, stateTtlNs, newZone, indexes);
  }

  /**
   * The same planner, with what secondary indexes there are.
   *
   * @param known gives the columns of each index of an object
   */
  public SqlPlanner withIndexes(Function<String, List<List<Integer>>> known) {
    return new SqlPlanner(analyzer, clock, stateTtlNs, zone, known);
  }

  /** The same planner, with what CURRENT_TIMESTAMP reads, once a statement. */
  public SqlPlanner withClock(Clock statements) {
    return new SqlPlanner(analyzer, statements, stateTtlNs, zone, indexes);
  }

  /**
   * Plans the query of a stream, a materialized view, a sink or a live SELECT.
   *
   * @param parameters values of its question marks
   */
  public PlannedQuery plan(
      QuerySpec written, QueryKind kind, CatalogSnapshot objects, Object... parameters) {
    CatalogSnapshot catalog = kind == QueryKind.SNAPSHOT ? objects.readWhole() : objects;
    QuerySpec query = Views.expanded(written, catalog);
    QueryOptions options = QueryOptions.of(query, stateTtlNs);
    if (query.includeOpen() != null && kind != QueryKind.SNAPSHOT) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED,
              "INCLUDE OPEN reads what a view holds at present, and this query does not end.")
          .mend("SELECT from a MATERIALIZED VIEW of windows, or use EMIT CHANGES.")
          .at(query.includeOpen());
    }
    QueryAnalyzer.Analysis analysis =
        analyzer.analyze(
            query.query(),
            catalog,
            Parameters.at(clock.epochNanos(), zone, parameters),
            kind == QueryKind.SNAPSHOT);
    return guarded(query, () -> build(query, kind, catalog, options, analysis));
  }

  /** Plans a query that reads what is there and ends: over views, tables or nothing. */
  public PlannedQuery planSnapshot(QuerySpec query, CatalogSnapshot objects, Object... parameters) {
    CatalogSnapshot catalog = query.includeOpen() == null ? objects : objects.withOpenWindows();
    PlannedQuery planned = plan(query, QueryKind.SNAPSHOT, catalog, parameters);
    if (query.includeOpen() != null
        && planned.upstreams().stream().noneMatch(catalog::tellsOpenWindows)) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "INCLUDE OPEN on a query that reads no view of windows.")
          .mend("Leave it out, or read a MATERIALIZED VIEW that groups by a window.")
          .at(query.includeOpen());
    }
    for (String upstream : planned.upstreams()) {
      CatalogObject object = catalog.require(upstream, null);
      if (!object.isMaterialized()) {
        throw new LaminarException(
                ErrorCode.VALIDATION_FAILED,
                object.describe() + " keeps no content that a query could read.")
            .mend("Create a MATERIALIZED VIEW over it and query that.")
            .at(query.position());
      }
    }
    return planned;
  }

  /**
   * Whether a plain SELECT is a snapshot: it has no EMIT, and reads views and tables only, or
   * nothing. Otherwise it is live.
   */
  public boolean isSnapshot(QuerySpec query, CatalogSnapshot catalog) {
    return query.emit() == null
        && upstreams(Views.expanded(query.query(), catalog), catalog).stream()
            .allMatch(CatalogObject::isMaterialized);
  }

  private static List<CatalogObject> upstreams(SqlNode query, CatalogSnapshot catalog) {
    List<CatalogObject> objects = new ArrayList<>();
    query.accept(
        new org.apache.calcite.sql.util.SqlBasicVisitor<Void>() {
          private final Set<String> declared = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

          @Override
          public Void visit(org.apache.calcite.sql.SqlCall call) {
            if (call instanceof org.apache.calcite.sql.SqlWith with) {
              Set<String> outer = Set.copyOf(declared);
              for (SqlNode item : with.withList) {
                item.accept(this);
                declared.add(((org.apache.calcite.sql.SqlWithItem) item).name.getSimple());
              }
              with.body.accept(this);
              declared.retainAll(outer);
              return null;
            }
            if (call instanceof org.apache.calcite.sql.SqlSelect select
                && select.getFrom() != null) {
              table(select.getFrom());
            }
            return super.visit(call);
          }

          private void table(SqlNode from) {
            if (from instanceof org.apache.calcite.sql.SqlMatchRecognize match) {
              table(match.getTableRef());
            } else if (from instanceof org.apache.calcite.sql.SqlIdentifier name
                && name.isSimple()
                && !declared.contains(name.getSimple())) {
              CatalogObject object = catalog.find(name.getSimple());
              if (object != null) {
                objects.add(object);
              }
            } else if (from instanceof org.apache.calcite.sql.SqlJoin join) {
              table(join.getLeft());
              table(join.getRight());
            } else if (from.getKind() == org.apache.calcite.sql.SqlKind.AS) {
              table(((org.apache.calcite.sql.SqlCall) from).operand(0)); // the name is no object
            } else if (from instanceof org.apache.calcite.sql.SqlCall call
                && !(from instanceof org.apache.calcite.sql.SqlSelect)) {
              call.getOperandList().stream().filter(o -> o != null).forEach(this::table);
            }
          }
        });
    return objects;
  }

  /**
   * Plans the rows of an INSERT, in the columns of its target; columns left out are NULL. With ON
   * CONFLICT DO UPDATE they are pairs, as of {@link #planUpdate}, whose first half is NULL for a row
   * whose key is not there.
   *
   * @return a snapshot query of the target's schema
   */
  public PlannedQuery planInsert(
      Statement.Insert insert, CatalogSnapshot catalog, Object... parameters) {
    CatalogObject target = catalog.require(insert.table().name(), insert.table().position());
    SqlNode rows = InsertPlanner.withTypedValues(insert, target, parameters);
    if (insert.conflict() != null
        && insert.conflict().action() == Statement.Conflict.Action.UPDATE) {
      return planRows(
          TableQueries.upsert(insert, rows, target, parameters),
          insert.table().position(),
          catalog,
          (pairs, rex) -> TableQueries.castPairs(pairs, rex, target, insert.table().position()),
          parameters);
    }
    return planRows(
        rows,
        Positions.of(rows.getParserPosition()),
        catalog,
        (planned, rex) -> InsertPlanner.cast(planned, rex, insert, target),
        parameters);
  }

  /**
   * Plans an UPDATE: for each row that changes a pair, all columns of the row that is there, then all
   * of the one that takes its place.
   */
  public PlannedQuery planUpdate(
      Statement.Update update, CatalogSnapshot catalog, Object... parameters) {
    SourcePosition position = update.table().position();
    CatalogObject target = catalog.require(update.table().name(), position);
    return planRows(
        TableQueries.update(update, target, parameters),
        position,
        catalog,
        (pairs, rex) -> TableQueries.castPairs(pairs, rex, target, position),
        parameters);
  }

  /** Plans a DELETE: the rows that go. */
  public PlannedQuery planDelete(
      Statement.Delete delete, CatalogSnapshot catalog, Object... parameters) {
    SourcePosition position = delete.table().position();
    CatalogObject target = catalog.require(delete.table().name(), position);
    return planRows(
        TableQueries.delete(delete, target), position, catalog, (rows, rex) -> rows, parameters);
  }

  private PlannedQuery planRows(
      SqlNode rows,
      SourcePosition position,
      CatalogSnapshot objects,
      BiFunction<PlannedQuery, RexBuilder, PlannedQuery> fit,
      Object... parameters) {
    CatalogSnapshot catalog = objects.readWhole();
    QueryAnalyzer.Analysis analysis =
        analyzer.analyze(
            Views.expanded(rows, catalog),
            catalog,
            Parameters.at(clock.epochNanos(), zone, parameters),
            true);
    QuerySpec query =
        new QuerySpec(rows, io.laminardb.sql.parser.Options.NONE, null, null, null, position);
    return guarded(
        query,
        () ->
            fit.apply(
                build(query, QueryKind.SNAPSHOT, catalog, QueryOptions.NONE, analysis),
                analysis.rexBuilder()));
  }

  /** The names of the aggregate functions, in capitals. */
  public static List<String> aggregateFunctions() {
    List<String> names = new ArrayList<>(DerivedAggregates.NAMES);
    for (PlanNode.AggregateKind kind : PlanNode.AggregateKind.values()) {
      if (kind != PlanNode.AggregateKind.USER) {
        names.add(kind.name());
      }
    }
    return names;
  }

  /** Plans a small query, so that Calcite is loaded and warm when the first one comes. */
  public void warmUp() {
    WarmUp.run(this);
  }

  /** Nothing but our exception leaves, and none without a place. */
  private static PlannedQuery guarded(QuerySpec query, Supplier<PlannedQuery> planning) {
    try {
      return planning.get();
    } catch (LaminarException ours) {
      throw ours.position() == null && query.position() != null ? ours.at(query.position()) : ours;
    } catch (RuntimeException | AssertionError | StackOverflowError failure) {
      if (String.valueOf(failure.getMessage()).matches("Correlated (FULL|RIGHT) join.*")) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED,
                "a subquery over a row of the left side in the condition of a FULL or RIGHT JOIN is"
                    + " not supported.")
            .mend("Compute what it gives in a subquery in FROM, and join by its columns.")
            .at(query.position());
      }
      throw new LaminarException(
              ErrorCode.INTERNAL_ERROR, "the query cannot be planned: " + failure, failure)
          .mend("Please report the query.");
    }
  }

  /** What a view holds has no order, so that one without LIMIT orders nothing. */
  private static RelNode withoutOrder(QueryKind kind, QueryAnalyzer.Analysis analysis) {
    RelNode rel = analysis.root().rel;
    if (!analysis.rewriter().isOrdered()) {
      return rel;
    }
    if (kind != QueryKind.MATERIALIZED_VIEW) {
      analysis.rewriter().refuseOrder();
    }
    return rel instanceof Sort sort ? sort.getInput() : rel;
  }

  private PlannedQuery build(
      QuerySpec query,
      QueryKind kind,
      CatalogSnapshot catalog,
      QueryOptions options,
      QueryAnalyzer.Analysis analysis) {
    RexBuilder rex = analysis.rexBuilder();
    RelNode rel =
        Rewrites.apply(
            MatchRel.introduce(withoutOrder(kind, analysis)), query.lateDataTo() != null);
    Windows windows = new Windows(catalog, analysis.rewriter(), options.allowedLatenessNs());
    Emissions emissions = new Emissions(kind, query.emit());
    AggregatePlanner aggregates =
        new AggregatePlanner(
            catalog, rex, windows, emissions, options.allowedLatenessNs(), options.stateTtlNs());
    Pipe rows =
        new PlanBuilder(
                catalog,
                rex,
                windows,
                aggregates,
                emissions,
                options.stateTtlNs(),
                indexes,
                kind == QueryKind.SNAPSHOT)
            .build(rel, true)
            .resolveWindows(windows);
    OutputColumns output = OutputColumns.of(analysis.root(), kind, query.columns());
    Pipe result = rows.project(output.references(rex, rows));
    PlanNode made = result.toNode(output.fields());
    if (emissions.waitsForTime() && made.schema().isChangelog()) {
      made = onceFinal(made, result.outputTimes(), aggregates, windows);
    } else if (emissions.waitsForTime() && passesRows(made)) {
      made = inTimeOrder(made, result.outputTimes(), aggregates, windows);
    }
    PlanNode root = emissions.paced(Constants.fold(made, rex));
    checkClauses(query, options, emissions, aggregates, root);
    return new PlannedQuery(
        kind,
        root,
        Optional.ofNullable(new UniqueKeys(catalog).of(result)),
        analysis.scanned().stream().map(CatalogObject::name).toList(),
        result.outputTimes(),
        windows.eventTimes(),
        options.onError(),
        query.lateDataTo() == null ? null : query.lateDataTo().name(),
        warnings(root, kind, analysis.rewriter().isOrdered()),
        LogicalText.of(rel));
  }

  /** Whether each row comes of one row, and nothing waits. */
  private static boolean passesRows(PlanNode node) {
    boolean passes =
        node instanceof PlanNode.Scan
            || node instanceof PlanNode.Calc
            || node instanceof PlanNode.Unnest
            || node instanceof PlanNode.Union;
    return passes && node.inputs().stream().allMatch(SqlPlanner::passesRows);
  }

  /** The rows as the watermark passes them; as they are where no column is of declared event time. */
  private static PlanNode inTimeOrder(
      PlanNode rows, List<TimeColumn> times, AggregatePlanner aggregates, Windows windows) {
    for (TimeColumn time : times) {
      if (aggregates.isDeclared(time)) {
        windows.use(time);
        PlanNode.SortKey key = new PlanNode.SortKey(time.column(), false, false);
        return new PlanNode.Over(
            rows, List.of(), List.of(key), List.of(), null, null, rows.schema());
      }
    }
    return rows;
  }

  /** Rows of a changelog once the watermark has passed their time; as they are where they have none. */
  private static PlanNode onceFinal(
      PlanNode rows, List<TimeColumn> times, AggregatePlanner aggregates, Windows windows) {
    for (TimeColumn time : times) {
      if (time.isOrdered() && !time.isByKey() && aggregates.isDeclared(time)) {
        windows.use(time);
        return new PlanNode.Over(
            rows,
            List.of(time.column()),
            List.of(),
            List.of(),
            OverEmission.mode(true, time, rows.schema()),
            null,
            rows.schema().withChangelog(false));
      }
    }
    return rows;
  }

  private static void checkClauses(
      QuerySpec query,
      QueryOptions options,
      Emissions emissions,
      AggregatePlanner aggregates,
      PlanNode root) {
    if (!LateData.contains(root, node -> node instanceof PlanNode.Aggregate)) {
      emissions.checkStateless(root.schema().isChangelog());
    }
    boolean hasWindow =
        aggregates.hasWindow() || LateData.contains(root, n -> n instanceof PlanNode.AssignWindows);
    if (options.allowedLatenessNs() > 0 && !hasWindow) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION, "allowed_lateness on a query that has no window.")
          .mend("Group by a window, or set it on the source.")
          .at(query.with().find("allowed_lateness").namePosition());
    }
    if (options.stateTtlNs() > 0 && query.with().find("state_ttl") != null) {
      checkExpiry(query, root);
    }
    LateData.check(root, query.lateDataTo());
  }

  /** Fails where {@code state_ttl} would do nothing, or would leave groups that it is to bound. */
  private static void checkExpiry(QuerySpec query, PlanNode root) {
    if (LateData.contains(root, node -> node instanceof PlanNode.Aggregate a && neverExpires(a))) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "state_ttl does not bound groups with DISTINCT in an aggregate.")
          .mend("SELECT DISTINCT in a subquery.")
          .at(query.with().find("state_ttl").namePosition());
    }
    boolean expires =
        LateData.contains(
            root,
            node ->
                node instanceof PlanNode.ExpiringJoin
                    || node instanceof PlanNode.SetOp
                    || node instanceof PlanNode.Aggregate aggregate && aggregate.expires()
                    || node instanceof PlanNode.Over over && expires(over.mode())
                    || node instanceof PlanNode.TopN topN && expires(topN.mode()));
    if (!expires) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION,
              "state_ttl on a query without a join, groups, partitions or sets that would be kept for"
                  + " ever.")
          .mend("Leave it out: EXPLAIN says what bounds the state.")
          .at(query.with().find("state_ttl").namePosition());
    }
  }

  private static boolean expires(OverMode mode) {
    return mode != null && mode.stateTtlNs() > 0;
  }

  private static boolean neverExpires(PlanNode.Aggregate aggregate) {
    return aggregate.window() == null
        && !aggregate.keys().isEmpty()
        && StateBound.isUnbounded(aggregate);
  }

  private static List<String> warnings(PlanNode root, QueryKind kind, boolean ordered) {
    List<String> warnings = new ArrayList<>();
    if (ordered) {
      warnings.add("A view has no order: say ORDER BY in the query that reads it.");
    }
    collectWarnings(root, kind, warnings);
    return warnings;
  }

  private static void collectWarnings(PlanNode node, QueryKind kind, List<String> warnings) {
    if (node instanceof PlanNode.Aggregate aggregate && StateBound.isUnbounded(aggregate)) {
      warnings.add(
          aggregate.window() != null
              ? "The windows are never over, as a join, INTERSECT or EXCEPT below them emits rows"
                  + " long after their time: their state is never freed."
              : "State grows with every new value of "
                  + StateBound.growsWith(aggregate)
                  + " and is never freed. Group by a window if the values have no end.");
    }
    if (node instanceof PlanNode.Over over && StateBound.isUnbounded(over)) {
      warnings.add(
          "OVER keeps every row and never frees one: emit in event-time order, or read the first"
              + " rows of each partition by a bound on their rank.");
    }
    if (node instanceof PlanNode.Match match
        && StateBound.isUnbounded(match)
        && kind != QueryKind.SNAPSHOT) {
      warnings.add(
          "MATCH_RECOGNIZE keeps all rows since the first of a match that may still come, for as long"
              + " as that takes. Add WITHIN INTERVAL behind the pattern.");
    }
    if (node instanceof PlanNode.Join join
        && StateBound.isUnbounded(join)
        && kind != QueryKind.SNAPSHOT) {
      warnings.add(
          "The join keeps all rows of both sides and never frees them. Join windows by equal bounds,"
              + " or aggregate before the join, if the rows have no end.");
    }
    if (node instanceof PlanNode.TemporalJoin join && StateBound.isUnbounded(join)) {
      warnings.add(
          join.rowTime() < 0
              ? "The join keeps all rows of its right side and never frees them: none of them is"
                  + " replaced or taken back. Join a table, a view or an upsert source."
              : "The join keeps all versions of its right side, as the left side takes rows back"
                  + " at any time. Join an append-only left side if the versions have no end.");
    }
    node.inputs().forEach(input -> collectWarnings(input, kind, warnings));
  }

  /** What {@code DESCRIBE} prints: a line a column, then what is known of time and keys. */
  public static String describe(CatalogObject object) {
    return Descriptions.describe(object);
  }
}
