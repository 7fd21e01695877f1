package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.over.Frame;
import io.laminardb.core.operator.over.OverFunction;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.sql.plan.DerivedAggregates.Derived;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.plan.PlanNode.OverCall;
import io.laminardb.sql.plan.PlanNode.SortKey;
import io.laminardb.sql.validate.Types;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.calcite.rel.RelFieldCollation;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexFieldCollation;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexOver;
import org.apache.calcite.rex.RexShuttle;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.rex.RexVisitorImpl;
import org.apache.calcite.rex.RexWindow;
import org.apache.calcite.sql.SqlKind;

/**
 * The columns that functions with OVER read, and whatever stands beside them in the select list: each
 * expression once, in front of the results. Used once.
 */
final class OverColumns {
  private final RexBuilder rex;
  private final Pipe input;
  private final AggregatePlanner aggregates;
  private final List<RexNode> values = new ArrayList<>(); // over the input's base

  /** How rows are divided and ordered, by columns. */
  record Ordering(List<Integer> partition, List<SortKey> keys) {}

  /**
   * @param projects the select list over the base of {@code input}
   */
  OverColumns(RexBuilder rex, Pipe input, AggregatePlanner aggregates, List<RexNode> projects) {
    this.rex = rex;
    this.input = input;
    this.aggregates = aggregates;
    Set<RexNode> passed = new LinkedHashSet<>();
    RexVisitorImpl<Void> collector =
        new RexVisitorImpl<>(true) {
          @Override
          public Void visitOver(RexOver over) {
            return null;
          }

          @Override
          public Void visitInputRef(RexInputRef reference) {
            passed.add(reference);
            return null;
          }
        };
    projects.forEach(project -> project.accept(collector));
    List<RexNode> all = Pipe.references(rex, input.base().schema());
    if (passed.size() == all.size()) {
      values.addAll(all); // in the base's order, so that nothing has to be copied
    }
    passed.forEach(this::index);
  }

  /** All calls with OVER, each once. */
  static Set<RexOver> overs(List<RexNode> projects) {
    Set<RexOver> overs = new LinkedHashSet<>();
    RexVisitorImpl<Void> collector =
        new RexVisitorImpl<>(true) {
          @Override
          public Void visitOver(RexOver over) {
            overs.add(over);
            return null;
          }
        };
    projects.forEach(project -> project.accept(collector));
    return overs;
  }

  /** {@code CASE WHEN COUNT(x) OVER w > 0 THEN SUM(x) OVER w END}, as Calcite has it, is the SUM. */
  static RexNode simplified(RexNode expression) {
    return expression.accept(
        new RexShuttle() {
          @Override
          public RexNode visitCall(RexCall call) {
            RexOver sum = call.getKind() == SqlKind.CASE ? sum(call) : null;
            return sum == null ? super.visitCall(call) : sum;
          }
        });
  }

  private static RexOver sum(RexCall call) {
    List<RexNode> operands = call.getOperands();
    return operands.size() == 3
            && operands.get(0) instanceof RexCall test
            && test.getKind() == SqlKind.GREATER_THAN
            && test.getOperands().get(0) instanceof RexOver count
            && count.getAggOperator().getKind() == SqlKind.COUNT
            && operands.get(1) instanceof RexOver sum
            && sum.getAggOperator().getKind() == SqlKind.SUM
            && sum.getOperands().equals(count.getOperands())
            && sum.getWindow().equals(count.getWindow())
            && RexLiteral.isNullLiteral(operands.get(2))
        ? sum
        : null;
  }

  /** The column of an expression over the base. */
  int index(RexNode expression) {
    RexNode value = Pipe.plain(expression);
    int known = values.indexOf(value);
    if (known >= 0) {
      return known;
    }
    values.add(value);
    return values.size() - 1;
  }

