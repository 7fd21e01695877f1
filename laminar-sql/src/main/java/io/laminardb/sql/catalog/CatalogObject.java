package io.laminardb.sql.catalog;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.sql.parser.ObjectKind;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A source, stream, view, table or sink. Immutable.
 *
 * @param kind what it is
 * @param name as declared; matched ignoring case
 * @param schema its columns, hidden ones included
 * @param eventTime of a source: what its watermark follows, or null while nothing is chosen
 * @param timeColumns of anything but a source: its time attributes
 * @param primaryKey column indexes; empty where there is none
 * @param changelogMode what a row means
 * @param idleTimeoutNs of a source: after how long without rows it holds nobody back; 0 for never
 * @param options of WITH and of the connector, as text, in the order written
 * @param sql the statement that made it
 * @param upstreams names of what it reads
 */
public record CatalogObject(
    ObjectKind kind,
    String name,
    Schema schema,
    EventTime eventTime,
    List<TimeColumn> timeColumns,
    List<Integer> primaryKey,
    ChangelogMode changelogMode,
    long idleTimeoutNs,
    Map<String, String> options,
    String sql,
    List<String> upstreams) {
  public CatalogObject {
    requireNonNull(kind, "kind");
    requireNonNull(name, "name");
    requireNonNull(schema, "schema");
    requireNonNull(changelogMode, "changelogMode");
    timeColumns = List.copyOf(timeColumns);
    primaryKey = List.copyOf(primaryKey);
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    upstreams = List.copyOf(upstreams);
  }

  /** The same source with its event time chosen. */
  public CatalogObject withEventTime(EventTime chosen) {
    return new CatalogObject(
        kind,
        name,
        schema,
        chosen,
        timeColumns,
        primaryKey,
        changelogMode,
        idleTimeoutNs,
        options,
        sql,
        upstreams);
  }

  /** The text of an option, its name in any case; null where it is not given. */
  public String option(String option) {
    for (Map.Entry<String, String> each : options.entrySet()) {
      if (each.getKey().equalsIgnoreCase(option)) {
        return each.getValue();
      }
    }
    return null;
  }

  /** Whether it is a table, of either kind. */
  public boolean isTable() {
    return kind == ObjectKind.TABLE || kind == ObjectKind.LOOKUP_TABLE;
  }

  /** Whether it is a materialized view. */
  public boolean isView() {
    return kind == ObjectKind.MATERIALIZED_VIEW;
  }

  /** Whether its whole content can be read at any moment. */
  public boolean isMaterialized() {
    return switch (kind) {
      case MATERIALIZED_VIEW, TABLE, LOOKUP_TABLE -> true;
      case SOURCE, STREAM, SINK -> false;
    };
  }

  /** As in messages: {@code source "trades"}. */
  public String describe() {
    return kind.sql().toLowerCase(java.util.Locale.ROOT) + " \"" + name + "\"";
  }
}
