package io.laminardb.sql.codegen;

import io.laminardb.core.operator.OperatorFactory;
import io.laminardb.core.operator.join.IntervalJoinOperator;
import io.laminardb.core.operator.join.IntervalJoinSpec;
import io.laminardb.core.operator.join.JoinOperator;
import io.laminardb.core.operator.join.JoinSpec;
import io.laminardb.core.operator.join.LookupJoinOperator;
import io.laminardb.core.operator.join.LookupSpec;
import io.laminardb.core.operator.join.PairKernel;
import io.laminardb.core.operator.join.ProcessingTimeJoinOperator;
import io.laminardb.core.operator.join.TableJoinOperator;
import io.laminardb.core.operator.join.TemporalSpec;
import io.laminardb.core.operator.join.VersionJoinOperator;
import io.laminardb.sql.plan.PlanNode;
import io.laminardb.sql.plan.RexText;

/** Generates joins: the condition beside equal keys, evaluated pair by pair. */
public final class JoinGenerator {
  private JoinGenerator() {}

  /**
   * The operator of a plan node.
   *
   * @param name what the rows are called, for stack traces and profiles
   */
  public static OperatorFactory generate(PlanNode.Join join, String name) {
    Compiled compiled = compile(join, name);
    return new JoinOperator.Factory(compiled.spec(), compiled.source());
  }

  /** As above, for a join that forgets what nothing touches. */
  public static OperatorFactory generate(PlanNode.ExpiringJoin join, String name) {
    Compiled compiled = compile(join.join(), name);
    return new JoinOperator.Factory(compiled.spec(), compiled.source(), join.stateTtlNs());
  }

  /** As above, for a join by time. */
  public static OperatorFactory generate(PlanNode.IntervalJoin join, String name) {
    Compiled compiled = compile(join.join(), name);
    return new IntervalJoinOperator.Factory(
        new IntervalJoinSpec(
            compiled.spec(), join.leftTime(), join.rightTime(), join.lower(), join.upper()),
        compiled.source());
  }

  /** As above, for a join with a table as of a moment. */
  public static OperatorFactory generate(PlanNode.TemporalJoin join, String name) {
    Compiled compiled = compile(join.join(), name);
    TemporalSpec spec =
        new TemporalSpec(compiled.spec(), join.rowTime(), join.versionTime(), join.schema());
    return join.rowTime() < 0
        ? new ProcessingTimeJoinOperator.Factory(spec, compiled.source())
        : new VersionJoinOperator.Factory(spec, compiled.source());
  }

  /** As above, for a join with a table that is read by an index. */
  public static OperatorFactory generate(PlanNode.TableJoin join, String name) {
    Compiled compiled = compile(join.join(), name);
    return new TableJoinOperator.Factory(
        compiled.spec(),
        join.table(),
        compiled.spec().rightKeys(),
        join.schema(),
        compiled.source());
  }

  /** As above, for a join with a table outside. */
  public static OperatorFactory generate(PlanNode.LookupJoin join, String name) {
    Compiled compiled = compile(join.join(), name);
    return new LookupJoinOperator.Factory(
        new LookupSpec(
            join.table(), join.connector(), join.conditions(), compiled.spec(), join.schema()),
        compiled.source());
  }

  private record Compiled(JoinSpec spec, String source) {}

  private static Compiled compile(PlanNode.Join join, String name) {
    if (join.condition() == null) {
      return new Compiled(spec(join, null, false), null);
    }
    KernelClass<PairKernel> kernel =
        new KernelClass<>("Join_" + name, PairKernel.class, join.pairs());
    kernel.comment("ON " + RexText.of(join.condition(), join.pairs()));
    boolean fails = generateCondition(join, kernel);
    CompiledKernel<PairKernel> compiled = kernel.compile();
    return new Compiled(spec(join, compiled, fails), compiled.source());
  }

  private static JoinSpec spec(
      PlanNode.Join join, CompiledKernel<PairKernel> condition, boolean fails) {
    return new JoinSpec(
        join.type(),
        join.left().schema(),
        join.right().schema(),
        join.keys().stream().map(PlanNode.JoinKey::left).toList(),
        join.keys().stream().map(PlanNode.JoinKey::right).toList(),
        join.keys().stream().map(PlanNode.JoinKey::nullSafe).toList(),
        condition,
        fails,
        time(join),
        join.unmatchedAtEnd(),
        join.columns(),
        join.schema());
  }

  private static JoinSpec.Time time(PlanNode.Join join) {
    if (join.time() == null) {
      return null;
    }
    int left = join.time().left();
    long unit = join.left().schema().field(left).type().nanosPerUnit();
    return new JoinSpec.Time(left, join.time().right(), unit);
  }

  /** Adds the method that evaluates the condition; answers whether that may fail. */
  private static boolean generateCondition(PlanNode.Join join, KernelClass<PairKernel> kernel) {
    CodeBuffer body = new CodeBuffer(4);
    String holds = new ExpressionCompiler(kernel).condition(join.condition(), body);
    CodeBuffer method = new CodeBuffer(1);
    method.open("public int select(int limit, int[] selected)");
    method.append(kernel.localAddresses(2));
    method.line("int count = 0;").line("int row = 0;");
    method.open("try");
    method.open("for (; row < limit; row++)").append(body);
    method.line("selected[count] = row;").line("count += " + holds + " ? 1 : 0;").close();
    method.next("finally").line("this.row = row;").close();
    method.line("return count;").close();
    kernel.method(method);
    return body.isFallible();
  }
}