  /** The rows with all these columns, which must have been asked for. */
  Pipe toPipe() {
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      RexNode value = values.get(i);
      String name =
          value instanceof RexInputRef reference
              ? input.base().schema().field(reference.getIndex()).name()
              : "column" + i;
      fields.add(new Field(name, Types.of(value.getType()), value.getType().isNullable(), false));
    }
    Pipe columns = new Pipe(rex, input.base(), input.times(), input.condition(), values);
    return columns.isPlain()
        ? Pipe.over(rex, input.base(), input.times())
        : Pipe.over(rex, columns.toNode(fields), columns.outputTimes());
  }

  /** How partitions go on by key, or null; {@code rows} are those of {@link #toPipe}. */
  KeyTime keyTime(Schema rows, Ordering ordering) {
    int order = ordering.keys().get(0).column();
    return aggregates.keyTime(input, values, rows, ordering.partition(), order);
  }

  Ordering ordering(RexWindow window) {
    List<Integer> partition = new ArrayList<>();
    for (RexNode key : window.partitionKeys) {
      if (!(key instanceof RexLiteral)) {
        partition.add(index(key));
      }
    }
    List<SortKey> keys = new ArrayList<>();
    for (RexFieldCollation key : window.orderKeys) {
      if (!(key.left instanceof RexLiteral)) {
        keys.add(
            new SortKey(
                index(key.left),
                key.getDirection().isDescending(),
                key.getNullDirection() == RelFieldCollation.NullDirection.FIRST));
      }
    }
    return new Ordering(List.copyOf(partition), telling(keys, partition));
  }

  /** The keys that differ within a partition; all of them where none does. */
  private static List<SortKey> telling(List<SortKey> keys, List<Integer> partition) {
    List<SortKey> telling = keys.stream().filter(key -> !partition.contains(key.column())).toList();
    return telling.isEmpty() ? List.copyOf(keys) : telling;
  }

  OverCall call(RexOver over) {
    String name = over.getAggOperator().getName().toUpperCase(Locale.ROOT);
    OverFunction function = function(name);
    Field output =
        new Field(
            name.toLowerCase(Locale.ROOT),
            Types.of(over.getType()),
            over.getType().isNullable() || over.getAggOperator().getKind() == SqlKind.SUM,
            false);
    return switch (function) {
      case AGGREGATE ->
          new OverCall(
              function,
              -1,
              0,
              -1,
              false,
              OverFrames.of(over.getWindow()),
              aggregate(over, output),
              output);
      case ROW_NUMBER, RANK, DENSE_RANK, PERCENT_RANK, CUME_DIST ->
          new OverCall(function, -1, 0, -1, false, null, null, output);
      case NTILE ->
          new OverCall(function, -1, number(over, 0, 1, name), -1, false, null, null, output);
      case LAG, LEAD ->
          new OverCall(
              function,
              index(over.getOperands().get(0)),
              over.getOperands().size() > 1 ? number(over, 1, 0, name) : 1,
              otherwise(over),
              over.ignoreNulls(),
              null,
              null,
              output);
      case FIRST_VALUE, LAST_VALUE, NTH_VALUE -> {
        Frame frame = OverFrames.of(over.getWindow());
        long count = function == OverFunction.NTH_VALUE ? number(over, 1, 1, name) : 1;
        int argument = index(over.getOperands().get(0));
        yield new OverCall(function, argument, count, -1, over.ignoreNulls(), frame, null, output);
      }
    };
  }

  private static OverFunction function(String name) {
    return switch (name) {
      case "ROW_NUMBER",
          "RANK",
          "DENSE_RANK",
          "PERCENT_RANK",
          "CUME_DIST",
          "NTILE",
          "LAG",
          "LEAD",
          "FIRST_VALUE",
          "LAST_VALUE",
          "NTH_VALUE" ->
          OverFunction.valueOf(name);
      default -> OverFunction.AGGREGATE;
    };
  }

  private int otherwise(RexOver over) {
    if (over.getOperands().size() < 3) {
      return -1;
    }
    RexNode value = over.getOperands().get(2);
    if (RexLiteral.isNullLiteral(value)) {
      return -1;
    }
    RelDataType type = over.getOperands().get(0).getType();
    return index(
        Types.of(type).equals(Types.of(value.getType()))
            ? value
            : rex.makeCast(
                rex.getTypeFactory().createTypeWithNullability(type, value.getType().isNullable()),
                value));
  }

  private static long number(RexOver over, int operand, long least, String name) {
    RexNode node = RexUtil.removeCast(over.getOperands().get(operand));
    if (node instanceof RexLiteral literal && literal.getValue() instanceof BigDecimal value) {
      BigDecimal whole = value.stripTrailingZeros();
      if (whole.scale() <= 0
          && whole.compareTo(BigDecimal.valueOf(least)) >= 0
          && whole.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) <= 0) {
        return whole.longValue();
      }
    }
    throw new LaminarException(
            ErrorCode.VALIDATION_FAILED,
            name + " takes a whole number from " + least + " on, written out, not " + node + ".")
        .mend("Write, for example, " + name + (operand == 0 ? "(4)." : "(x, 2)."));
  }

  private AggregateCall aggregate(RexOver over, Field output) {
    if (over.ignoreNulls()) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              "IGNORE NULLS with " + over.getAggOperator().getName() + " is not supported.")
          .mend("Use FIRST_VALUE, LAST_VALUE, NTH_VALUE, LAG or LEAD.");
    }
    String name = over.getAggOperator().getName().toUpperCase(Locale.ROOT);
    List<RexNode> arguments = new ArrayList<>();
    for (RexNode operand : over.getOperands()) {
      // Even a constant is a value that is distinct; a separator or fraction behind it is none.
      boolean distinct = over.isDistinct() && arguments.isEmpty();
      boolean isValue = !(operand instanceof RexLiteral literal) || literal.isNull() || distinct;
      arguments.add(isValue ? rex.makeInputRef(operand.getType(), index(operand)) : operand);
    }
    RexNode time = aggregates.eventTime(input);
    Supplier<RexNode> orderTime =
        () -> time == null ? null : rex.makeInputRef(time.getType(), index(time));
    Derived derived =
        new OrderedAggregates(rex, orderTime).of(name, arguments, null, over.isDistinct(), output);
    if (derived == null) {
      derived =
          UserAggregates.of(
              over.getAggOperator(), arguments, null, over.isDistinct(), false, false, output, rex);
    }
    if (derived != null && derived.isPlain()) {
      return derived.parts().get(0);
    }
    AggregateKind kind = AggregatePlanner.kind(name);
    if (kind == AggregateKind.COUNT) {
      arguments.removeIf(argument -> argument instanceof RexLiteral);
    } else if (arguments.size() > 1) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              over.getAggOperator().getName() + " of several columns is not supported.")
          .mend("Aggregate one column.");
    }
    boolean ordered = kind == AggregateKind.FIRST || kind == AggregateKind.LAST;
    return new AggregateCall(
        kind, arguments, over.isDistinct(), null, ordered ? orderTime.get() : null, output);
  }
}
