package io.laminardb.internal.statement;

import io.laminardb.Rows;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Metrics;
import io.laminardb.core.time.Watermark;
import io.laminardb.internal.connector.SinkPump;
import io.laminardb.internal.connector.SourcePump;
import io.laminardb.internal.database.Database;
import io.laminardb.internal.database.Indexes;
import io.laminardb.internal.database.RunningQuery;
import io.laminardb.sql.catalog.CatalogObject;
import io.laminardb.sql.catalog.ChangelogMode;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.function.Functions;
import io.laminardb.sql.parser.Identifier;
import io.laminardb.sql.parser.ObjectKind;
import io.laminardb.sql.parser.Statement;
import io.laminardb.sql.plan.PlannedQuery;
import io.laminardb.sql.plan.SqlPlanner;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** SHOW and DESCRIBE: what there is, and how it is doing. */
final class InfoStatements {
  /** Other names of aggregates. */
  private static final List<String> OTHER_NAMES =
      List.of("FIRST_VALUE", "LAST_VALUE", "STDDEV", "VARIANCE");

  private static final String EVENT_TIME = "event time"; // a note of DESCRIBE

  private final Database database;

  InfoStatements(Database database) {
    this.database = database;
  }

  Rows show(Statement.Show show) {
    Pattern like = show.like() == null ? null : likePattern(show.like());
    ResultTable table =
        switch (show.subject()) {
          case SOURCES -> sources(like);
          case STREAMS -> queries(like, ObjectKind.STREAM);
          case MATERIALIZED_VIEWS -> queries(like, ObjectKind.MATERIALIZED_VIEW);
          case VIEWS -> views(like);
          case SINKS -> sinks(like);
          case QUERIES -> running(like);
          case FUNCTIONS -> functions(like);
          case TABLES -> tables(like);
          case INDEXES -> indexes(like);
          case CHECKPOINTS -> checkpoints();
          case SUBSCRIPTIONS -> subscriptions(like);
        };
    return table.toRows(database.allocator());
  }

  private ResultTable checkpoints() {
    database.requireOnDisk();
    ResultTable table =
        new ResultTable(
            number("id"),
            time("taken_at"),
            number("journal_position"),
            number("parts"),
            number("written_parts"),
            number("written_bytes"),
            number("pause_us"),
            number("duration_ms"));
    for (CheckpointInfo checkpoint : database.checkpoints()) {
      table.row(
          checkpoint.id(),
          checkpoint.takenAt().atOffset(ZoneOffset.UTC).toLocalDateTime(),
          checkpoint.position(),
          checkpoint.parts(),
          checkpoint.writtenParts(),
          checkpoint.writtenBytes(),
          checkpoint.pauseNs() / 1_000,
          checkpoint.durationNs() / 1_000_000);
    }
    return table;
  }

  private ResultTable subscriptions(Pattern like) {
    ResultTable table =
        new ResultTable(
            text("name"),
            text("stream"),
            number("last_sequence"),
            number("acknowledged"),
            number("waiting_rows"));
    for (Metrics.KeptMetrics kept : database.engine().keptSubscriptions()) {
      if (like == null || like.matcher(kept.name()).matches()) {
        table.row(kept.name(), kept.stream(), kept.last(), kept.acknowledged(), kept.waitingRows());
      }
    }
    return table;
  }

  private ResultTable sources(Pattern like) {
    ResultTable table =
        new ResultTable(
            text("name"),
            text("columns"),
            text("mode"),
            text("state"),
            number("rows"),
            number("filtered_rows"),
            number("waiting_rows"),
            number("dropped_rows"),
            number("skipped_records"),
            time("watermark"),
            text("failure"));
    Metrics metrics = database.engine().metrics();
    for (CatalogObject source : objects(ObjectKind.SOURCE, like)) {
      Metrics.SourceMetrics counters = metrics.source(source.name());
      SourcePump pump = database.sources().pump(source.name());
      Metrics.QueryMetrics intake = metrics.query(source.name());
      String failure =
          pump != null && pump.failure() != null
              ? pump.failure().getMessage()
              : intake == null ? null : intake.failure();
      table.row(
          source.name(),
          columns(source),
          source.changelogMode().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
          failure != null ? "FAILED" : state(counters, pump),
          counters.rows(),
          counters.filteredRows(),
          counters.waitingRows(),
          counters.droppedRows(),
          pump == null ? 0L : pump.skippedRecords(),
          timestamp(counters.watermarkNs()),
          failure);
    }
    return table;
  }

