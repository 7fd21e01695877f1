package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.join.SetOperation;
import io.laminardb.core.operator.over.OverMode;
import io.laminardb.core.operator.over.RankKind;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.SourceColumn;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.parser.MarkedNumbers;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.validate.HiddenColumns;
import io.laminardb.sql.validate.Types;
import io.laminardb.sql.validate.WindowFunction;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.Aggregate;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Intersect;
import org.apache.calcite.rel.core.Join;
import org.apache.calcite.rel.core.Minus;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.SetOp;
import org.apache.calcite.rel.core.Sort;
import org.apache.calcite.rel.core.TableScan;
import org.apache.calcite.rel.core.Union;
import org.apache.calcite.rel.core.Values;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;

/** From relational algebra to plan nodes; filters and projections are taken in by what follows. */
final class PlanBuilder {
  private final CatalogSnapshot catalog;
  private final RexBuilder rex;
  private final Windows windows;
  private final AggregatePlanner aggregates;
  private final JoinPlanner joins;
  private final long stateTtlNs;
  private final OverPlanner overs;
  private final MatchPlanner matches;
  private final AsofJoins asofJoins;
  private final TemporalJoins temporalJoins;
  private final UnnestPlanner unnests;
  private final Emissions emissions;
  private final boolean snapshot;

  PlanBuilder(
      CatalogSnapshot catalog,
      RexBuilder rex,
      Windows windows,
      AggregatePlanner aggregates,
      Emissions emissions,
      long stateTtlNs,
      Function<String, List<List<Integer>>> indexes,
      boolean snapshot) {
    this.snapshot = snapshot;
    this.emissions = emissions;
    this.catalog = catalog;
    this.rex = rex;
    this.windows = windows;
    this.aggregates = aggregates;
    this.stateTtlNs = stateTtlNs;
    this.overs = new OverPlanner(rex, windows, aggregates, stateTtlNs);
    this.matches = new MatchPlanner(catalog, rex, windows, emissions);
    this.unnests = new UnnestPlanner(rex, windows);
    this.asofJoins = new AsofJoins(rex, windows, emissions, snapshot);
    this.temporalJoins = new TemporalJoins(catalog, rex, windows, indexes);
    this.joins = new JoinPlanner(rex, windows, emissions, stateTtlNs, snapshot);
  }

  /**
   * Builds the plan of {@code node}.
   *
   * @param outermost whether no aggregate stands above it
   */
  Pipe build(RelNode node, boolean outermost) {
    if (node instanceof TableScan scan) {
      return scan(scan);
    }
    if (node instanceof Filter filter) {
      Pipe input = build(filter.getInput(), outermost);
      return Windows.filtersSessions(input, filter.getCondition())
          ? input.resolveWindows(windows).filter(filter.getCondition())
          : overs.narrow(input.filter(filter.getCondition()));
    }
    if (node instanceof UnnestRel unnest) {
      return unnests.plan(unnest, build(unnest.getInput(), false));
    }
    if (node instanceof Project project && project.containsOver()) {
      return overs.plan(project, build(project.getInput(), false), outermost);
    }
    if (node instanceof Project project) {
      // That a column has become NOT NULL makes no other value of it.
      List<RexNode> projects =
          project.getProjects().stream()
              .map(p -> RexUtil.removeNullabilityCast(rex.getTypeFactory(), p))
              .toList();
      return OverPlanner.prune(build(project.getInput(), outermost).project(projects));
    }
    if (node instanceof Aggregate aggregate) {
      Pipe input = build(aggregate.getInput(), false);
      return aggregates.plan(aggregate, input, outermost);
    }
    if (node instanceof MatchRel match) {
      return matches.plan(match, build(match.getInput(), false));
    }
    if (node instanceof MarkedJoin join) {
      Pipe left = build(join.getLeft(), outermost);
      Pipe right = build(join.getRight(), outermost);
      if (join.isAsof()) {
        return asofJoins.plan(join, left, right, outermost);
      }
      return snapshot && temporalJoins.external(right) == null
          ? joins.plan(join.withPresent(), left, right, outermost)
          : temporalJoins.plan(join, left, right);
    }
    if (node instanceof Join join) {
      return joins.plan(
          join, build(join.getLeft(), outermost), build(join.getRight(), outermost), outermost);
    }
    if (node instanceof Union union) {
      return union(union, outermost);
    }
    if (node instanceof Intersect intersect) {
      return setOperation(
          intersect,
          outermost,
          intersect.all ? SetOperation.INTERSECT_ALL : SetOperation.INTERSECT);
    }
    if (node instanceof Minus minus) {
      return setOperation(
          minus, outermost, minus.all ? SetOperation.EXCEPT_ALL : SetOperation.EXCEPT);
    }
    if (node instanceof Sort sort) {
      return sort(sort, outermost);
    }
    if (node instanceof Values values) {
      return values(values);
    }
    throw new LaminarException(
            ErrorCode.NOT_SUPPORTED, node.getRelTypeName() + " is not supported yet.")
        .mend("Write the query with SELECT, WHERE, GROUP BY and UNION ALL.");
  }

