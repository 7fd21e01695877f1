package io.laminardb.sql.plan;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.validate.BoundParameter;
import io.laminardb.sql.validate.Types;
import java.lang.reflect.RecordComponent;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * Puts values into a plan that was made for their types. Nodes without a parameter below them stay the
 * same objects, and one that feeds several others is still one.
 */
final class ParameterBinding {
  private static final RexBuilder REX = new RexBuilder(Types.factory());

  private final Map<PlanNode, PlanNode> bound = new IdentityHashMap<>();
  private final RexShuttle literals;

  private ParameterBinding(Object[] values) {
    this.literals =
        new RexShuttle() {
          @Override
          public RexNode visitCall(RexCall call) {
            if (call.getOperator() instanceof BoundParameter parameter) {
              return parameter.literal(values, REX);
            }
            return super.visitCall(call);
          }
        };
  }

  /** The plan with literals for its parameters. */
  static PlanNode bind(PlanNode plan, Object... values) {
    PlanNode bound = new ParameterBinding(values).node(plan);
    return bound == plan || !isConstant(plan) ? bound : Constants.fold(bound, REX);
  }

  /** Refuses plans in which a parameter stands where {@link #bind} does not find it. */
  static void check(PlanNode plan, Object... values) {
    Predicate<RexCall> parameter = call -> call.getOperator() instanceof BoundParameter;
    if (holds(plan, ParameterBinding::castsTruth)
        || holds(new ParameterBinding(values).node(plan), parameter)) {
      throw new LaminarException(ErrorCode.NOT_SUPPORTED, "the plan keeps a parameter.");
    }
  }

  /** A BOOLEAN and a number are compared in one way with a literal, in another with a column. */
  private static boolean castsTruth(RexCall call) {
    return call.isA(SqlKind.CAST)
        && call.getType().getSqlTypeName() != call.getOperands().get(0).getType().getSqlTypeName()
        && (call.getType().getSqlTypeName() == SqlTypeName.BOOLEAN
            || call.getOperands().get(0).getType().getSqlTypeName() == SqlTypeName.BOOLEAN);
  }

  /** Whether there is such a call anywhere in a plan node or a part of one. */
  private static boolean holds(Object part, Predicate<RexCall> wanted) {
    if (part instanceof RexNode expression) {
      boolean[] found = {false};
      expression.accept(
          new RexShuttle() {
            @Override
            public RexNode visitCall(RexCall call) {
              found[0] |= wanted.test(call);
              return super.visitCall(call);
            }
          });
      return found[0];
    }
    if (part instanceof Iterable<?> parts) {
      for (Object each : parts) {
        if (holds(each, wanted)) {
          return true;
        }
      }
      return false;
    }
    if (part instanceof Record) {
      for (RecordComponent component : part.getClass().getRecordComponents()) {
        try {
          if (holds(component.getAccessor().invoke(part), wanted)) {
            return true;
          }
        } catch (ReflectiveOperationException e) {
          return true; // nobody knows
        }
      }
    }
    return false;
  }

  private static boolean isConstant(PlanNode node) {
    return !(node instanceof PlanNode.Scan)
        && node.inputs().stream().allMatch(ParameterBinding::isConstant);
  }

  private PlanNode node(PlanNode node) {
    PlanNode known = bound.get(node);
    if (known == null) {
      known = changed(node);
      bound.put(node, known);
    }
    return known;
  }

  private List<PlanNode> nodes(List<PlanNode> nodes) {
    return nodes.stream().map(this::node).toList();
  }

  private PlanNode changed(PlanNode node) {
    if (node instanceof PlanNode.Scan) {
      return node;
    }
    if (node instanceof PlanNode.Values) {
      return node; // literals only
    }
    if (node instanceof PlanNode.Calc calc) {
      PlanNode input = node(calc.input());
      RexNode condition = expression(calc.condition());
      List<RexNode> projects = literals.apply(calc.projects());
      boolean same =
          input == calc.input() && condition == calc.condition() && projects == calc.projects();
      return same ? calc : new PlanNode.Calc(input, condition, projects, calc.schema());
    }
    if (node instanceof PlanNode.Aggregate aggregate) {
      PlanNode input = node(aggregate.input());
      RexNode condition = expression(aggregate.condition());
      return input == aggregate.input() && condition == aggregate.condition()
          ? aggregate
          : new PlanNode.Aggregate(
              input,
              condition,
              aggregate.keys(),
              aggregate.window(),
              aggregate.calls(),
              aggregate.emission(),
              aggregate.emitEveryNs(),
              aggregate.allowedLatenessNs(),
              aggregate.schema());
    }
    if (node instanceof PlanNode.Sort sort) {
      return new PlanNode.Sort(
          node(sort.input()), sort.keys(), sort.offset(), sort.limit(), sort.schema());
    }
    if (node instanceof PlanNode.Union union) {
      return new PlanNode.Union(nodes(union.inputs()), union.schema());
    }
    if (node instanceof PlanNode.Unnest unnest) {
      return new PlanNode.Unnest(
          node(unnest.input()),
          unnest.collections(),
          unnest.expand(),
          unnest.outer(),
          unnest.ordinality(),
          unnest.schema());
    }
    if (node instanceof PlanNode.Join join) {
      return new PlanNode.Join(
          node(join.left()),
          node(join.right()),
          join.type(),
          join.keys(),
          expression(join.condition()),
          join.time(),
          join.unmatchedAtEnd(),
          join.columns(),
          join.schema());
    }
    throw new LaminarException(
        ErrorCode.NOT_SUPPORTED,
        "a plan with " + node.getClass().getSimpleName() + " is not kept.");
  }

  private RexNode expression(RexNode expression) {
    return expression == null ? null : expression.accept(literals);
  }
}
