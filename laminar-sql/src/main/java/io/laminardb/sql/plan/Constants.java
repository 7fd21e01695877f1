package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeName;

/** Turns projections of constant rows into constant rows: {@code VALUES (-1), (2)}. */
final class Constants {
  private Constants() {}

  static PlanNode fold(PlanNode node, RexBuilder rex) {
    if (node instanceof PlanNode.Calc calc) {
      PlanNode input = fold(calc.input(), rex);
      PlanNode.Calc folded =
          new PlanNode.Calc(input, calc.condition(), calc.projects(), calc.schema());
      PlanNode values = foldCalc(folded, rex);
      return values != null ? values : folded;
    }
    if (node instanceof PlanNode.Union union) {
      return foldUnion(union, rex);
    }
    if (node instanceof PlanNode.Unnest unnest) {
      return new PlanNode.Unnest(
          fold(unnest.input(), rex),
          unnest.collections(),
          unnest.expand(),
          unnest.outer(),
          unnest.ordinality(),
          unnest.schema());
    }
    if (node instanceof PlanNode.Join join) {
      return foldJoin(join, rex);
    }
    if (node instanceof PlanNode.AsofJoin join) {
      return new PlanNode.AsofJoin(
          fold(join.left(), rex),
          fold(join.right(), rex),
          join.keys(),
          join.comparison(),
          join.leftTime(),
          join.rightTime(),
          join.tolerance(),
          join.mode(),
          join.columns(),
          join.schema());
    }
    if (node instanceof PlanNode.ExpiringJoin join) {
      return new PlanNode.ExpiringJoin(foldJoin(join.join(), rex), join.stateTtlNs());
    }
    if (node instanceof PlanNode.TemporalJoin join) {
      return new PlanNode.TemporalJoin(
          foldJoin(join.join(), rex), join.rowTime(), join.versionTime(), join.schema());
    }
    if (node instanceof PlanNode.TableJoin join) {
      return new PlanNode.TableJoin(
          foldJoin(join.join(), rex), join.table(), join.primary(), join.schema());
    }
    if (node instanceof PlanNode.LookupJoin join) {
      return new PlanNode.LookupJoin(
          foldJoin(join.join(), rex),
          join.table(),
          join.connector(),
          join.conditions(),
          join.schema());
    }
    if (node instanceof PlanNode.IntervalJoin join) {
      return new PlanNode.IntervalJoin(
          foldJoin(join.join(), rex),
          join.leftTime(),
          join.rightTime(),
          join.lower(),
          join.upper());
    }
    if (node instanceof PlanNode.SetOp set) {
      List<PlanNode> inputs = set.inputs().stream().map(input -> fold(input, rex)).toList();
      return new PlanNode.SetOp(
          set.operation(), inputs, set.atEnd(), set.stateTtlNs(), set.schema());
    }
    if (node instanceof PlanNode.Sort sort) {
      return new PlanNode.Sort(
          fold(sort.input(), rex), sort.keys(), sort.offset(), sort.limit(), sort.schema());
    }
    return node;
  }

  private static PlanNode.Join foldJoin(PlanNode.Join join, RexBuilder rex) {
    return new PlanNode.Join(
        fold(join.left(), rex),
        fold(join.right(), rex),
        join.type(),
        join.keys(),
        join.condition(),
        join.time(),
        join.unmatchedAtEnd(),
        join.columns(),
        join.schema());
  }

  private static PlanNode foldUnion(PlanNode.Union union, RexBuilder rex) {
    List<PlanNode> inputs = union.inputs().stream().map(input -> fold(input, rex)).toList();
    List<List<RexNode>> rows = new ArrayList<>();
    for (PlanNode input : inputs) {
      if (!(input instanceof PlanNode.Values values)) {
        return new PlanNode.Union(inputs, union.schema());
      }
      rows.addAll(values.rows());
    }
    return new PlanNode.Values(rows, union.schema());
  }

