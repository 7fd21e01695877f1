package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a database holds, by its own SHOW statements. */
final class Catalog {
  /** The kinds of objects, in the order they are usually made. */
  enum Kind {
    SOURCE("SOURCES"),
    STREAM("STREAMS"),
    MATERIALIZED_VIEW("MATERIALIZED VIEWS"),
    SINK("SINKS");

    private final String plural;

    Kind(String plural) {
      this.plural = plural;
    }

    String title() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  /** An object and what it is. */
  record Entry(String name, Kind kind) {
    /** The name as SQL reads it. */
    String quoted() {
      return '"' + name.replace("\"", "\"\"") + '"';
    }
  }

  private final LaminarDB db;

  Catalog(LaminarDB db) {
    this.db = db;
  }

  /** All objects, kind by kind. */
  List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      try (Rows rows = db.query("SHOW " + kind.plural)) {
        for (Row row : rows.drain()) {
          entries.add(new Entry(row.getString(0), kind));
        }
      }
    }
    return entries;
  }
}