  private Pipe scan(TableScan scan) {
    List<String> names = scan.getTable().getQualifiedName();
    CatalogObject object = catalog.find(names.get(names.size() - 1));
    // A snapshot reads content, in which no row is taken back.
    boolean changelog =
        !snapshot
            && (object.schema().isChangelog()
                || object.changelogMode() != ChangelogMode.APPEND_ONLY);
    Schema schema = object.schema().withoutLengths().withChangelog(changelog);
    return catalog.tellsOpenWindows(object.name())
        ? Pipe.over(rex, withOpenWindows(object, schema), times(object))
        : Pipe.over(rex, new PlanNode.Scan(object.name(), schema), times(object));
  }

  /**
   * The rows of a view's closed windows, and those of open ones. What shows changes holds both, what
   * waits for windows to close holds none of the others.
   */
  private PlanNode withOpenWindows(CatalogObject view, Schema schema) {
    Schema columns = new Schema(schema.fields().subList(0, schema.size() - 1), false);
    PlanNode content = new PlanNode.Scan(view.name(), columns);
    PlanNode open = new PlanNode.Scan(view.name() + CatalogSnapshot.OPEN_WINDOWS, columns);
    PlanNode closed =
        view.schema().isChangelog()
            ? new PlanNode.SetOp(SetOperation.EXCEPT_ALL, List.of(content, open), true, 0, columns)
            : content;
    return new PlanNode.Union(
        List.of(flagged(closed, false, schema), flagged(open, true, schema)), schema);
  }

  private PlanNode flagged(PlanNode rows, boolean open, Schema schema) {
    List<RexNode> projects = new ArrayList<>(Pipe.references(rex, rows.schema()));
    projects.add(rex.makeLiteral(open));
    return new PlanNode.Calc(rows, null, projects, schema);
  }

  /** A source offers every column that could be its event time; windows decide. */
  static List<TimeColumn> times(CatalogObject object) {
    if (object.kind() != ObjectKind.SOURCE) {
      return object.timeColumns();
    }
    List<TimeColumn> times = new ArrayList<>();
    for (int i = 0; i < object.schema().size(); i++) {
      Field field = object.schema().field(i);
      if (Types.canBeTime(field.type())) {
        times.add(new TimeColumn(i, List.of(new SourceColumn(object.name(), field.name()))));
      }
    }
    return times;
  }

  private Pipe union(Union union, boolean outermost) {
    List<Pipe> inputs = new ArrayList<>();
    for (RelNode input : union.getInputs()) {
      inputs.add(build(input, outermost && union.all).resolveWindows(windows));
    }
    List<Field> fields = fields(union);
    List<Integer> windowColumns = union.all ? windowColumns(inputs) : List.of();
    for (int column : windowColumns) {
      fields.add(new Field(HiddenColumns.END, fields.get(column).type(), false, true));
    }
    List<PlanNode> nodes = new ArrayList<>();
    boolean changelog = false;
    for (Pipe input : inputs) {
      PlanNode node = castTo(withEnds(input, windowColumns), fields);
      changelog |= node.schema().isChangelog();
      nodes.add(node);
    }
    PlanNode all = new PlanNode.Union(nodes, new Schema(fields, changelog));
    Pipe pipe = Pipe.over(rex, all, commonTimes(inputs));
    if (!union.all) {
      return aggregates.distinct(pipe, outermost);
    }
    return windowColumns.isEmpty() ? pipe : withWindows(pipe, windowColumns);
  }

