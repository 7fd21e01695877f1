package io.laminardb.sql.catalog;

import io.laminardb.core.runtime.Alignment;
import java.util.List;

/**
 * The column of a source its watermark follows.
 *
 * @param column index in the schema
 * @param delayNs how far the watermark trails the greatest time seen, in nanoseconds
 * @param declared whether the source declares it; otherwise the first windowed query chose it
 * @param key columns whose values have watermarks of their own; empty for one of all
 * @param alignment with which sources it keeps pace, or null
 */
public record EventTime(
    int column, long delayNs, boolean declared, List<Integer> key, Alignment alignment) {
  public EventTime {
    key = List.copyOf(key);
  }

  /** One watermark of all rows, which keeps pace with nobody. */
  public EventTime(int column, long delayNs, boolean declared) {
    this(column, delayNs, declared, List.of(), null);
  }
}
