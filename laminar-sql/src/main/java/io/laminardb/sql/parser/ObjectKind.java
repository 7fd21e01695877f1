package io.laminardb.sql.parser;

/** The kinds of objects a database holds, as statements name them. */
public enum ObjectKind {
  SOURCE("SOURCE"),
  STREAM("STREAM"),
  MATERIALIZED_VIEW("MATERIALIZED VIEW"),
  VIEW("VIEW"),
  TABLE("TABLE"),
  LOOKUP_TABLE("LOOKUP TABLE"),
  SINK("SINK");

  private final String sql;

  ObjectKind(String sql) {
    this.sql = sql;
  }

  /** The words of the kind, for example {@code MATERIALIZED VIEW}. */
  public String sql() {
    return sql;
  }
}
