package io.laminardb.sql.plan;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.function.NestedFunctions;
import io.laminardb.sql.validate.Positions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.SingleRel;
import org.apache.calcite.rel.core.Correlate;
import org.apache.calcite.rel.core.CorrelationId;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.JoinRelType;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.core.Uncollect;
import org.apache.calcite.rel.core.Values;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rel.type.RelDataTypeFactory;
import org.apache.calcite.rel.type.RelDataTypeField;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexCorrelVariable;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexUtil;

/**
 * Rows with the elements of collections that are computed of them. Stands for Calcite's correlation
 * of a relation with UNNEST, which its rules would take for a subquery, and for calls of UNNEST in a
 * select list, which they would take for values.
 */
final class UnnestRel extends SingleRel {
  private static final RexShuttle SUBQUERIES =
      new RexShuttle() {
        @Override
        public RexNode visitSubQuery(RexSubQuery subquery) {
          RexSubQuery visited = (RexSubQuery) super.visitSubQuery(subquery);
          RelNode introduced = introduce(visited.rel);
          return introduced == visited.rel ? visited : visited.clone(introduced);
        }
      };

  private final List<Integer> passed; // columns of the input
  private final List<RexNode> collections;
  private final boolean outer;
  private final boolean ordinality;
  private final boolean expand;
  private final RelDataType elements;

  private UnnestRel(
      RelNode input,
      List<Integer> passed,
      List<RexNode> collections,
      boolean outer,
      boolean ordinality,
      boolean expand,
      RelDataType elements) {
    super(input.getCluster(), input.getTraitSet(), input);
    this.passed = List.copyOf(passed);
    this.collections = List.copyOf(collections);
    this.outer = outer;
    this.ordinality = ordinality;
    this.expand = expand;
    this.elements = elements;
  }

  /** Whether what is unnested is of a query around this one. */
  boolean isCorrelated() {
    return collections.stream().anyMatch(RexUtil::containsCorrelation);
  }

  /** The same query with these in the place of what stood for them. */
  static RelNode introduce(RelNode rel) {
    if (rel instanceof Correlate correlate && uncollect(correlate.getRight()) != null) {
      return correlated(correlate);
    }
    if (rel instanceof Uncollect uncollect) {
      RelNode input = introduce(uncollect.getInput());
      int columns = input.getRowType().getFieldCount();
      RexBuilder rex = rel.getCluster().getRexBuilder();
      List<RexNode> all = new ArrayList<>(rex.identityProjects(input.getRowType()));
      UnnestRel unnest = of(uncollect, input, all, false);
      List<RexNode> made = rex.identityProjects(unnest.getRowType());
      return LogicalProject.create(
          unnest,
          List.of(),
          made.subList(columns, made.size()),
          uncollect.getRowType().getFieldNames(),
          java.util.Set.of());
    }
    List<RelNode> inputs = new ArrayList<>();
    boolean same = true;
    for (RelNode input : rel.getInputs()) {
      RelNode introduced = introduce(input);
      same &= introduced == input;
      inputs.add(introduced);
    }
    RelNode copy = (same ? rel : rel.copy(rel.getTraitSet(), inputs)).accept(SUBQUERIES);
    return copy instanceof Project project ? called(project) : copy;
  }

  /** A projection that calls UNNEST: its calls are unnested side by side, below it. */
  private static RelNode called(Project project) {
    Map<RexNode, Integer> calls = new LinkedHashMap<>();
    RelNode input = project.getInput();
    int columns = input.getRowType().getFieldCount();
    RexShuttle collector =
        new RexShuttle() {
          @Override
          public RexNode visitCall(RexCall call) {
            if (call.getOperator() != NestedFunctions.UNNEST) {
              return super.visitCall(call);
            }
            if (calls.putIfAbsent(call, columns + calls.size()) == null) {
              checkFlat(call);
            }
            return call;
          }
        };
    collector.apply(project.getProjects());
    if (calls.isEmpty()) {
      return project;
    }
    RelDataTypeFactory.Builder elements = project.getCluster().getTypeFactory().builder();
    List<RexNode> collections = new ArrayList<>();
    calls.forEach(
        (call, column) -> {
          elements.add("element" + column, call.getType());
          collections.add(((RexCall) call).getOperands().get(0));
        });
    UnnestRel unnest =
        new UnnestRel(input, all(input), collections, false, false, false, elements.build());
    RexShuttle replacing =
        new RexShuttle() {
          @Override
          public RexNode visitCall(RexCall call) {
            Integer column = calls.get(call);
            return column == null
                ? super.visitCall(call)
                : RexInputRef.of(column, unnest.getRowType());
          }
        };
    return LogicalProject.create(
        unnest,
        List.of(),
        replacing.apply(project.getProjects()),
        project.getRowType().getFieldNames(),
        java.util.Set.of());
  }

  private static void checkFlat(RexCall call) {
    call.getOperands()
        .get(0)
        .accept(
            new RexShuttle() {
              @Override
              public RexNode visitCall(RexCall inner) {
                if (inner.getOperator() == NestedFunctions.UNNEST) {
                  throw new LaminarException(
                          ErrorCode.NOT_SUPPORTED, "UNNEST of UNNEST is not supported.")
                      .mend("Write the inner one in FROM.")
                      .at(Positions.of(inner.getParserPosition()));
                }
                return super.visitCall(inner);
              }
            });
  }

