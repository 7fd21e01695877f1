package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.plan.DerivedAggregates.Derived;
import io.laminardb.sql.plan.PlanNode.AggregateCall;
import io.laminardb.sql.plan.PlanNode.AggregateDetail;
import io.laminardb.sql.plan.PlanNode.AggregateKind;
import io.laminardb.sql.validate.JsonValues;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.type.SqlTypeFamily;
import org.apache.calcite.sql.type.SqlTypeName;

/**
 * Aggregate functions that look at values in an order: quantiles, MODE, STRING_AGG, and FIRST and
 * LAST with an order of their own.
 */
final class OrderedAggregates {
  private static final String BY_ORDER = " BY ORDER";

  private final RexBuilder rex;
  private final Supplier<RexNode> eventTime;
  private final Json json = new Json();

  /**
   * @param eventTime gives what rows are ordered by where a call says nothing, or null for
   *     arrival
   */
  OrderedAggregates(RexBuilder rex, Supplier<RexNode> eventTime) {
    this.rex = rex;
    this.eventTime = eventTime;
  }

  /**
   * The parts of a call, or null when it is none of these functions.
   *
   * @param name of the function, in capitals
   * @param arguments constants among them as literals
   * @param filter or null
   * @param output name and type of its result
   */
  Derived of(String name, List<RexNode> arguments, RexNode filter, boolean distinct, Field output) {
    return switch (name) {
      case "QUANTILE_CONT", "QUANTILE_DISC" -> {
        AggregateDetail detail =
            AggregateDetail.rank(fraction(name, arguments.get(1)), isTrue(arguments, 2));
        yield ranked(
            AggregateKind.valueOf(name), arguments.get(0), filter, distinct, output, detail);
      }
      case "APPROX_QUANTILE" -> buckets(arguments, filter, distinct, output);
      case "MODE" ->
          ranked(
              AggregateKind.MODE,
              arguments.get(0),
              filter,
              distinct,
              output,
              AggregateDetail.rank(0, isTrue(arguments, 1)));
      case "STRING_AGG", "STRING_AGG" + BY_ORDER -> texts(arguments, filter, distinct, output);
      case "JSON_ARRAYAGG" + BY_ORDER ->
          json.collected(
              "[",
              json.of(arguments.get(0)),
              isTrue(arguments, 1) ? notNull(filter, arguments.get(0)) : filter,
              orderOf(arguments, 2),
              distinct,
              output);
      case "JSON_OBJECTAGG" + BY_ORDER -> {
        RexNode present = notNull(filter, arguments.get(0));
        yield json.collected(
            "{",
            json.member(arguments.get(0), arguments.get(1)),
            isTrue(arguments, 2) ? notNull(present, arguments.get(1)) : present,
            orderOf(arguments, 3),
            distinct,
            output);
      }
      case "ARRAY_AGG", "ARRAY_AGG" + BY_ORDER ->
          collected(
              AggregateKind.ARRAY_AGG,
              arguments.get(0),
              orderOf(arguments, 1),
              filter,
              distinct,
              null,
              output);
      case "MAP_AGG", "MAP_AGG" + BY_ORDER ->
          collected(
              AggregateKind.MAP_AGG,
              rex.makeCall(SqlStdOperatorTable.ROW, arguments.get(0), arguments.get(1)),
              orderOf(arguments, 2),
              notNull(filter, arguments.get(0)),
              distinct,
              null,
              output);
      case "FIRST" + BY_ORDER, "LAST" + BY_ORDER ->
          extreme(name.startsWith("FIRST"), arguments, filter, output);
      default -> null;
    };
  }

  private Derived ranked(
      AggregateKind kind,
      RexNode value,
      RexNode filter,
      boolean distinct,
      Field output,
      AggregateDetail detail) {
    return Derived.plain(
        new AggregateCall(kind, List.of(value), distinct, filter, null, output, detail));
  }

  /** The quantile of buckets, which are few. */
  private Derived buckets(List<RexNode> arguments, RexNode filter, boolean distinct, Field output) {
    RexNode value = arguments.get(0);
    RelDataType real =
        rex.getTypeFactory()
            .createTypeWithNullability(
                rex.getTypeFactory().createSqlType(SqlTypeName.DOUBLE),
                value.getType().isNullable());
    AggregateCall call =
        new AggregateCall(
            AggregateKind.QUANTILE_DISC,
            List.of(rex.makeCall(Functions.BUCKET, rex.ensureType(real, value, true))),
            distinct,
            filter,
            null,
            new Field(output.name(), DataType.BIGINT, output.nullable(), false),
            AggregateDetail.rank(fraction("APPROX_QUANTILE", arguments.get(1)), false));
    return new Derived(
        List.of(call), columns -> rex.makeCall(Functions.BUCKET_VALUE, columns.get(0)));
  }

  /** JSON aggregates: texts with commas between them, in brackets. */
  private final class Json {
    Derived collected(
        String open, RexNode item, RexNode filter, Order order, boolean distinct, Field output) {
      Derived items =
          OrderedAggregates.this.collected(
              AggregateKind.STRING_AGG, item, order, filter, distinct, ",", output);
      String close = open.equals("[") ? "]" : "}";
      return new Derived(
          items.parts(),
          columns -> concat(concat(rex.makeLiteral(open), columns.get(0)), rex.makeLiteral(close)));
    }

    RexNode member(RexNode key, RexNode value) {
      RexNode quoted = rex.makeCall(Functions.JSON_QUOTE, JsonValues.text(rex, key));
      return concat(concat(quoted, rex.makeLiteral(":")), of(value));
    }

