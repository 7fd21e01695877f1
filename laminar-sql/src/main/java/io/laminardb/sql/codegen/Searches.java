package io.laminardb.sql.codegen;

import com.google.common.collect.BoundType;
import com.google.common.collect.Range;
import io.laminardb.core.batch.DataType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexUnknownAs;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.util.NlsString;
import org.apache.calcite.util.Sarg;

/** SEARCH: a value in a set of points and ranges, which is what IN and BETWEEN become. */
final class Searches {
  /** From how many points on a set is looked up instead of compared with one by one. */
  private static final int LOOKUP = 5;

  private final ExpressionCompiler compiler;

  Searches(ExpressionCompiler compiler) {
    this.compiler = compiler;
  }

  Value compile(RexCall call, CodeBuffer code) {
    Value value = compiler.compile(call.getOperands().get(0), code);
    RexLiteral literal = (RexLiteral) call.getOperands().get(1);
    Sarg<?> sarg = literal.getValueAs(Sarg.class);
    RexUnknownAs unknown = sarg.nullAs;
    String within = value.isNullLiteral() ? "false" : within(value, sarg, code);
    if (!value.isNullable()) {
      return Value.of(DataType.BOOLEAN, within);
    }
    return switch (unknown) {
      case TRUE -> Value.of(DataType.BOOLEAN, "(" + value.isNull() + " || " + within + ")");
      case FALSE -> Value.of(DataType.BOOLEAN, "(!" + value.isNull() + " && " + within + ")");
      case UNKNOWN ->
          new Value(
              DataType.BOOLEAN, "(!" + value.isNull() + " && " + within + ")", value.isNull());
    };
  }

  private String within(Value value, Sarg<?> sarg, CodeBuffer code) {
    boolean negated = sarg.isComplementedPoints();
    Sarg<?> points = negated ? sarg.negate() : sarg;
    if (points.isPoints() && points.pointCount >= LOOKUP) {
      String found = lookup(value, points);
      if (found != null) {
        return negated ? "(!" + found + ")" : found;
      }
    }
    List<String> terms = new ArrayList<>();
    for (Range<?> range : points.rangeSet.asRanges()) {
      terms.add(range(value, range));
    }
    if (terms.isEmpty()) {
      return String.valueOf(negated);
    }
    String any = terms.size() == 1 ? terms.get(0) : "(" + String.join(" || ", terms) + ")";
    if (terms.size() > 1 || negated) {
      String copy = compiler.kernel().fresh("within");
      String guard = value.isNullable() ? "!" + value.isNull() + " && " : "";
      code.line("boolean " + copy + " = " + guard + (negated ? "!" + any : any) + ";");
      return copy;
    }
    return any;
  }

  private String range(Value value, Range<?> range) {
    if (range.hasLowerBound()
        && range.hasUpperBound()
        && range.lowerEndpoint().equals(range.upperEndpoint())) {
      return compare(SqlKind.EQUALS, value, range.lowerEndpoint());
    }
    List<String> bounds = new ArrayList<>();
    if (range.hasLowerBound()) {
      bounds.add(
          compare(
              range.lowerBoundType() == BoundType.CLOSED
                  ? SqlKind.GREATER_THAN_OR_EQUAL
                  : SqlKind.GREATER_THAN,
              value,
              range.lowerEndpoint()));
    }
    if (range.hasUpperBound()) {
      bounds.add(
          compare(
              range.upperBoundType() == BoundType.CLOSED
                  ? SqlKind.LESS_THAN_OR_EQUAL
                  : SqlKind.LESS_THAN,
              value,
              range.upperEndpoint()));
    }
    return bounds.isEmpty() ? "true" : "(" + String.join(" && ", bounds) + ")";
  }

  private String compare(SqlKind kind, Value value, Comparable<?> point) {
    Value bound = compiler.literals().point(point, value.type());
    return compiler.comparisons().compareWithLiteral(kind, value, bound);
  }

  /** A hash set of texts or whole numbers, or null for other types. */
  private String lookup(Value value, Sarg<?> points) {
    KernelClass<?> kernel = compiler.kernel();
    List<Comparable<?>> members = new ArrayList<>();
    for (Range<?> range : points.rangeSet.asRanges()) {
      members.add((Comparable<?>) range.lowerEndpoint());
    }
    if (value.type().kind() == DataType.Kind.VARCHAR && members.get(0) instanceof NlsString) {
      String[] texts = members.stream().map(m -> ((NlsString) m).getValue()).toArray(String[]::new);
      String constant = kernel.constant(texts);
      String set = kernel.field("TextSet", "texts", "new TextSet(" + constant + ")");
      return set + ".contains(" + value.java() + ")";
    }
    if (RexTypes.isInteger(value.type()) && members.get(0) instanceof BigDecimal) {
      long[] numbers = new long[members.size()];
      for (int i = 0; i < numbers.length; i++) {
        BigDecimal number = (BigDecimal) members.get(i);
        if (number.stripTrailingZeros().scale() > 0 || number.precision() - number.scale() > 18) {
          return null;
        }
        numbers[i] = number.longValueExact();
      }
      String constant = kernel.constant(numbers);
      String set = kernel.field("LongSet", "numbers", "new LongSet(" + constant + ")");
      return set + ".contains(" + value.java() + ")";
    }
    return null;
  }
}
