/**
 * From a validated query to a physical plan. {@link io.laminardb.sql.plan.SqlPlanner} is the door,
 * {@link io.laminardb.sql.plan.Definitions} turns CREATE statements into catalog objects, {@link
 * io.laminardb.sql.plan.PlanNode} is what leaves here; expressions in it are Calcite's.
 *
 * <p>Algebra is walked once, bottom up. Filters and projections are not operators until something
 * needs their rows: a {@code Pipe} composes them, and an aggregate or the result takes them in.
 * Window markers (see {@link io.laminardb.sql.validate.WindowFunction}) become the window of the
 * aggregate that groups by them, or an operator of their own.
 */
package io.laminardb.sql.plan;
