/**
 * Windows over event time. {@link io.laminardb.core.operator.window.WindowShape} is the arithmetic,
 * {@link io.laminardb.core.operator.window.WindowAggregateOperator} groups by windows, and {@link
 * io.laminardb.core.operator.window.AssignWindowsOperator} only says which windows a row belongs to.
 * State is dropped a window at a time.
 *
 * <p>Sessions: {@link io.laminardb.core.operator.window.SessionOperator} is what all of them share,
 * over a {@link io.laminardb.core.operator.window.SessionTable} of what is open and a {@link
 * io.laminardb.core.operator.window.SessionWheel} that says when it is over. {@link
 * io.laminardb.core.operator.window.SessionAggregateOperator} groups append-only rows, {@link
 * io.laminardb.core.operator.window.ChangelogSessionOperator} rows that may be taken back, which it
 * keeps, and {@link io.laminardb.core.operator.window.AssignSessionsOperator} hands kept rows out.
 */
package io.laminardb.core.operator.window;