    /** A value as JSON; null for NULL. */
    RexNode of(RexNode value) {
      RexNode item = JsonValues.of(rex, value);
      return value.getType().isNullable()
          ? rex.makeCall(SqlStdOperatorTable.COALESCE, item, rex.makeLiteral("null"))
          : item;
    }

    private RexNode concat(RexNode left, RexNode right) {
      return rex.makeCall(SqlStdOperatorTable.CONCAT, left, right);
    }
  }

  private static boolean isTrue(List<RexNode> arguments, int index) {
    return arguments.size() > index && arguments.get(index).isAlwaysTrue();
  }

  private static double fraction(String name, RexNode argument) {
    RexNode constant = RexUtil.removeCast(argument);
    if (constant instanceof RexLiteral literal
        && literal.getValue() instanceof BigDecimal value
        && value.signum() >= 0
        && value.compareTo(BigDecimal.ONE) <= 0) {
      return value.doubleValue();
    }
    throw new LaminarException(
            ErrorCode.VALIDATION_FAILED,
            "the fraction of " + name + " must be a number from 0 to 1, written out.")
        .mend("Write, for example, " + name + "(x, 0.5).");
  }

  /** The value, the separator, the flags and the keys of the order. */
  private Derived texts(List<RexNode> arguments, RexNode filter, boolean distinct, Field output) {
    RexNode value = JsonValues.text(rex, arguments.get(0));
    if (!(RexUtil.removeCast(arguments.get(1)) instanceof RexLiteral separator)
        || separator.isNull()
        || !SqlTypeFamily.CHARACTER.contains(separator.getType())) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED, "the separator of STRING_AGG must be a text, written out.")
          .mend("Write STRING_AGG(x, ', '); put what changes from row to row into x.");
    }
    return collected(
        AggregateKind.STRING_AGG,
        value,
        orderOf(arguments, 2),
        notNull(filter, arguments.get(0)),
        distinct,
        separator.getValueAs(String.class),
        output);
  }

  /** By what rows are ordered. */
  private record Order(String flags, List<RexNode> keys) {}

  private static Order orderOf(List<RexNode> arguments, int from) {
    return arguments.size() == from
        ? new Order("", List.of())
        : new Order(
            ((RexLiteral) RexUtil.removeCast(arguments.get(from))).getValueAs(String.class),
            arguments.subList(from + 1, arguments.size()));
  }

  /** A call that collects an entry of every row. */
  private Derived collected(
      AggregateKind kind,
      RexNode value,
      Order given,
      RexNode filter,
      boolean distinct,
      String separator,
      Field output) {
    Order order = given;
    if (distinct && !order.keys.isEmpty()) {
      checkDistinct(kind, value, order);
    }
    boolean keyed = !order.keys.isEmpty();
    boolean timed = !keyed && !distinct;
    return Derived.plain(
        new AggregateCall(
            kind,
            List.of(entry(order, value)),
            distinct,
            filter,
            timed ? eventTime.get() : null,
            output,
            AggregateDetail.entries(separator, keyed)));
  }

  /** Of equal values one is taken: they must not stand in several places. */
  private static void checkDistinct(AggregateKind kind, RexNode value, Order order) {
    RexNode plain = RexUtil.removeCast(value);
    if (!order.keys.stream().allMatch(key -> RexUtil.removeCast(key).equals(plain))) {
      throw new LaminarException(
              ErrorCode.NOT_SUPPORTED,
              kind + " with DISTINCT is ordered by something else than its value.")
          .mend("Order by the value, or leave ORDER BY out: it is ordered by value then.");
    }
  }

  private RexNode entry(Order order, RexNode value) {
    List<RexNode> operands = new ArrayList<>();
    operands.add(rex.makeLiteral(order.flags));
    operands.addAll(order.keys);
    operands.add(value);
    return rex.makeCall(Functions.ENTRY, operands);
  }

  private RexNode notNull(RexNode filter, RexNode value) {
    if (!value.getType().isNullable()) {
      return filter;
    }
    RexNode present = rex.makeCall(SqlStdOperatorTable.IS_NOT_NULL, value);
    return filter == null ? present : rex.makeCall(SqlStdOperatorTable.AND, filter, present);
  }

  /** FIRST(x ORDER BY ..) is the value of the least entry: of equal keys, the least value. */
  private Derived extreme(boolean first, List<RexNode> arguments, RexNode filter, Field output) {
    return extreme(first, arguments.get(0), orderOf(arguments, 1), filter, output);
  }

  /** ARG_MIN(x, y) or ARG_MAX by a key that is no number. */
  Derived byKey(boolean least, RexNode value, RexNode key, RexNode filter, Field output) {
    return extreme(least, value, new Order("0", List.of(key)), filter, output);
  }

  private Derived extreme(boolean first, RexNode value, Order order, RexNode filter, Field output) {
    Field entry = new Field(output.name(), DataType.VARBINARY, output.nullable(), false);
    AggregateCall call =
        new AggregateCall(
            first ? AggregateKind.MIN : AggregateKind.MAX,
            List.of(entry(order, value)),
            false,
            filter,
            null,
            entry);
    RelDataType type =
        rex.getTypeFactory()
            .createTypeWithNullability(
                value.getType(), output.nullable() || value.getType().isNullable());
    return new Derived(
        List.of(call), columns -> rex.makeCall(type, Functions.ENTRY_VALUE, columns));
  }
}
