package io.laminardb.sql.plan;

import com.google.common.collect.Range;
import io.laminardb.core.batch.Schema;
import io.laminardb.sql.function.EntryText;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.function.LambdaFunction;
import io.laminardb.sql.function.LambdaParameter;
import io.laminardb.sql.validate.BoundParameter;
import io.laminardb.sql.validate.Intervals;
import io.laminardb.sql.validate.Types;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.calcite.rel.type.RelDataType;
import org.apache.calcite.rex.RexBuilder;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexFieldAccess;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.rex.RexOver;
import org.apache.calcite.rex.RexSubQuery;
import org.apache.calcite.rex.RexUnknownAs;
import org.apache.calcite.rex.RexUtil;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlOperator;
import org.apache.calcite.sql.SqlSyntax;
import org.apache.calcite.sql.type.SqlTypeName;
import org.apache.calcite.sql.type.SqlTypeUtil;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.Sarg;
import org.apache.calcite.util.TimeString;
import org.apache.calcite.util.TimestampString;

/** Expressions as a person would write them, with column names: for comments, errors and EXPLAIN. */
public final class RexText {
  private static final int LONGEST = 400;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final Pattern REFERENCE = Pattern.compile("\\$(\\d+)");

  // How strongly operators bind; between these are OR 1, AND 2, + 5, * 6 and - before a value 7.
  private static final int NEGATION = 3;
  private static final int COMPARISON = 4;
  private static final int ATOM = 8;

  private static final RexBuilder REX = new RexBuilder(Types.factory());

  private final IntFunction<String> columns;

  private RexText(IntFunction<String> columns) {
    this.columns = columns;
  }

  /** The text of an expression over {@code input}, shortened when it is very long. */
  public static String of(RexNode node, Schema input) {
    String text = whole(node, column -> input.field(column).name());
    return text.length() > LONGEST ? text.substring(0, LONGEST - 3) + "..." : text;
  }

  /**
   * The text of an expression on one line, however long it is.
   *
   * @param columns the names of the columns it reads
   */
  public static String whole(RexNode node, IntFunction<String> columns) {
    RexText printer = new RexText(columns);
    return printer.text(node).replace('\n', ' ').replace('\r', ' ');
  }

  private String text(RexNode written) {
    RexNode node = spelledOut(written);
    if (node instanceof RexInputRef ref) {
      return columns.apply(ref.getIndex());
    }
    if (node instanceof RexLiteral literal) {
      return literal(literal);
    }
    if (node instanceof RexFieldAccess access) {
      return text(access.getReferenceExpr()) + "." + access.getField().getName();
    }
    return node instanceof RexCall call && !(node instanceof RexSubQuery)
        ? call(call)
        : node.toString();
  }

  private static String literal(RexLiteral literal) {
    if (literal.isNull()) {
      return "NULL";
    }
    if (literal.getTypeName() == SqlTypeName.SARG
        || literal.getType().getSqlTypeName() == SqlTypeName.SYMBOL) {
      return String.valueOf(literal.getValue());
    }
    if (SqlTypeName.CHAR_TYPES.contains(literal.getType().getSqlTypeName())) {
      return "'" + literal.getValueAs(String.class).replace("'", "''") + "'";
    }
    if (SqlTypeUtil.isInterval(literal.getType())) {
      return "INTERVAL "
          + (SqlTypeName.YEAR_INTERVAL_TYPES.contains(literal.getType().getSqlTypeName())
              ? literal.getValue() + " MONTH"
              : Intervals.text(literal.getValueAs(BigDecimal.class).longValue() * NANOS_PER_MILLI));
    }
    return switch (literal.getType().getSqlTypeName()) {
      case DATE -> "DATE '" + literal.getValueAs(DateString.class) + "'";
      case TIME -> "TIME '" + literal.getValueAs(TimeString.class) + "'";
      case TIMESTAMP, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
          "TIMESTAMP '" + literal.getValueAs(TimestampString.class) + "'";
      default ->
          String.valueOf(
              SqlTypeName.NUMERIC_TYPES.contains(literal.getType().getSqlTypeName())
                  ? literal.getValue4()
                  : literal.getValue());
    };
  }