  private static String state(Metrics.SourceMetrics source, SourcePump pump) {
    if (source.ended()) {
      return "ENDED";
    } else if (pump != null && !pump.isDone() && !pump.isRunning()) {
      return "UNREAD";
    }
    return source.idle() ? "IDLE" : "OPEN";
  }

  private ResultTable views(Pattern like) {
    ResultTable table = new ResultTable(text("name"), text("columns"), text("reads"));
    for (CatalogObject view : objects(ObjectKind.VIEW, like)) {
      table.row(view.name(), columns(view), String.join(", ", view.upstreams()));
    }
    return table;
  }

  private ResultTable indexes(Pattern like) {
    ResultTable table = new ResultTable(text("name"), text("object"), text("columns"));
    for (Indexes.Index index : database.indexes().all()) {
      if (like == null || like.matcher(index.name()).matches()) {
        CatalogObject object = database.require(index.object());
        table.row(
            index.name(),
            index.object(),
            String.join(
                ", ", index.columns().stream().map(i -> object.schema().field(i).name()).toList()));
      }
    }
    return table;
  }

  private ResultTable tables(Pattern like) {
    ResultTable table =
        new ResultTable(text("name"), text("kind"), text("columns"), text("key"), number("rows"));
    for (CatalogObject object : database.catalog().snapshot().all()) {
      boolean named = like == null || like.matcher(object.name()).matches();
      if (named && (object.isTable() || object.isExternal())) {
        table.row(
            object.name(),
            object.kind().sql(),
            columns(object),
            String.join(
                ", ",
                object.primaryKey().stream().map(i -> object.schema().field(i).name()).toList()),
            object.store() != null
                ? (Long) object.store().rows()
                : object.isExternal() ? null : (Long) database.engine().presentRows(object.name()));
      }
    }
    return table;
  }

  private ResultTable queries(Pattern like, ObjectKind kind) {
    ResultTable table =
        new ResultTable(
            text("name"),
            text("columns"),
            text("emits"),
            text("reads"),
            text("state"),
            number("rows_out"));
    Metrics metrics = database.engine().metrics();
    for (CatalogObject object : objects(kind, like)) {
      String owner = owner(object);
      Metrics.QueryMetrics counters = metrics.query(owner);
      boolean own = owner.equals(object.name());
      table.row(
          object.name(),
          columns(object),
          object.changelogMode() == ChangelogMode.APPEND_ONLY ? "append-only" : "changelog",
          own ? String.join(", ", object.upstreams()) : owner,
          counters.state().name(),
          own
              ? counters.rowsOut()
              : object.name().equals(owner + QueryAttacher.ERRORS)
                  ? counters.failedRows()
                  : counters.lateRows());
    }
    return table;
  }

  /** The query that gives the rows of a stream: of the same name, unless it is a side stream. */
  private String owner(CatalogObject stream) {
    for (CatalogObject object : database.catalog().snapshot().all()) {
      RunningQuery query = database.query(object.name());
      if (query != null && query.sideStreams().contains(stream.name())) {
        return object.name();
      }
    }
    return stream.name();
  }

  private ResultTable sinks(Pattern like) {
    ResultTable table =
        new ResultTable(
            text("name"),
            text("reads"),
            text("state"),
            number("rows"),
            number("dropped_rows"),
            text("failure"));
    for (CatalogObject sink : objects(ObjectKind.SINK, like)) {
      SinkPump pump = database.sinkPump(sink.name());
      table.row(
          sink.name(),
          String.join(", ", sink.upstreams()),
          pump.failure() == null ? "RUNNING" : "FAILED",
          pump.rows(),
          pump.droppedRows(),
          pump.failure() == null ? null : pump.failure().getMessage());
    }
    return table;
  }

  private ResultTable running(Pattern like) {
    ResultTable table =
        new ResultTable(
            text("name"),
            text("state"),
            number("rows_in"),
            number("rows_out"),
            number("late_rows"),
            number("null_time_rows"),
            number("failed_rows"),
            number("state_rows"),
            number("state_bytes"),
            number("spilled_rows"),
            number("spilled_bytes"),
            time("watermark"),
            text("failure"));
    for (Metrics.QueryMetrics query : database.engine().metrics().queries()) {
      if (like == null || like.matcher(query.name()).matches()) {
        table.row(
            query.name(),
            query.state().name(),
            query.rowsIn(),
            query.rowsOut(),
            query.lateRows(),
            query.nullTimeRows(),
            query.failedRows(),
            query.stateRows(),
            query.stateBytes(),
            query.spilledRows(),
            query.spilledBytes(),
            timestamp(query.watermarkNs()),
            query.failure());
      }
    }
    return table;
  }

