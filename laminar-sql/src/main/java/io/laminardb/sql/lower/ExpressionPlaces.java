package io.laminardb.sql.lower;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.RexText;
import io.laminardb.sql.validate.Positions;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexVisitorImpl;

/**
 * Where in its statement an expression stands that failed while a query ran: operators only say what
 * its text is.
 */
public final class ExpressionPlaces extends RexVisitorImpl<Void> {
  private final String problem;
  private Schema input;
  private String longest = "";
  private SourcePosition found;

  private ExpressionPlaces(String problem) {
    super(true);
    this.problem = problem;
  }

  /** The place of the longest expression that {@code problem} ends with, or null. */
  public static SourcePosition find(PlannedQuery query, String problem) {
    ExpressionPlaces places = new ExpressionPlaces(problem);
    places.search(query.root());
    return places.found;
  }

  private void search(PlanNode node) {
    List<RexNode> expressions = new ArrayList<>();
    if (node instanceof PlanNode.Calc calc) {
      expressions.addAll(calc.projects());
      expressions.add(calc.condition());
    } else if (node instanceof PlanNode.Aggregate aggregate) {
      expressions.addAll(aggregate.keys());
      expressions.add(aggregate.condition());
      for (PlanNode.AggregateCall call : aggregate.calls()) {
        expressions.addAll(call.arguments());
        expressions.add(call.filter());
      }
    }
    for (RexNode expression : expressions) {
      if (expression != null) {
        input = node.inputs().get(0).schema();
        expression.accept(this);
      }
    }
    node.inputs().forEach(this::search);
  }

  @Override
  public Void visitCall(RexCall call) {
    String text = RexText.of(call, input);
    SourcePosition position = Positions.of(call.getParserPosition());
    if (position != null && text.length() > longest.length() && problem.contains(" in " + text)) {
      longest = text;
      found = position;
    }
    return super.visitCall(call);
  }
}