  private Pipe setOperation(SetOp node, boolean outermost, SetOperation operation) {
    List<Field> fields = fields(node);
    List<Pipe> inputs = new ArrayList<>();
    List<PlanNode> nodes = new ArrayList<>();
    boolean appendOnly = true;
    for (RelNode input : node.getInputs()) {
      Pipe rows = build(input, false).resolveWindows(windows);
      inputs.add(rows);
      nodes.add(castTo(rows, fields));
      appendOnly &= !nodes.get(nodes.size() - 1).schema().isChangelog();
    }
    List<TimeColumn> times = commonTimes(inputs);
    TimeColumn bound = WindowedSets.bound(times, fields);
    if (bound != null && emissions.of(true, outermost) == PlanNode.Emission.ON_WINDOW_CLOSE) {
      return Pipe.over(rex, new WindowedSets(rex, operation).plan(nodes, fields, bound), times);
    }
    boolean atEnd = snapshot && appendOnly && !operation.onlyGrows();
    boolean changelog = !appendOnly || !operation.onlyGrows() && !atEnd;
    PlanNode set =
        new PlanNode.SetOp(
            operation, nodes, atEnd, snapshot ? 0 : stateTtlNs, new Schema(fields, changelog));
    return Pipe.over(
        rex, set, snapshot ? times : times.stream().map(TimeColumn::unordered).toList());
  }

  /** The columns that are windows in every input: those of equal grouping sets. */
  private static List<Integer> windowColumns(List<Pipe> inputs) {
    List<Integer> columns = new ArrayList<>();
    for (int i = 0; i < inputs.get(0).projects().size(); i++) {
      int column = i;
      if (inputs.stream().allMatch(input -> Pipe.isBounds(input.projects().get(column)))) {
        columns.add(i);
      }
    }
    return columns;
  }

  private static Pipe withEnds(Pipe input, List<Integer> windowColumns) {
    List<RexNode> projects = new ArrayList<>(input.projects());
    for (int column : windowColumns) {
      projects.add(((RexCall) input.projects().get(column)).getOperands().get(1));
    }
    return new Pipe(input.rex(), input.base(), input.times(), input.condition(), projects);
  }

  /** Windows again of their two bounds, the ends of which stand behind the other columns. */
  private Pipe withWindows(Pipe union, List<Integer> windowColumns) {
    int columns = union.projects().size() - windowColumns.size();
    List<RexNode> projects = new ArrayList<>(union.projects().subList(0, columns));
    for (int i = 0; i < windowColumns.size(); i++) {
      int column = windowColumns.get(i);
      projects.set(
          column,
          rex.makeCall(
              WindowFunction.BOUNDS, projects.get(column), union.projects().get(columns + i)));
    }
    return new Pipe(rex, union.base(), union.times(), null, projects);
  }

