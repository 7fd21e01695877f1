package io.laminardb.script;

import io.laminardb.Row;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Multisets of rows: adding up changelogs, and comparing with what was expected. */
public final class Content {
  private Content() {}

  /** A row and how often it is there. */
  public record Weighted(Object[] values, int weight) {
    @Override
    public String toString() {
      return (weight == 1 ? "" : (weight > 0 ? "+" : "") + weight + " x ")
          + Arrays.deepToString(values);
    }
  }

  /** The columns that {@code *} shows. */
  public static List<Integer> visible(Schema schema) {
    List<Integer> columns = new ArrayList<>();
    for (int c = 0; c < schema.size(); c++) {
      Field field = schema.field(c);
      if (!field.hidden()) {
        columns.add(c);
      }
    }
    return columns;
  }

  /** A row's visible values. */
  public static Object[] values(Row row) {
    return visible(row.schema()).stream().map(row::getObject).map(Values::written).toArray();
  }

  /** Rows with their weights, in order. */
  public static List<Weighted> of(List<Row> rows) {
    List<Weighted> content = new ArrayList<>();
    for (Row row : rows) {
      content.add(new Weighted(values(row), row.weight()));
    }
    return content;
  }

  /** The same rows, each once with the sum of its weights, without those that cancel out. */
  public static List<Weighted> net(List<Weighted> changes) {
    java.util.LinkedHashMap<List<Object>, Integer> sums = new java.util.LinkedHashMap<>();
    for (Weighted change : changes) {
      sums.merge(key(change.values()), change.weight(), Integer::sum);
    }
    List<Weighted> net = new ArrayList<>();
    sums.forEach(
        (values, weight) -> {
          if (weight != 0) {
            net.add(new Weighted(values.toArray(), weight));
          }
        });
    return net;
  }

  private static List<Object> key(Object[] values) {
    List<Object> key = new ArrayList<>(values.length);
    for (Object value : values) {
      key.add(value instanceof byte[] bytes ? java.nio.ByteBuffer.wrap(bytes) : value);
    }
    return key;
  }

  /**
   * What differs between two multisets, or null when they are the same; numbers need to agree to
   * 1e-9 only.
   */
  public static String difference(List<Weighted> expected, List<Weighted> actual) {
    List<Weighted> missing = expand(expected);
    List<Weighted> surplus = new ArrayList<>();
    for (Weighted row : expand(actual)) {
      int match = -1;
      for (int i = 0; i < missing.size() && match < 0; i++) {
        if (same(missing.get(i), row)) {
          match = i;
        }
      }
      if (match >= 0) {
        missing.remove(match);
      } else {
        surplus.add(row);
      }
    }
    if (missing.isEmpty() && surplus.isEmpty()) {
      return null;
    }
    return "missing " + text(missing) + "\nunexpected " + text(surplus);
  }

  /** As {@link #difference}, in this order. */
  public static String differenceInOrder(List<Weighted> expected, List<Weighted> actual) {
    boolean same = expected.size() == actual.size();
    for (int i = 0; same && i < expected.size(); i++) {
      same = same(expected.get(i), actual.get(i));
    }
    return same ? null : "expected " + text(expected) + "\nactual " + text(actual);
  }

  private static List<Weighted> expand(List<Weighted> rows) {
    List<Weighted> all = new ArrayList<>();
    for (Weighted row : rows) {
      for (int i = 0; i < Math.abs(row.weight()); i++) {
        all.add(new Weighted(row.values(), Integer.signum(row.weight())));
      }
    }
    return all;
  }

  private static boolean same(Weighted expected, Weighted actual) {
    if (expected.weight() != actual.weight()
        || expected.values().length != actual.values().length) {
      return false;
    }
    for (int c = 0; c < expected.values().length; c++) {
      if (!Values.same(expected.values()[c], plain(actual.values()[c]))) {
        return false;
      }
    }
    return true;
  }

  private static Object plain(Object value) {
    return value instanceof java.nio.ByteBuffer bytes ? bytes.array() : value;
  }

  /** Rows a line each. */
  public static String text(List<Weighted> rows) {
    if (rows.isEmpty()) {
      return "nothing";
    }
    StringBuilder text = new StringBuilder();
    for (Weighted row : rows) {
      text.append("\n    ").append(row);
    }
    return text.toString();
  }
}
