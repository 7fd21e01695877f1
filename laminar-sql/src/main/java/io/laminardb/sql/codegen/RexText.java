package io.laminardb.sql.codegen;

import io.laminardb.core.batch.Schema;
import io.laminardb.sql.function.EntryText;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.function.LambdaFunction;
import io.laminardb.sql.function.LambdaParameter;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexCall;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexLiteral;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlSyntax;
import org.apache.calcite.sql.type.SqlTypeName;

/** Expressions as a person would write them, with column names: for comments, errors and EXPLAIN. */
public final class RexText {
  private static final int LONGEST = 400;

  private final Schema input;

  private RexText(Schema input) {
    this.input = input;
  }

  /** The text of an expression over {@code input}, shortened when it is very long. */
  public static String of(RexNode node, Schema input) {
    String text = new RexText(input).text(node);
    return (text.length() > LONGEST ? text.substring(0, LONGEST - 3) + "..." : text)
        .replace('\n', ' ')
        .replace('\r', ' ');
  }

  private String text(RexNode node) {
    if (node instanceof RexInputRef ref) {
      return input.field(ref.getIndex()).name();
    }
    if (node instanceof RexLiteral literal) {
      return literal(literal);
    }
    return node instanceof RexCall call ? call(call) : node.toString();
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
    if (RexTypes.isInterval(literal.getType())) {
      return "INTERVAL "
          + literal.getValue()
          + (RexTypes.isMonths(literal.getType()) ? " MONTH" : " MS");
    }
    return SqlTypeName.NUMERIC_TYPES.contains(literal.getType().getSqlTypeName())
        ? String.valueOf(literal.getValue4())
        : String.valueOf(literal.getValue());
  }

  private String call(RexCall call) {
    if (call.getOperator() instanceof LambdaParameter) {
      return call.getOperator().getName();
    } else if (call.getOperator() instanceof LambdaFunction function) {
      return lambda(call, function);
    }
    List<String> operands = new ArrayList<>();
    for (RexNode operand : call.getOperands()) {
      boolean binary = operand instanceof RexCall inner && isBinary(inner) && isBinary(call);
      operands.add(binary ? "(" + text(operand) + ")" : text(operand));
    }
    if (call.getOperator() == Functions.ENTRY) {
      return EntryText.of(Literals.text((RexLiteral) call.getOperands().get(0)), operands);
    }
    if (isBinary(call)) {
      return String.join(" " + call.getOperator().getName() + " ", operands);
    }
    SqlKind kind = call.getKind();
    if (kind == SqlKind.CAST || kind == SqlKind.SAFE_CAST) {
      return (kind == SqlKind.CAST ? "CAST(" : "TRY_CAST(")
          + operands.get(0)
          + " AS "
          + call.getType()
          + ")";
    }
    if (call.getOperator().getSyntax() == SqlSyntax.POSTFIX) {
      return operands.get(0) + " " + call.getOperator().getName();
    }
    if (kind == SqlKind.MINUS_PREFIX) {
      return "-" + operands.get(0);
    }
    if (kind == SqlKind.CASE) {
      return caseText(operands);
    }
    return call.getOperator().getName() + "(" + String.join(", ", operands) + ")";
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

  private static boolean isBinary(RexCall call) {
    return call.getOperator().getSyntax() == SqlSyntax.BINARY
        || call.getOperator().getName().length() <= 2 && call.getOperands().size() == 2;
  }

  private static String caseText(List<String> operands) {
    StringBuilder text = new StringBuilder("CASE");
    int i = 0;
    for (; i + 1 < operands.size(); i += 2) {
      text.append(" WHEN ").append(operands.get(i)).append(" THEN ").append(operands.get(i + 1));
    }
    return text.append(" ELSE ").append(operands.get(i)).append(" END").toString();
  }
}