  private String call(RexCall call) {
    SqlOperator operator = call.getOperator();
    if (operator instanceof LambdaParameter) {
      return operator.getName();
    } else if (operator instanceof LambdaFunction function) {
      return lambda(call, function);
    } else if (operator instanceof BoundParameter) {
      return "?";
    } else if (call instanceof RexOver over) {
      return function(call) + " OVER (" + named(over.getWindow().toString(), columns) + ")";
    } else if (isInfix(call)) {
      return infix(call);
    }
    List<RexNode> operands = call.getOperands();
    if (operator == Functions.ENTRY) {
      return EntryText.of(RexLiteral.stringValue(operands.get(0)), texts(operands));
    } else if (operator.getSyntax() == SqlSyntax.POSTFIX) {
      return within(operands.get(0), precedence(call) + 1) + " " + operator.getName();
    }
    return switch (call.getKind()) {
      case CAST, SAFE_CAST ->
          (call.getKind() == SqlKind.CAST ? "CAST(" : "TRY_CAST(")
              + text(operands.get(0))
              + " AS "
              + call.getType()
              + ")";
      case MINUS_PREFIX -> "-" + within(operands.get(0), ATOM);
      case NOT -> negation(operands.get(0));
      case LIKE, SIMILAR -> like(call, " ");
      case SEARCH -> within(operands.get(0), precedence(call) + 1) + list(call);
      case ITEM -> within(operands.get(0), ATOM) + "[" + text(operands.get(1)) + "]";
      case EXTRACT -> "EXTRACT(" + String.join(" FROM ", texts(operands)) + ")";
      case CASE -> caseText(texts(operands));
      default -> function(call);
    };
  }

  private List<String> texts(List<RexNode> operands) {
    return operands.stream().map(this::text).toList();
  }

  /** The operand in parentheses where it binds less than {@code precedence}. */
  private String within(RexNode operand, int precedence) {
    return precedence(operand) < precedence ? "(" + text(operand) + ")" : text(operand);
  }

  private String function(RexCall call) {
    String name = call.getOperator().getName();
    return (name.startsWith("$") ? name.substring(1) : name)
        + "("
        + String.join(", ", texts(call.getOperands()))
        + ")";
  }

  /** {@code a + b + c}, but {@code a - (b + c)}. */
  private String infix(RexCall call) {
    int precedence = precedence(call);
    boolean chained = call.getKind() == SqlKind.AND || call.getKind() == SqlKind.OR;
    StringBuilder text = new StringBuilder();
    for (RexNode operand : call.getOperands()) {
      boolean first = text.length() == 0;
      boolean leans = chained || first && precedence > COMPARISON;
      text.append(first ? "" : " " + call.getOperator().getName() + " ");
      text.append(within(operand, leans ? precedence : precedence + 1));
    }
    return text.toString();
  }

  private String negation(RexNode negated) {
    return negated instanceof RexCall call && isPattern(call)
        ? like(call, " NOT ")
        : "NOT " + within(negated, NEGATION);
  }

  private String like(RexCall call, String before) {
    List<String> operands =
        call.getOperands().stream().map(operand -> within(operand, COMPARISON + 1)).toList();
    return operands.get(0)
        + before
        + call.getOperator().getName()
        + " "
        + String.join(" ESCAPE ", operands.subList(1, operands.size()));
  }

  private static boolean isPattern(RexCall call) {
    return call.getKind() == SqlKind.LIKE || call.getKind() == SqlKind.SIMILAR;
  }

  /** Comparisons in place of a SEARCH that is no list. */
  private static RexNode spelledOut(RexNode node) {
    return node.getKind() == SqlKind.SEARCH && !isList((RexCall) node)
        ? RexUtil.expandSearch(REX, null, node)
        : node;
  }

