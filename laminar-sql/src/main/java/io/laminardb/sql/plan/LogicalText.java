package io.laminardb.sql.plan;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.calcite.rel.RelNode;
import org.apache.calcite.rel.core.AggregateCall;
import org.apache.calcite.rel.externalize.RelWriterImpl;
import org.apache.calcite.rex.RexNode;
import org.apache.calcite.util.Pair;

/**
 * Calcite's plan as text for EXPLAIN LOGICAL: one line a relation, inputs indented below it, and
 * expressions as a user writes them.
 */
final class LogicalText extends RelWriterImpl {
  private LogicalText(PrintWriter out) {
    super(out);
  }

  static String of(RelNode rel) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    rel.explain(new LogicalText(out));
    out.flush();
    return text.toString();
  }

  @Override
  protected void explain_(RelNode rel, List<Pair<String, Object>> values) {
    List<String> names = new ArrayList<>();
    rel.getInputs().forEach(input -> names.addAll(input.getRowType().getFieldNames()));
    List<String> items = new ArrayList<>();
    for (Pair<String, Object> item : values) {
      if (!(item.right instanceof RelNode)) {
        items.add(item.left + "=[" + value(item.right, names) + "]");
      }
    }
    StringBuilder line = new StringBuilder();
    spacer.spaces(line);
    line.append(rel.getRelTypeName());
    line.append(items.isEmpty() ? "" : "(" + String.join(", ", items) + ")");
    pw.append(line).append('\n');
    spacer.add(2);
    rel.getInputs().forEach(input -> input.explain(this));
    spacer.subtract(2);
  }

  private static String value(Object value, List<String> names) {
    IntFunction<String> columns = i -> i < names.size() ? names.get(i) : "$" + i;
    if (value instanceof RexNode expression) {
      return RexText.whole(expression, columns);
    }
    return value instanceof AggregateCall
        ? RexText.named(value.toString(), columns)
        : String.valueOf(value);
  }
}
