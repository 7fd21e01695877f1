package io.laminardb.sql.plan;

/** What a query is for; decides when its aggregates speak. */
public enum QueryKind {
  /** CREATE STREAM, a sink's query, or a live SELECT: results leave when they are final. */
  STREAM,
  /** CREATE MATERIALIZED VIEW: shows the present, open windows included. */
  MATERIALIZED_VIEW,
  /** A query that reads what is there and ends. */
  SNAPSHOT
}
