package io.laminardb.sql.validate;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.sql.function.LambdaFunction;
import io.laminardb.sql.function.LambdaFunction.Action;
import io.laminardb.sql.function.LambdaParameter;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLambda;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlBasicVisitor;
import org.apache.calcite.sql.util.SqlShuttle;
import org.apache.calcite.sql2rel.SqlRexContext;
import org.apache.calcite.util.Util;

/**
 * Calls of functions with a lambda: {@code LIST_TRANSFORM(a, x -> x + y)} becomes {@code
 * LIST_TRANSFORM(a, x(), x() + y)}, see {@link LambdaFunction}.
 */
final class LambdaCalls {
  private LambdaCalls() {}

  static boolean isCall(SqlCall call) {
    return call.getOperandList().stream().anyMatch(SqlLambda.class::isInstance);
  }

  /**
   * The call without a lambda; what stands in it is yet to be rewritten.
   *
   * @param depth how many lambdas are around it
   */
  static SqlCall plain(SqlCall call, int depth) {
    LambdaFunction function = LambdaFunction.named(call.getOperator().getName());
    List<SqlNode> operands = call.getOperandList();
    boolean fits =
        function != null
            && operands.get(1) instanceof SqlLambda
            && operands.size() <= (function.action() == Action.REDUCE ? 3 : 2)
            && operands.stream().filter(SqlLambda.class::isInstance).count() == 1;
    if (!fits) {
      throw Positions.error(
              ErrorCode.TYPE_MISMATCH,
              call,
              function == null
                  ? call.getOperator().getName() + " takes no lambda."
                  : call.getOperator().getName() + " takes an array, then a lambda.")
          .mend("Write LIST_TRANSFORM(array, x -> ..) or LIST_REDUCE(array, (r, x) -> .., r0).");
    }
    SqlLambda lambda = (SqlLambda) operands.get(1);
    List<SqlCall> parameters = parameters(function, lambda, depth);
    SqlNode body = lambda.getExpression().accept(new Substitution(lambda, parameters));
    refuse(body);
    List<SqlNode> plain = new ArrayList<>();
    plain.add(operands.get(0));
    plain.addAll(parameters);
    plain.add(body);
    plain.addAll(operands.subList(2, operands.size()));
    return new SqlBasicCall(function, plain, call.getParserPosition());
  }

  private static List<SqlCall> parameters(LambdaFunction function, SqlLambda lambda, int depth) {
    int count = lambda.getParameters().size();
    if (count < function.parameters() || count > function.parameters() + 1) {
      throw Positions.error(
              ErrorCode.TYPE_MISMATCH,
              lambda,
              "the lambda of " + function.getName() + " has " + count + " parameters.")
          .mend(
              function.parameters() == 1
                  ? "Write x -> .., or (x, i) -> .. with the place of the element."
                  : "Write (r, x) -> .., or (r, x, i) -> .. with the place of the element.");
    }
    List<SqlCall> parameters = new ArrayList<>();
    for (SqlNode name : lambda.getParameters()) {
      String simple = ((SqlIdentifier) name).getSimple();
      if (parameters.stream().anyMatch(p -> nameOf(p).equalsIgnoreCase(simple))) {
        throw Positions.error(
            ErrorCode.VALIDATION_FAILED, name, "the parameter \"" + simple + "\" comes twice.");
      }
      parameters.add(parameter(simple, depth, name.getParserPosition()));
    }
    if (count == function.parameters()) {
      parameters.add(parameter("#", depth, lambda.getParserPosition())); // nobody can name it
    }
    return parameters;
  }

  private static SqlCall parameter(String name, int depth, SqlParserPos position) {
    return new SqlBasicCall(new LambdaParameter(name, depth), List.of(), position);
  }

  private static String nameOf(SqlCall parameter) {
    String name = parameter.getOperator().getName();
    int depth = name.lastIndexOf('#');
    return depth <= 0 ? name : name.substring(0, depth);
  }

  /** Puts parameters in the place of their names, except in lambdas that have the same. */
  private static final class Substitution extends SqlShuttle {
    private final List<SqlCall> parameters;

    Substitution(SqlLambda lambda, List<SqlCall> parameters) {
      this.parameters = parameters;
    }

    @Override
    public SqlNode visit(SqlIdentifier name) {
      for (SqlCall parameter : parameters) {
        if (name.names.get(0).equalsIgnoreCase(nameOf(parameter)) && !name.isStar()) {
          SqlParserPos position = name.getParserPosition();
          SqlNode value = new SqlBasicCall(parameter.getOperator(), List.of(), position);
          for (String field : Util.skip(name.names)) {
            value =
                SqlStdOperatorTable.DOT.createCall(
                    position, value, new SqlIdentifier(field, position));
          }
          return value;
        }
      }
      return name;
    }

    @Override
    public SqlNode visit(SqlCall call) {
      if (call instanceof SqlLambda inner) {
        List<SqlCall> seen =
            parameters.stream()
                .filter(
                    p ->
                        inner.getParameters().stream()
                            .noneMatch(
                                own ->
                                    ((SqlIdentifier) own).getSimple().equalsIgnoreCase(nameOf(p))))
                .toList();
        return new SqlLambda(
            inner.getParserPosition(),
            inner.getParameters(),
            inner.getExpression().accept(new Substitution(inner, seen)));
      }
      if (call.getKind() == SqlKind.DOT) { // a field is no name of a value
        SqlNode row = call.operand(0);
        SqlNode field = call.operand(1);
        return call.getOperator().createCall(call.getParserPosition(), row.accept(this), field);
      }
      return super.visit(call);
    }
  }

  private static void refuse(SqlNode body) {
    body.accept(
        new SqlBasicVisitor<Void>() {
          @Override
          public Void visit(SqlCall call) {
            if (call.isA(SqlKind.QUERY)
                || OverCalls.isOver(call)
                || Select.isAggregateFunction(call)) {
              throw Positions.notSupported(
                  call,
                  (call.isA(SqlKind.QUERY) ? "a subquery" : call.getOperator().getName())
                      + " in a lambda is not supported.",
                  "Compute it in a subquery in FROM, or use LIST_SUM and its like.");
            }
            return super.visit(call);
          }
        });
  }

  static boolean isPart(SqlOperator operator) {
    return operator instanceof LambdaParameter || operator instanceof LambdaFunction;
  }

  static RexNode convert(SqlRexContext context, SqlCall call) {
    SqlOperator operator = call.getOperator();
    if (operator instanceof LambdaParameter parameter) {
      return context.getRexBuilder().makeCall(parameter.type(), operator, List.of());
    }
    List<RexNode> operands = new ArrayList<>();
    for (SqlNode operand : call.getOperandList()) {
      operands.add(context.convertExpression(operand));
    }
    return context
        .getRexBuilder()
        .makeCall(context.getValidator().getValidatedNodeType(call), operator, operands);
  }
}