  private static PlanNode foldCalc(PlanNode.Calc calc, RexBuilder rex) {
    if (!(calc.input() instanceof PlanNode.Values values) || calc.condition() != null) {
      return null;
    }
    List<List<RexNode>> rows = new ArrayList<>();
    for (List<RexNode> row : values.rows()) {
      List<RexNode> folded = new ArrayList<>();
      for (int i = 0; i < calc.projects().size(); i++) {
        RexNode value = literal(calc.projects().get(i), row, rex);
        if (!(value instanceof RexLiteral literal) || isTooLarge(literal)) {
          return null;
        }
        folded.add(value);
      }
      rows.add(folded);
    }
    Schema schema = calc.schema();
    return new PlanNode.Values(rows, schema);
  }

  /** A literal Calcite has cast to a REAL that does not hold it. */
  private static boolean isTooLarge(RexLiteral literal) {
    return !literal.isNull()
        && literal.getType().getSqlTypeName() == SqlTypeName.REAL
        && Float.isInfinite(literal.getValueAs(java.math.BigDecimal.class).floatValue());
  }

  /** The literal {@code expression} is over a constant row, or something else. */
  private static RexNode literal(RexNode expression, List<RexNode> row, RexBuilder rex) {
    return expression.accept(
        new RexShuttle() {
          @Override
          public RexNode visitInputRef(RexInputRef reference) {
            return row.get(reference.getIndex());
          }

          @Override
          public RexNode visitCall(RexCall call) {
            RexNode visited = super.visitCall(call);
            RexCall folded = (RexCall) visited;
            RexNode operand = folded.getOperands().isEmpty() ? null : folded.getOperands().get(0);
            if (!(operand instanceof RexLiteral literal)) {
              return visited;
            }
            if (call.getKind() == SqlKind.MINUS_PREFIX) {
              return negated(literal, visited, rex);
            }
            return call.getKind() == SqlKind.CAST && isSafeCast(literal, call)
                ? rex.makeCast(call.getType(), literal)
                : visited;
          }
        });
  }

  private static RexNode negated(RexLiteral literal, RexNode otherwise, RexBuilder rex) {
    SqlTypeName type = literal.getType().getSqlTypeName();
    if (literal.isNull()) {
      return literal;
    }
    return switch (type) {
      case TINYINT, SMALLINT, INTEGER, BIGINT -> negatedInteger(literal, otherwise, rex);
      case DECIMAL ->
          rex.makeExactLiteral(
              literal.getValueAs(java.math.BigDecimal.class).negate(), literal.getType());
      case DOUBLE, FLOAT, REAL ->
          rex.makeApproxLiteral(
              literal.getValueAs(java.math.BigDecimal.class).negate(), literal.getType());
      default -> otherwise;
    };
  }

  /** The least number of a type has no positive counterpart: an error when a row needs it. */
  private static RexNode negatedInteger(RexLiteral literal, RexNode otherwise, RexBuilder rex) {
    java.math.BigDecimal value = literal.getValueAs(java.math.BigDecimal.class).negate();
    int bits =
        switch (literal.getType().getSqlTypeName()) {
          case TINYINT -> 8;
          case SMALLINT -> 16;
          case INTEGER -> 32;
          default -> 64;
        };
    return value.toBigInteger().bitLength() < bits
        ? rex.makeExactLiteral(value, literal.getType())
        : otherwise;
  }

  /** Casts between numbers of which the target holds the value, and of text to text. */
  private static boolean isSafeCast(RexLiteral literal, RexCall call) {
    if (literal.isNull()) {
      return true;
    }
    SqlTypeName from = literal.getType().getSqlTypeName();
    SqlTypeName to = call.getType().getSqlTypeName();
    return SqlTypeName.CHAR_TYPES.contains(from) && SqlTypeName.CHAR_TYPES.contains(to)
        || SqlTypeName.INT_TYPES.contains(from)
            && (to == SqlTypeName.BIGINT || to == SqlTypeName.DOUBLE || to == SqlTypeName.INTEGER)
            && fits(literal, to);
  }

  private static boolean fits(RexLiteral literal, SqlTypeName to) {
    long value = literal.getValueAs(Long.class);
    return switch (to) {
      case INTEGER -> value == (int) value;
      case DOUBLE -> Math.abs(value) <= 1L << 53;
      default -> true;
    };
  }
}