  /** The UNNEST of a row's own columns that {@code rel} filters and projects, or null. */
  private static Uncollect uncollect(RelNode rel) {
    if (rel instanceof Project || rel instanceof Filter) {
      return uncollect(rel.getInput(0));
    }
    boolean ofOneRow =
        rel instanceof Uncollect uncollect
            && uncollect.getInput() instanceof Project project
            && project.getInput() instanceof Values values
            && values.getTuples().size() == 1;
    return ofOneRow ? (Uncollect) rel : null;
  }

  private static RelNode correlated(Correlate correlate) {
    RelNode left = introduce(correlate.getLeft());
    boolean outer = correlate.getJoinType() == JoinRelType.LEFT;
    if (!outer && correlate.getJoinType() != JoinRelType.INNER) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              correlate.getJoinType() + " JOIN with UNNEST is not supported.")
          .mend("Write CROSS JOIN UNNEST(..), or LEFT JOIN UNNEST(..) ON TRUE.");
    }
    return over(correlate.getRight(), left, correlate.getCorrelationId(), outer);
  }

  /** The rows of {@code left} beside those of {@code right}. */
  private static RelNode over(RelNode right, RelNode left, CorrelationId id, boolean outer) {
    int columns = left.getRowType().getFieldCount();
    RexBuilder rex = left.getCluster().getRexBuilder();
    if (right instanceof Uncollect uncollect) {
      List<RexNode> collections = new ArrayList<>();
      for (RexNode project : ((Project) uncollect.getInput()).getProjects()) {
        collections.add(resolved(project, id, left));
      }
      return of(uncollect, left, collections, outer);
    }
    RelNode below = over(right.getInput(0), left, id, outer);
    if (right instanceof Filter filter) {
      if (outer) {
        throw new LaminarException(
                ErrorCode.NOT_SUPPORTED, "LEFT JOIN UNNEST with a condition is not supported.")
            .mend("Write ON TRUE, and the condition within: UNNEST(LIST_FILTER(a, x -> x > 1)).");
      }
      return LogicalFilter.create(below, shifted(filter.getCondition(), columns, below, id, left));
    }
    Project project = (Project) right;
    List<RexNode> projects =
        new ArrayList<>(rex.identityProjects(below.getRowType()).subList(0, columns));
    List<String> names = new ArrayList<>(left.getRowType().getFieldNames());
    for (RexNode expression : project.getProjects()) {
      projects.add(shifted(expression, columns, below, id, left));
    }
    names.addAll(project.getRowType().getFieldNames());
    return LogicalProject.create(below, List.of(), projects, names, java.util.Set.of());
  }

  private static UnnestRel of(
      Uncollect uncollect, RelNode left, List<RexNode> collections, boolean outer) {
    return new UnnestRel(
        left,
        all(left),
        collections,
        outer,
        uncollect.withOrdinality,
        true,
        uncollect.getRowType());
  }

  private static List<Integer> all(RelNode input) {
    return IntStream.range(0, input.getRowType().getFieldCount()).boxed().toList();
  }

  /**
   * The same of another input, with fewer columns.
   *
   * @param newPassed the columns of the new input that are read
   * @param newCollections over it
   */
  UnnestRel of(RelNode newInput, List<Integer> newPassed, List<RexNode> newCollections) {
    return new UnnestRel(newInput, newPassed, newCollections, outer, ordinality, expand, elements);
  }

  /** The columns of the input that stand before the elements. */
  List<Integer> passed() {
    return passed;
  }

  /** An expression over what is unnested as one over the rows that have it behind other columns. */
  private static RexNode shifted(
      RexNode node, int columns, RelNode below, CorrelationId id, RelNode left) {
    RexNode moved =
        node.accept(
            new RexShuttle() {
              @Override
              public RexNode visitInputRef(RexInputRef reference) {
                return RexInputRef.of(reference.getIndex() + columns, below.getRowType());
              }
            });
    return resolved(moved, id, left);
  }

  /** The expression with columns of {@code left} in the place of the correlated row's. */
  private static RexNode resolved(RexNode node, CorrelationId id, RelNode left) {
    return node.accept(
        new RexShuttle() {
          @Override
          public RexNode visitFieldAccess(RexFieldAccess access) {
            boolean ours =
                access.getReferenceExpr() instanceof RexCorrelVariable variable
                    && variable.id.equals(id);
            return ours
                ? RexInputRef.of(access.getField().getIndex(), left.getRowType())
                : super.visitFieldAccess(access);
          }
        });
  }

  /** What is unnested, over the input's columns. */
  List<RexNode> collections() {
    return collections;
  }

  /** Whether a row without elements is kept. */
  boolean outer() {
    return outer;
  }

  /** Whether elements that are ROWs become a column a field. */
  boolean expand() {
    return expand;
  }

  /** Whether the last column is the place of the element. */
  boolean ordinality() {
    return ordinality;
  }

  @Override
  protected RelDataType deriveRowType() {
    RelDataTypeFactory types = getCluster().getTypeFactory();
    RelDataTypeFactory.Builder all = types.builder().kind(input.getRowType().getStructKind());
    passed.forEach(column -> all.add(input.getRowType().getFieldList().get(column)));
    for (RelDataTypeField field : elements.getFieldList()) {
      RelDataType type = field.getType();
      all.add(field.getName(), types.createTypeWithNullability(type, outer || type.isNullable()));
    }
    return all.uniquify().build();
  }

  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new UnnestRel(inputs.get(0), passed, collections, outer, ordinality, expand, elements);
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer)
        .item("passed", passed)
        .item("collections", collections)
        .item("outer", outer)
        .item("ordinality", ordinality);
  }
}
