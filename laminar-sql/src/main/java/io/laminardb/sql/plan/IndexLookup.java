package io.laminardb.sql.plan;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Schema;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.calcite.plan.RelOptUtil;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.TimestampString;

/**
 * Rows of one table or view that a snapshot query needs, as its conditions say what some columns are
 * equal to. The conditions stay in the query.
 *
 * @param object the table or view, which the query reads once
 * @param columns those of an index
 * @param keys a value for each of the columns, of each key looked up; of the classes Long, Float,
 *     Double, BigDecimal, String, Boolean, LocalDate and LocalDateTime
 */
public record IndexLookup(String object, List<Integer> columns, List<List<Object>> keys) {
  private static final int MAX_KEYS = 256;

  public IndexLookup {
    columns = List.copyOf(columns);
    keys = keys.stream().map(List::copyOf).toList();
  }

  /**
   * The lookups a query allows.
   *
   * @param indexes the columns of each index of an object, the primary key first
   */
  public static List<IndexLookup> of(
      PlannedQuery query, Function<String, List<List<Integer>>> indexes) {
    List<IndexLookup> lookups = new ArrayList<>();
    for (String object : query.upstreams()) {
      if (scans(query.root(), object) == 1) {
        collect(query.root(), object, indexes.apply(object), lookups);
      }
    }
    return lookups;
  }

  /** What EXPLAIN says of a scan that is served by one of the lookups; null of other operators. */
  public static String note(List<IndexLookup> lookups, PlanNode node) {
    if (node instanceof PlanNode.Scan scan) {
      for (IndexLookup lookup : lookups) {
        if (lookup.object().equals(scan.object())) {
          return lookup.columns().stream()
              .map(column -> scan.schema().field(column).name())
              .collect(Collectors.joining(", ", "index lookup by ", ""));
        }
      }
    }
    return null;
  }

  private static int scans(PlanNode node, String object) {
    int scans = node instanceof PlanNode.Scan scan && scan.object().equals(object) ? 1 : 0;
    for (PlanNode input : node.inputs()) {
      scans += scans(input, object);
    }
    return scans;
  }

  private static void collect(
      PlanNode node, String object, List<List<Integer>> indexes, List<IndexLookup> lookups) {
    RexNode condition =
        node instanceof PlanNode.Calc calc
            ? calc.condition()
            : node instanceof PlanNode.Aggregate aggregate ? aggregate.condition() : null;
    if (condition != null
        && node.inputs().get(0) instanceof PlanNode.Scan scan
        && scan.object().equals(object)) {
      Map<Integer, List<Object>> equal = equalities(condition, scan.schema());
      for (List<Integer> columns : indexes) {
        List<List<Object>> keys = equal.keySet().containsAll(columns) ? keys(columns, equal) : null;
        if (keys != null) {
          lookups.add(new IndexLookup(object, columns, keys));
          return;
        }
      }
    }
    node.inputs().forEach(input -> collect(input, object, indexes, lookups));
  }

  /** All combinations of values, or null where they are too many. */
  private static List<List<Object>> keys(List<Integer> columns, Map<Integer, List<Object>> equal) {
    List<List<Object>> keys = List.of(List.of());
    for (int column : columns) {
      List<List<Object>> longer = new ArrayList<>();
      for (List<Object> key : keys) {
        for (Object value : equal.get(column)) {
          List<Object> next = new ArrayList<>(key);
          next.add(value);
          longer.add(next);
        }
      }
      if (longer.size() > MAX_KEYS) {
        return null;
      }
      keys = longer;
    }
    return keys;
  }

  /** Columns that are equal to one of some values wherever the condition is TRUE. */
  private static Map<Integer, List<Object>> equalities(RexNode condition, Schema schema) {
    Map<Integer, List<Object>> equal = new HashMap<>();
    for (RexNode conjunct : RelOptUtil.conjunctions(condition)) {
      int column = -1;
      List<Object> values = new ArrayList<>();
      for (RexNode alternative : RelOptUtil.disjunctions(conjunct)) {
        int of = alternative(alternative, schema, values);
        column = of >= 0 && (column < 0 || column == of) ? of : Integer.MAX_VALUE;
      }
      if (column >= 0 && column < schema.size()) {
        equal.putIfAbsent(column, values);
      }
    }
    return equal;
  }

