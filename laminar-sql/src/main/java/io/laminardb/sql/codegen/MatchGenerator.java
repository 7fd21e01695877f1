package io.laminardb.sql.codegen;

import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.match.MatchKernel;
import io.laminardb.core.operator.match.MatchOperator;
import io.laminardb.core.operator.match.MatchSpec;
import io.laminardb.core.operator.sort.SortOperator;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.RexText;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexNode;

/** Generates pattern matching: the conditions of variables, over what they ask of a match. */
public final class MatchGenerator {
  private MatchGenerator() {}

  /**
   * The operator of a plan node.
   *
   * @param name what the rows are called, for stack traces and profiles
   */
  public static OperatorFactory generate(PlanNode.Match match, String name) {
    CompiledKernel<MatchKernel> kernel = kernel(match, name);
    MatchSpec spec =
        new MatchSpec(
            match.input().schema(),
            match.partition(),
            match.keys().stream()
                .map(key -> new SortOperator.Key(key.column(), key.descending(), key.nullsFirst()))
                .toList(),
            match.clause().variables(),
            match.automaton(),
            match.asked(),
            match.conditionInput(),
            kernel == null ? null : new MatchSpec.Conditions(kernel, match.askedFor()),
            match.spanUnits(),
            match.clause().rows(),
            match.clause().skip(),
            match.measures(),
            match.schema());
    return new MatchOperator.Factory(
        spec,
        match.keyTime(),
        match.clause().patternText(),
        kernel == null ? null : kernel.source());
  }

  private static CompiledKernel<MatchKernel> kernel(PlanNode.Match match, String name) {
    KernelClass<MatchKernel> kernel =
        new KernelClass<>("Match_" + name, MatchKernel.class, match.conditionInput());
    StringBuilder comment = new StringBuilder("DEFINE");
    CodeBuffer test = new CodeBuffer(1);
    test.open("public boolean test(int variable)").open("switch (variable)");
    List<CodeBuffer> methods = new ArrayList<>();
    for (int i = 0; i < match.conditions().size(); i++) {
      RexNode condition = match.conditions().get(i);
      if (condition != null) {
        String variable = match.clause().variables().get(i);
        String method = kernel.fresh("is " + variable);
        comment.append("\n  ").append(variable).append(" AS ");
        comment.append(RexText.of(condition, match.conditionInput()));
        test.line("case " + i + ": return " + method + "();");
        methods.add(method(method, condition, kernel));
      }
    }
    if (methods.isEmpty()) {
      return null;
    }
    test.line("default: return true;").close().close();
    kernel.comment(comment.toString());
    kernel.method(test);
    methods.forEach(kernel::method);
    return kernel.compile();
  }

  private static CodeBuffer method(
      String name, RexNode condition, KernelClass<MatchKernel> kernel) {
    CodeBuffer body = new CodeBuffer(2);
    String holds = new ExpressionCompiler(kernel).condition(condition, body);
    CodeBuffer method = new CodeBuffer(1);
    method.open("private boolean " + name + "()").line("final int row = 0;").append(body);
    return method.line("return " + holds + ";").close();
  }
}