  private static boolean isList(RexCall search) {
    Sarg<?> sarg = sarg(search);
    boolean takesNull =
        sarg.nullAs != RexUnknownAs.UNKNOWN && search.getOperands().get(0).getType().isNullable();
    return !takesNull && (sarg.isPoints() || sarg.isComplementedPoints());
  }

  /** {@code IN (..)} or {@code NOT IN (..)}, for a SEARCH that is one. */
  private String list(RexCall search) {
    RelDataType type = search.getOperands().get(0).getType();
    Sarg<?> sarg = sarg(search);
    List<String> points = new ArrayList<>();
    for (Range<?> range : (sarg.isPoints() ? sarg : sarg.negate()).rangeSet.asRanges()) {
      points.add(text(point(range.lowerEndpoint(), type)));
    }
    return (sarg.isPoints() ? " IN (" : " NOT IN (") + String.join(", ", points) + ")";
  }

  /** A literal; of some types Calcite makes it with a cast around it, which nobody wrote. */
  private static RexNode point(Object value, RelDataType type) {
    RexNode made = REX.makeLiteral(value, type, true, true);
    return made.isA(SqlKind.CAST) ? ((RexCall) made).getOperands().get(0) : made;
  }

  private static Sarg<?> sarg(RexCall search) {
    return ((RexLiteral) search.getOperands().get(1)).getValueAs(Sarg.class);
  }

  private static int precedence(RexNode written) {
    RexNode node = spelledOut(written);
    if (!(node instanceof RexCall call)) {
      return ATOM;
    }
    return switch (call.getKind()) {
      case OR -> 1;
      case AND -> 2;
      case NOT ->
          call.getOperands().get(0) instanceof RexCall inner && isPattern(inner)
              ? COMPARISON
              : NEGATION;
      case LIKE, SIMILAR, SEARCH -> COMPARISON;
      case TIMES, DIVIDE, MOD -> isInfix(call) ? 6 : ATOM;
      case MINUS_PREFIX -> 7;
      default ->
          call.isA(SqlKind.COMPARISON) || call.getOperator().getSyntax() == SqlSyntax.POSTFIX
              ? COMPARISON
              : isInfix(call) ? 5 : ATOM;
    };
  }

  /** The text of a part of Calcite's with the names of the columns it reads. */
  public static String named(String text, IntFunction<String> columns) {
    return REFERENCE
        .matcher(text)
        .replaceAll(
            found -> Matcher.quoteReplacement(columns.apply(Integer.parseInt(found.group(1)))));
  }

  private String lambda(RexCall call, LambdaFunction function) {
    List<String> operands = call.getOperands().stream().map(this::text).toList();
    List<String> names = operands.subList(1, function.body());
    List<String> written = names.stream().filter(name -> !name.startsWith("#")).toList();
    String parameters =
        written.size() == 1 ? written.get(0) : "(" + String.join(", ", written) + ")";
    List<String> arguments = new ArrayList<>();
    arguments.add(operands.get(0));
    arguments.add(parameters + " -> " + operands.get(function.body()));
    arguments.addAll(operands.subList(function.body() + 1, operands.size()));
    return function.getName() + "(" + String.join(", ", arguments) + ")";
  }

  private static boolean isInfix(RexCall call) {
    String name = call.getOperator().getName();
    return call.getOperator().getSyntax() == SqlSyntax.BINARY
        || call.getOperands().size() == 2 && name.chars().noneMatch(Character::isLetter);
  }

  private static String caseText(List<String> operands) {
    StringBuilder text = new StringBuilder("CASE");
    int i = 0;
    for (; i + 1 < operands.size(); i += 2) {
      text.append(" WHEN ").append(operands.get(i)).append(" THEN ").append(operands.get(i + 1));
    }
    String last = operands.get(i);
    return text.append(last.equals("NULL") ? "" : " ELSE " + last).append(" END").toString();
  }
}
