package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.EventTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/** Finds out which windows close, and which partitions go on, by the time of their own key. */
final class KeyTimes {
  private KeyTimes() {}

  /**
   * How windows close by key: they are read from a source that has a watermark a key, over its event
   * time, and grouped by that key at least. Null for all others, which follow the source's watermark.
   */
  static KeyTime of(
      CatalogSnapshot catalog,
      Emissions emissions,
      Pipe input,
      WindowSpec window,
      List<RexNode> keys) {
    EventTime time = eventTime(catalog, emissions, input);
    if (time == null
        || !(window.time() instanceof RexInputRef column)
        || column.getIndex() != time.column()) {
      return null;
    }
    List<Integer> outputs = new ArrayList<>();
    for (int part : time.key()) {
      int at = columnOf(part, keys);
      if (at < 0) {
        return null;
      }
      outputs.add(at);
    }
    Schema schema = input.base().schema();
    return new KeyTime(schema, time.key(), outputs, time.column(), time.delayNs());
  }

  /**
   * How partitions go on by key: they are of all rows of a source that has a watermark a key, in the
   * order of its event time, and by that key at least. Null for all others.
   *
   * @param values the columns that {@code rows} have, over the base of {@code input}
   * @param rows what is partitioned
   * @param order the column that comes first in their order
   */
  static KeyTime ofPartitions(
      CatalogSnapshot catalog,
      Emissions emissions,
      Pipe input,
      List<RexNode> values,
      Schema rows,
      List<Integer> partition,
      int order) {
    EventTime time = eventTime(catalog, emissions, input);
    if (time == null
        || input.condition() != null // a row that is not there does not say what time it is
        || columnOf(time.column(), values) != order) {
      return null;
    }
    List<Integer> columns = time.key().stream().map(part -> columnOf(part, values)).toList();
    return partition.containsAll(columns)
        ? new KeyTime(rows, columns, columns, order, time.delayNs())
        : null;
  }

  /** The event time of a source that has a watermark a key, and is read directly; else null. */
  private static EventTime eventTime(CatalogSnapshot catalog, Emissions emissions, Pipe input) {
    if (!(input.base() instanceof PlanNode.Scan scan) || emissions.kind() == QueryKind.SNAPSHOT) {
      return null;
    }
    CatalogObject source = catalog.find(scan.object());
    EventTime time = source == null ? null : source.eventTime();
    return time == null || time.key().isEmpty() ? null : time;
  }

  private static int columnOf(int column, List<RexNode> values) {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) instanceof RexInputRef value && value.getIndex() == column) {
        return i;
      }
    }
    return -1;
  }
}
