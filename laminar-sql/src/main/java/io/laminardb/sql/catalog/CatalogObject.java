package io.laminardb.sql.catalog;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.LookupConnector;
import io.laminardb.core.connector.TableStore;
import io.laminardb.sql.parser.ObjectKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.SqlNode;

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
 * @param lookup what is asked for the rows of a lookup table that lies outside; else null
 * @param query of a plain view: what its name stands for; else null
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
    List<String> upstreams,
    LookupConnector lookup,
    SqlNode query) {
  /** An object that is no plain view. */
  public CatalogObject(
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
      List<String> upstreams,
      LookupConnector lookup) {
    this(
        kind,
        name,
        schema,
        eventTime,
        timeColumns,
        primaryKey,
        changelogMode,
        idleTimeoutNs,
        options,
        sql,
        upstreams,
        lookup,
        null);
  }

  /** An object that lies within. */
  public CatalogObject(
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
    this(
        kind,
        name,
        schema,
        eventTime,
        timeColumns,
        primaryKey,
        changelogMode,
        idleTimeoutNs,
        options,
        sql,
        upstreams,
        null);
  }

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

  /** Whether it is a view whose rows are those of windows, and could say which ones are open. */
  boolean hasWindows() {
    return isView()
        && timeColumns.stream().anyMatch(time -> time.origins().isEmpty())
        && schema.indexOf(CatalogSnapshot.IS_OPEN) < 0;
  }

  /** The same view with a last column that says whether the window of a row is open. */
  CatalogObject withOpenWindows() {
    List<Field> fields = new ArrayList<>(schema.fields());
    fields.add(new Field(CatalogSnapshot.IS_OPEN, DataType.BOOLEAN, false, false));
    return new CatalogObject(
        kind,
        name,
        new Schema(fields, schema.isChangelog()),
        eventTime,
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

  /** The same, which also reads plain views. */
  public CatalogObject reading(List<String> views) {
    List<String> all = new ArrayList<>(upstreams);
    all.addAll(views);
    return new CatalogObject(
        kind,
        name,
        schema,
        eventTime,
        timeColumns,
        primaryKey,
        changelogMode,
        idleTimeoutNs,
        options,
        sql,
        all,
        lookup,
        query);
  }

  /** Whether its rows lie outside, and are asked for by key. */
  public boolean isExternal() {
    return lookup != null;
  }

  /** Where it keeps its rows, which statements read and change; null where it has no store of its own. */
  public TableStore store() {
    return lookup instanceof TableStore store ? store : null;
  }

  /** The same as a table that can be read whole. */
  CatalogObject readWhole() {
    return new CatalogObject(
        kind,
        name,
        schema,
        eventTime,
        timeColumns,
        primaryKey,
        changelogMode,
        idleTimeoutNs,
        options,
        sql,
        upstreams);
  }

  /** Whether it is a table, of either kind, whose rows are here. */
  public boolean isTable() {
    return (kind == ObjectKind.TABLE || kind == ObjectKind.LOOKUP_TABLE) && !isExternal();
  }

  /** Whether it is a materialized view. */
  public boolean isView() {
    return kind == ObjectKind.MATERIALIZED_VIEW;
  }

  /** Whether what it holds can be read at any moment. */
  public boolean isMaterialized() {
    return switch (kind) {
      case MATERIALIZED_VIEW, TABLE, LOOKUP_TABLE -> true;
      case SOURCE, STREAM, VIEW, SINK -> false;
    };
  }

  /** As in messages: {@code source "trades"}. */
  public String describe() {
    return kind.sql().toLowerCase(java.util.Locale.ROOT) + " \"" + name + "\"";
  }
}