  private PlanNode castTo(Pipe input, List<Field> fields) {
    List<RexNode> casts = new ArrayList<>();
    List<Field> made = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      RexNode project = Pipe.plain(input.projects().get(i));
      DataType target = fields.get(i).type();
      boolean same = isTyped(project, target);
      RexNode cast =
          same
              ? project
              : rex.makeCast(
                  Types.toRel(rex.getTypeFactory(), target, project.getType().isNullable()),
                  project);
      casts.add(cast);
      made.add(
          new Field(
              fields.get(i).name(), target, cast.getType().isNullable(), fields.get(i).hidden()));
    }
    return new Pipe(rex, input.base(), input.times(), input.condition(), casts).toNode(made);
  }

  private static boolean isTyped(RexNode project, DataType target) {
    return project.getType().getSqlTypeName() != org.apache.calcite.sql.type.SqlTypeName.NULL
        && Types.of(project.getType()).equals(target);
  }

  private static List<TimeColumn> commonTimes(List<Pipe> inputs) {
    List<TimeColumn> common = new ArrayList<>();
    for (TimeColumn first : inputs.get(0).outputTimes()) {
      Set<SourceColumn> origins = new LinkedHashSet<>();
      boolean everywhere = true;
      boolean ordered = true;
      boolean byKey = false;
      for (Pipe input : inputs) {
        List<TimeColumn> same =
            input.outputTimes().stream().filter(t -> t.column() == first.column()).toList();
        everywhere &= !same.isEmpty();
        same.forEach(t -> origins.addAll(t.origins()));
        ordered &= same.stream().allMatch(TimeColumn::isOrdered);
        byKey |= same.stream().anyMatch(TimeColumn::isByKey);
      }
      if (everywhere) {
        common.add(new TimeColumn(first.column(), List.copyOf(origins), ordered, byKey));
      }
    }
    return common;
  }

  private Pipe sort(Sort sort, boolean outermost) {
    Pipe input = build(sort.getInput(), outermost && snapshot).resolveWindows(windows);
    PlanNode rows = input.toNode(fields(sort.getInput()));
    List<PlanNode.SortKey> keys = new ArrayList<>();
    for (RelFieldCollation key : sort.getCollation().getFieldCollations()) {
      keys.add(
          new PlanNode.SortKey(
              key.getFieldIndex(),
              key.getDirection().isDescending(),
              key.nullDirection == RelFieldCollation.NullDirection.FIRST));
    }
    OverPlanner.Limit limit =
        new OverPlanner.Limit(rowCount(sort.offset, 0), rowCount(sort.fetch, -1));
    boolean ties = sort.fetch instanceof RexLiteral fetch && isMarked(fetch);
    RankKind kind = ties ? RankKind.WITH_TIES : RankKind.ROW_NUMBER;
    if (!snapshot) {
      return overs.limit(rows, keys, kind, limit, outermost);
    }
    if (ties) {
      rows = OverPlanner.topN(rows, keys, kind, limit, OverMode.AT_END);
      limit = new OverPlanner.Limit(0, -1);
    }
    PlanNode sorted =
        new PlanNode.Sort(
            rows, keys, limit.offset(), limit.rows(), rows.schema().withChangelog(false));
    return Pipe.over(rex, sorted, input.outputTimes());
  }

  private static long rowCount(RexNode literal, long otherwise) {
    return literal == null
        ? otherwise
        : MarkedNumbers.unmarked(((RexLiteral) literal).getValueAs(BigDecimal.class))
            .longValueExact();
  }

  private static boolean isMarked(RexLiteral number) {
    return MarkedNumbers.isMarked(number.getValueAs(BigDecimal.class));
  }

  private Pipe values(Values values) {
    List<List<RexNode>> rows =
        values.getTuples().stream().map(row -> List.<RexNode>copyOf(row)).toList();
    return Pipe.over(
        rex, new PlanNode.Values(rows, new Schema(valueFields(values), false)), List.of());
  }

  /** A column of NULLs alone may be any type: nobody has looked at it yet. */
  private static List<Field> valueFields(Values values) {
    List<Field> fields = new ArrayList<>();
    for (RelDataTypeField field : values.getRowType().getFieldList()) {
      boolean untyped =
          field.getType().getSqlTypeName() == org.apache.calcite.sql.type.SqlTypeName.NULL;
      fields.add(
          new Field(
              field.getName(),
              untyped ? DataType.VARCHAR : Types.of(field.getType()),
              field.getType().isNullable(),
              false));
    }
    return fields;
  }

  /** Columns as Calcite names and types them. */
  static List<Field> fields(RelNode node) {
    List<Field> fields = new ArrayList<>();
    for (RelDataTypeField field : node.getRowType().getFieldList()) {
      fields.add(
          new Field(
              HiddenColumns.visibleName(field.getName()),
              Types.of(field.getType()),
              field.getType().isNullable(),
              HiddenColumns.isHidden(field.getName())));
    }
    return fields;
  }
}