  /** The column that is equal to a value, which is added; -1 for any other condition. */
  private static int alternative(RexNode condition, Schema schema, List<Object> values) {
    if (condition.getKind() != SqlKind.EQUALS) {
      return -1;
    }
    RexNode left = ((RexCall) condition).getOperands().get(0);
    RexNode right = ((RexCall) condition).getOperands().get(1);
    int column = column(left);
    RexNode other = right;
    if (column < 0) {
      column = column(right);
      other = left;
    }
    Object value = column < 0 ? null : value(other, schema.field(column).type());
    if (value == null) {
      return -1;
    }
    values.add(value);
    return column;
  }

  /** The column an expression is, widened or not; -1 for others. */
  private static int column(RexNode expression) {
    RexNode plain = Pipe.plain(expression);
    if (plain instanceof RexCall cast
        && cast.getKind() == SqlKind.CAST
        && SqlTypeName.INT_TYPES.contains(cast.getType().getSqlTypeName())
        && SqlTypeName.INT_TYPES.contains(cast.getOperands().get(0).getType().getSqlTypeName())
        && cast.getType().getPrecision() >= cast.getOperands().get(0).getType().getPrecision()) {
      plain = Pipe.plain(cast.getOperands().get(0));
    }
    return plain instanceof RexInputRef reference ? reference.getIndex() : -1;
  }

  /** A literal as a value that a column can hold; null where it is none, or cannot be held. */
  private static Object value(RexNode expression, DataType type) {
    RexNode plain = Pipe.plain(expression);
    if (plain instanceof RexCall cast
        && cast.getKind() == SqlKind.CAST
        && cast.getOperands().get(0) instanceof RexLiteral literal
        && passes(literal.getType().getSqlTypeName(), cast.getType().getSqlTypeName(), type)) {
      plain = literal;
    }
    if (!(plain instanceof RexLiteral literal) || literal.isNull()) {
      return null;
    }
    SqlTypeName of = literal.getType().getSqlTypeName();
    return switch (type.kind()) {
      case TINYINT, SMALLINT, INTEGER, BIGINT ->
          SqlTypeName.EXACT_TYPES.contains(of) ? integer(literal) : null;
      case DECIMAL ->
          SqlTypeName.EXACT_TYPES.contains(of) ? literal.getValueAs(BigDecimal.class) : null;
      case VARCHAR -> SqlTypeName.CHAR_TYPES.contains(of) ? literal.getValueAs(String.class) : null;
      case BOOLEAN -> of == SqlTypeName.BOOLEAN ? literal.getValueAs(Boolean.class) : null;
      // A value that is equal to the literal is the nearest one to it.
      case REAL -> isNumber(of) ? literal.getValueAs(BigDecimal.class).floatValue() : null;
      case DOUBLE -> isNumber(of) ? literal.getValueAs(BigDecimal.class).doubleValue() : null;
      case DATE ->
          of == SqlTypeName.DATE
              ? LocalDate.parse(literal.getValueAs(DateString.class).toString())
              : null;
      case TIMESTAMP -> of == SqlTypeName.TIMESTAMP ? timestamp(literal, type) : null;
      default -> null;
    };
  }

  /** Whether a cast of a literal is what {@link #value} makes of it anyway. */
  private static boolean passes(SqlTypeName from, SqlTypeName to, DataType column) {
    boolean whole = SqlTypeName.INT_TYPES.contains(to) && SqlTypeName.INT_TYPES.contains(from);
    boolean approximate =
        SqlTypeName.APPROX_TYPES.contains(to)
            && (to == SqlTypeName.REAL) == (column.kind() == DataType.Kind.REAL);
    return whole || approximate && isNumber(from);
  }

  private static boolean isNumber(SqlTypeName type) {
    return SqlTypeName.NUMERIC_TYPES.contains(type);
  }

  /** A literal with more digits than the column has is equal to none of its values. */
  private static LocalDateTime timestamp(RexLiteral literal, DataType type) {
    String text = literal.getValueAs(TimestampString.class).toString();
    LocalDateTime value = LocalDateTime.parse(text.replace(' ', 'T'));
    long nanos = value.getNano();
    return nanos % type.nanosPerUnit() == 0 ? value : null;
  }

  private static Long integer(RexLiteral literal) {
    try {
      return literal.getValueAs(BigDecimal.class).longValueExact();
    } catch (ArithmeticException e) {
      return null; // no row has it, as the condition finds out
    }
  }
}
