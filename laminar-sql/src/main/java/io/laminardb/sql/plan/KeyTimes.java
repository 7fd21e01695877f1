package io.laminardb.sql.plan;

import io.laminardb.core.operator.window.KeyTime;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.catalog.EventTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.rex.RexInputRef;
import org.apache.calcite.rex.RexNode;

/** Finds out which windows close by the time of their own key. */
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
    if (!(input.base() instanceof PlanNode.Scan scan)
        || window.kind() == WindowSpec.Kind.SESSION
        || emissions.kind() == QueryKind.SNAPSHOT) {
      return null;
    }
    CatalogObject source = catalog.find(scan.object());
    EventTime time = source == null ? null : source.eventTime();
    if (time == null
        || time.key().isEmpty()
        || !(window.time() instanceof RexInputRef column)
        || column.getIndex() != time.column()) {
      return null;
    }
    List<Integer> outputs = new ArrayList<>();
    for (int part : time.key()) {
      int at = 0;
      while (at < keys.size()
          && !(keys.get(at) instanceof RexInputRef key && key.getIndex() == part)) {
        at++;
      }
      if (at == keys.size()) {
        return null;
      }
      outputs.add(at);
    }
    return new KeyTime(scan.schema(), time.key(), outputs, time.column(), time.delayNs());
  }
}
