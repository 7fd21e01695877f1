package io.laminardb.sql.plan;

import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupConnector;
import io.laminardb.core.operator.aggregate.UserAggregate;
import io.laminardb.core.operator.match.PatternAutomaton;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.validate.MatchClause;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/** Parts of plans that several queries may have in common, and how they are recognised. */
public final class PlanParts {
  private static final AtomicLong UNKNOWN = new AtomicLong();

  private PlanParts() {}

  /**
   * Whether it is worth a query of its own, and what it gives depends on its inputs alone: nothing is
   * emitted when it begins, and its inputs have no content that comes before their rows.
   *
   * @param isPlain whether an object is a source or stream, and keeps no content
   */
  public static boolean isShareable(PlanNode part, Predicate<String> isPlain) {
    return !(part instanceof PlanNode.Scan)
        && !isProjection(part)
        && !emitsAtStart(part)
        && all(part, node -> !(node instanceof PlanNode.LookupJoin))
        && all(part, node -> !(node instanceof PlanNode.Scan scan) || isPlain.test(scan.object()));
  }

  /** Whether no operator of a plan keeps rows, and none is taken back that came before. */
  public static boolean isStateless(PlanNode root) {
    return !root.schema().isChangelog()
        && all(
            root,
            node ->
                node instanceof PlanNode.Scan
                    || node instanceof PlanNode.Calc
                    || node instanceof PlanNode.Union);
  }

  /** Whether something is emitted before the first row comes. */
  public static boolean emitsAtStart(PlanNode root) {
    return !all(
        root,
        node ->
            !(node instanceof PlanNode.Values || node instanceof PlanNode.Expand)
                && !(node instanceof PlanNode.Aggregate aggregate
                    && aggregate.window() == null
                    && aggregate.keys().isEmpty()));
  }

  private static boolean isProjection(PlanNode part) {
    return part instanceof PlanNode.Calc calc
        && calc.condition() == null
        && calc.projects().stream().allMatch(RexInputRef.class::isInstance);
  }

  private static boolean all(PlanNode node, Predicate<PlanNode> accepted) {
    return accepted.test(node) && node.inputs().stream().allMatch(input -> all(input, accepted));
  }

  /**
   * A text that is the same for parts that do the same, whatever their columns are called. What it does
   * not know makes it one that no other part has.
   */
  public static String digest(PlanNode part) {
    StringBuilder text = new StringBuilder();
    append(part, text);
    return text.toString();
  }

  private static void append(Object value, StringBuilder text) {
    if (value instanceof Field field) {
      text.append(field.type()).append(field.nullable() ? '?' : '!');
    } else if (value instanceof Schema schema) {
      append(schema.fields(), text);
      text.append(schema.isChangelog());
    } else if (value instanceof RexNode expression) {
      text.append(expression).append(':').append(expression.getType().getFullTypeString());
    } else if (value instanceof Collection<?> values) {
      text.append('[');
      values.forEach(each -> append(each, text));
      text.append(']');
    } else if (value instanceof boolean[] flags) {
      text.append(Arrays.toString(flags));
    } else if (value instanceof UserAggregate aggregate) {
      text.append(aggregate.name()); // registered before the database was made, and never again
    } else if (value instanceof MatchClause clause) {
      append(
          List.of(
              clause.patternText(),
              clause.variables(),
              clause.withinNs(),
              clause.rows(),
              clause.skip(),
              clause.partitionColumns(),
              clause.orders(),
              clause.defined()),
          text); // all but places in the statement
    } else if (value instanceof PatternAutomaton) {
      text.append("that of the clause");
    } else if (value instanceof LookupConnector) {
      text.append("that of the table");
    } else if (value instanceof Record record) {
      append(record, text);
    } else if (value == null
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof Enum<?>
        || value instanceof String) {
      text.append(value);
    } else {
      text.append('@').append(UNKNOWN.incrementAndGet());
    }
    text.append(';');
  }

  private static void append(Record value, StringBuilder text) {
    text.append(value.getClass().getSimpleName()).append('(');
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      try {
        component.getAccessor().setAccessible(true);
        append(component.getAccessor().invoke(value), text);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
    text.append(')');
  }

  /** Views of whose open windows a plan reads the rows, each once. */
  public static List<String> openWindows(PlanNode root) {
    return nodes(root).stream()
        .filter(PlanNode.Scan.class::isInstance)
        .map(scan -> ((PlanNode.Scan) scan).object())
        .filter(name -> name.endsWith(CatalogSnapshot.OPEN_WINDOWS))
        .map(name -> name.substring(0, name.length() - CatalogSnapshot.OPEN_WINDOWS.length()))
        .distinct()
        .toList();
  }

  /** Whether the rows of a plan are those of windows, one by one, or of such that are joined. */
  public static boolean isOfWindows(PlanNode root) {
    return root instanceof PlanNode.Calc calc
        ? isOfWindows(calc.input())
        : root instanceof PlanNode.Aggregate aggregate && aggregate.window() != null
            || root instanceof PlanNode.Join join && join.time() != null;
  }

  /** The nodes of a plan, those that read before those that are read. */
  public static List<PlanNode> nodes(PlanNode root) {
    List<PlanNode> nodes = new ArrayList<>(List.of(root));
    root.inputs().forEach(input -> nodes.addAll(nodes(input)));
    return nodes;
  }
}
