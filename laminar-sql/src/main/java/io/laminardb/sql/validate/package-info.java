/**
 * Checks queries against the catalog and turns them into Calcite's relational algebra.
 *
 * <p>{@link io.laminardb.sql.validate.QueryRewriter} first rewrites our dialect into what Calcite
 * understands: window functions become {@link io.laminardb.sql.validate.WindowFunction} markers,
 * hidden window bounds are carried along, what is not supported is refused with its place. {@link
 * io.laminardb.sql.validate.QueryAnalyzer} then validates and converts. Failures leave as {@link
 * io.laminardb.core.error.LaminarException}s, made by {@link
 * io.laminardb.sql.validate.ValidationErrors}.
 */
package io.laminardb.sql.validate;
