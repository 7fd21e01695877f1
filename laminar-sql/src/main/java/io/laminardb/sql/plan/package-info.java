/**
 * From a validated query to a physical plan. {@link io.laminardb.sql.plan.PlanNode} is what leaves
 * here; expressions in it are Calcite's.
 */
package io.laminardb.sql.plan;
