package io.laminardb.internal.database;

import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.CatalogSnapshot;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.plan.Definitions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What objects are made of: sources and tables, whose rows are in the journal or not. */
public final class Origins {
  private Origins() {}

  /**
   * A source or table whose rows are in no journal and that one of some objects is made of, directly or
   * not; null where there is none.
   *
   * @param mode of sources that do not say one
   */
  public static CatalogObject unwritten(
      CatalogSnapshot catalog, List<String> names, DurabilityMode mode) {
    List<String> open = new ArrayList<>(names);
    Set<String> seen = new HashSet<>();
    while (!open.isEmpty()) {
      String name = open.remove(open.size() - 1);
      CatalogObject next = seen.add(name.toLowerCase(Locale.ROOT)) ? catalog.find(name) : null;
      if (next == null) {
        continue;
      }
      boolean isInput = next.kind() == ObjectKind.SOURCE || next.isTable();
      DurabilityMode own = isInput ? Definitions.durability(next) : null;
      if (isInput && (own == null ? mode : own) == DurabilityMode.NONE) {
        return next;
      }
      open.addAll(next.upstreams());
    }
    return null;
  }
}
