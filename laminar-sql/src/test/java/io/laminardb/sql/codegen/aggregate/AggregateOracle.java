package io.laminardb.sql.codegen.aggregate;

import io.laminardb.sql.plan.PlanNode.AggregateCall;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.apache.calcite.rex.RexInputRef;

/** Aggregates over rows in plain Java, the slow way. Arguments and filters are columns. */
final class AggregateOracle {
  private AggregateOracle() {}

  static Object result(AggregateCall call, List<List<Object>> rows) {
    List<List<Object>> taken = new ArrayList<>();
    for (List<Object> row : rows) {
      if (call.filter() == null || Boolean.TRUE.equals(row.get(column(call.filter())))) {
        taken.add(row);
      }
    }
    if (call.arguments().isEmpty()) {
      return (long) taken.size();
    }
    int argument = column(call.arguments().get(0));
    switch (call.kind()) {
      case FIRST, LAST -> {
        return timed(call, taken, argument);
      }
      default -> {}
    }
    List<Object> values = new ArrayList<>();
    for (List<Object> row : taken) {
      if (row.get(argument) != null) {
        values.add(row.get(argument));
      }
    }
    if (call.distinct()) {
      TreeSet<Object> distinct = new TreeSet<>(AggregateOracle::compare);
      distinct.addAll(values);
      values = new ArrayList<>(distinct);
    }
    return switch (call.kind()) {
      case COUNT -> (long) values.size();
      case SUM -> values.isEmpty() ? null : sum(values);
      case AVG -> values.isEmpty() ? null : mean(values, call);
      case MIN -> values.stream().min(AggregateOracle::compare).orElse(null);
      case MAX -> values.stream().max(AggregateOracle::compare).orElse(null);
      default -> moment(call, values);
    };
  }

  private static int column(Object rex) {
    return ((RexInputRef) rex).getIndex();
  }

  private static Object timed(AggregateCall call, List<List<Object>> rows, int argument) {
    boolean first = call.kind() == io.laminardb.sql.plan.PlanNode.AggregateKind.FIRST;
    int time = call.orderTime() == null ? -1 : column(call.orderTime());
    List<Object> best = null;
    for (List<Object> row : rows) {
      if (best == null || time < 0) {
        best = best == null || !first ? row : best;
        continue;
      }
      int order = Long.compare((Long) row.get(time), (Long) best.get(time));
      if (first ? order < 0 : order >= 0) {
        best = row;
      }
    }
    return best == null ? null : best.get(argument);
  }

  @SuppressWarnings("unchecked")
  static int compare(Object a, Object b) {
    if (a instanceof Double x && b instanceof Double y) {
      return x.doubleValue() == y ? 0 : Double.compare(x, y);
    }
    return ((Comparator<Object>) (Comparator<?>) Comparator.naturalOrder()).compare(a, b);
  }

  private static Object sum(List<Object> values) {
    if (values.get(0) instanceof Long) {
      return values.stream().mapToLong(v -> (Long) v).sum();
    } else if (values.get(0) instanceof BigDecimal) {
      return values.stream().map(v -> (BigDecimal) v).reduce(BigDecimal.ZERO, BigDecimal::add);
    }
    double sum = 0;
    for (Object value : values) {
      sum += (Double) value;
    }
    return sum;
  }

  private static Object mean(List<Object> values, AggregateCall call) {
    Object sum = sum(values);
    if (sum instanceof BigDecimal decimal) {
      return decimal.divide(
          BigDecimal.valueOf(values.size()), call.output().type().scale(), RoundingMode.HALF_UP);
    }
    return ((Number) sum).doubleValue() / values.size();
  }

  private static Object moment(AggregateCall call, List<Object> values) {
    boolean sample = call.kind().name().endsWith("SAMP");
    int n = values.size();
    if (n < (sample ? 2 : 1)) {
      return null;
    }
    double mean = 0;
    for (Object value : values) {
      mean += ((Number) value).doubleValue() / n;
    }
    double squares = 0;
    for (Object value : values) {
      double distance = ((Number) value).doubleValue() - mean;
      squares += distance * distance;
    }
    double variance = squares / (sample ? n - 1 : n);
    return call.kind().name().startsWith("STDDEV") ? Math.sqrt(variance) : variance;
  }
}
