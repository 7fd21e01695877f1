package io.laminardb.sql.plan;

import io.laminardb.sql.validate.MatchCall;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.plan.RelTraitSet;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.RelWriter;
import org.apache.calcite.rel.SingleRel;
import org.apache.calcite.rel.core.Filter;
import org.apache.calcite.rel.core.Project;
import org.apache.calcite.rel.logical.LogicalFilter;
import org.apache.calcite.rel.logical.LogicalProject;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.rex.RexVisitorImpl;

/**
 * A MATCH_RECOGNIZE in relational algebra: its columns are input columns and {@link MatchCall}s. It
 * is no filter, so that no rule moves a condition across it.
 */
final class MatchRel extends SingleRel {
  private final int clause;
  private final List<RexNode> operands;
  private final List<RexNode> outputs;
  private final RelDataType outputType;

  private MatchRel(
      RelNode input,
      int clause,
      List<RexNode> operands,
      List<RexNode> outputs,
      RelDataType outputType) {
    super(input.getCluster(), input.getTraitSet(), input);
    this.clause = clause;
    this.operands = List.copyOf(operands);
    this.outputs = List.copyOf(outputs);
    this.outputType = outputType;
  }

  /** The same query with this in the place of the conditions that stood for it. */
  static RelNode introduce(RelNode rel) {
    List<RelNode> inputs = new ArrayList<>();
    boolean same = true;
    for (RelNode input : rel.getInputs()) {
      RelNode introduced = introduce(input);
      same &= introduced == input;
      inputs.add(introduced);
    }
    RelNode copy = same ? rel : rel.copy(rel.getTraitSet(), inputs);
    if (copy instanceof Filter filter) {
      return introduce(filter);
    }
    return copy instanceof Project project && project.getInput() instanceof MatchRel match
        ? match.withOutputsOf(project)
        : copy;
  }

  private static RelNode introduce(Filter filter) {
    RexBuilder rex = filter.getCluster().getRexBuilder();
    List<RexNode> rest = new ArrayList<>();
    RexCall marker = null;
    for (RexNode part : RelOptUtil.conjunctions(filter.getCondition())) {
      if (part instanceof RexCall call && call.getOperator() == MatchCall.Clause.INSTANCE) {
        marker = call;
      } else {
        rest.add(part);
      }
    }
    if (marker == null) {
      return filter;
    }
    RelNode match =
        new MatchRel(
            filter.getInput(),
            index(marker.getOperands().get(0)),
            marker.getOperands().subList(1, marker.getOperands().size()),
            rex.identityProjects(filter.getInput().getRowType()),
            filter.getInput().getRowType());
    return rest.isEmpty()
        ? match
        : LogicalFilter.create(match, RexUtil.composeConjunction(rex, rest));
  }

  static int index(RexNode literal) {
    return ((RexLiteral) literal).getValueAs(Integer.class);
  }

  /** What a projection asks for, and it over that. */
  private RelNode withOutputsOf(Project project) {
    RexBuilder rex = getCluster().getRexBuilder();
    Set<RexNode> read = new LinkedHashSet<>();
    RexVisitorImpl<Void> collector =
        new RexVisitorImpl<>(true) {
          @Override
          public Void visitCall(RexCall call) {
            return isAsked(call) ? add(call) : super.visitCall(call);
          }

          @Override
          public Void visitInputRef(RexInputRef reference) {
            return add(reference);
          }

          private Void add(RexNode node) {
            read.add(node);
            return null;
          }
        };
    project.getProjects().forEach(expression -> expression.accept(collector));
    List<RexNode> columns = List.copyOf(read);
    RexShuttle references =
        new RexShuttle() {
          @Override
          public RexNode visitCall(RexCall call) {
            return isAsked(call) ? reference(call) : super.visitCall(call);
          }

          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            return reference(reference);
          }

          private RexNode reference(RexNode node) {
            return rex.makeInputRef(node.getType(), columns.indexOf(node));
          }
        };
    List<RexNode> projects = references.visitList(project.getProjects());
    RelNode match =
        new MatchRel(
            getInput(),
            clause,
            operands,
            columns,
            RexUtil.createStructType(rex.getTypeFactory(), columns));
    return LogicalProject.create(
        match, project.getHints(), projects, project.getRowType(), Set.of());
  }

  static boolean isAsked(RexNode node) {
    return node instanceof RexCall call && call.getOperator() instanceof MatchCall;
  }

  /** The index of its clause. */
  int clause() {
    return clause;
  }

  /** The operands of the clause's marker behind the index, over the input's columns. */
  List<RexNode> operands() {
    return operands;
  }

  /** Its columns: references to input columns, and calls that ask something of the match. */
  List<RexNode> outputs() {
    return outputs;
  }

  @Override
  protected RelDataType deriveRowType() {
    return outputType;
  }

  @Override
  public RelNode copy(RelTraitSet traits, List<RelNode> inputs) {
    return new MatchRel(inputs.get(0), clause, operands, outputs, outputType);
  }

  @Override
  public RelWriter explainTerms(RelWriter writer) {
    return super.explainTerms(writer).item("operands", operands).item("outputs", outputs);
  }
}
