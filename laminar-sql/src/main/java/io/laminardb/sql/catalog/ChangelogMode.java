package io.laminardb.sql.catalog;

/** What pushing a row to an object means. */
public enum ChangelogMode {
  /** A row is a new fact. */
  APPEND_ONLY,
  /** A row may take an earlier, equal one back. */
  RETRACT,
  /** A row replaces the earlier one of the same primary key. */
  UPSERT
}