  private ResultTable functions(Pattern like) {
    TreeMap<String, String> kinds = new TreeMap<>();
    Functions.names().forEach(name -> kinds.put(name, "scalar"));
    database.planning().userFunctions().forEach(name -> kinds.put(name, "registered"));
    SqlPlanner.aggregateFunctions().forEach(name -> kinds.put(name, "aggregate"));
    OTHER_NAMES.forEach(name -> kinds.put(name, "aggregate"));
    ResultTable table = new ResultTable(text("name"), text("kind"));
    kinds.forEach(
        (name, kind) -> {
          if (like == null || like.matcher(name).matches()) {
            table.row(name, kind);
          }
        });
    return table;
  }

  Rows showCreate(Statement.ShowCreate show) {
    CatalogObject object =
        database.catalog().snapshot().require(show.name().name(), show.name().position());
    if (show.kind() != null && show.kind() != object.kind()) {
      throw new LaminarException(
              ErrorCode.OBJECT_NOT_FOUND, object.describe() + " is no " + show.kind().sql() + ".")
          .mend("Use SHOW CREATE " + object.kind().sql() + " " + object.name() + ".")
          .at(show.name().position());
    }
    return new ResultTable(text("name"), text("sql"))
        .row(object.name(), object.sql())
        .toRows(database.allocator());
  }

  Rows describe(Identifier name) {
    CatalogObject object = database.catalog().snapshot().require(name.name(), name.position());
    ResultTable table = columnTable();
    for (int i = 0; i < object.schema().size(); i++) {
      column(table, object.schema().field(i), notes(object, i));
    }
    return table.toRows(database.allocator());
  }

  /** The columns that a query gives. */
  Rows describe(PlannedQuery query) {
    ResultTable table = columnTable();
    for (int i = 0; i < query.schema().size(); i++) {
      if (!query.schema().field(i).hidden()) {
        int column = i;
        boolean time = query.timeColumns().stream().anyMatch(t -> t.column() == column);
        column(table, query.schema().field(i), time ? EVENT_TIME : "");
      }
    }
    return table.toRows(database.allocator());
  }

  private static ResultTable columnTable() {
    return new ResultTable(text("column"), text("type"), text("nullable"), text("notes"));
  }

  private static void column(ResultTable table, Field field, String notes) {
    table.row(field.name(), field.type().toString(), field.nullable() ? "YES" : "NO", notes);
  }

  private static String notes(CatalogObject object, int column) {
    List<String> notes = new ArrayList<>();
    if (object.primaryKey().contains(column)) {
      boolean declared = object.kind() != ObjectKind.STREAM && !object.isView();
      notes.add(declared ? "primary key" : "key");
    }
    if (object.eventTime() != null && object.eventTime().column() == column) {
      long delayMs = object.eventTime().delayNs() / 1_000_000;
      notes.add(delayMs == 0 ? EVENT_TIME : EVENT_TIME + ", watermark " + delayMs + " ms behind");
    }
    if (object.eventTime() != null && object.eventTime().key().contains(column)) {
      notes.add("watermark key");
    }
    for (TimeColumn time : object.timeColumns()) {
      if (time.column() == column) {
        notes.add(EVENT_TIME);
      }
    }
    if (object.schema().field(column).hidden()) {
      notes.add("hidden");
    }
    return String.join(", ", notes);
  }

  private List<CatalogObject> objects(ObjectKind kind, Pattern like) {
    return database.catalog().snapshot().all().stream()
        .filter(object -> object.kind() == kind)
        .filter(object -> like == null || like.matcher(object.name()).matches())
        .toList();
  }

  private static String columns(CatalogObject object) {
    return String.join(
        ", ",
        object.schema().fields().stream().filter(f -> !f.hidden()).map(Field::toString).toList());
  }

  static Pattern likePattern(String like) {
    StringBuilder regex = new StringBuilder();
    for (char c : like.toCharArray()) {
      regex.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
    }
    return Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  }

  static Field text(String name) {
    return Field.of(name, DataType.VARCHAR);
  }

  static Field number(String name) {
    return Field.of(name, DataType.BIGINT);
  }

  static Field time(String name) {
    return Field.of(name, DataType.timestamp(3));
  }

  /** A watermark for people; null where nothing is known, or everything has ended. */
  static LocalDateTime timestamp(long epochNs) {
    return epochNs <= Watermark.IDLE || epochNs == Watermark.END
        ? null
        : LocalDateTime.ofInstant(
            Instant.ofEpochSecond(
                Math.floorDiv(epochNs, 1_000_000_000L), Math.floorMod(epochNs, 1_000_000_000L)),
            ZoneOffset.UTC);
  }
}
