/**
 * Windows over event time. {@link io.laminardb.core.operator.window.WindowShape} is the arithmetic,
 * {@link io.laminardb.core.operator.window.WindowAggregateOperator} groups by windows, {@link
 * io.laminardb.core.operator.window.SessionAggregateOperator} by sessions, and {@link
 * io.laminardb.core.operator.window.AssignWindowsOperator} only says which windows a row belongs to.
 * State is dropped a window at a time.
 */
package io.laminardb.core.operator.window;
