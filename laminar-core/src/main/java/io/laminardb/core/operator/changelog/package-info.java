/**
 * Operators that make changes of rows.
 *
 * <p>{@link io.laminardb.core.operator.changelog.UpsertOperator} stands between a source whose rows
 * replace each other by key and everybody who reads it, so that behind it there are only rows added
 * and rows taken back. {@code RowsByKey} is what it remembers: the present row of every key.
 */
package io.laminardb.core.operator.changelog;
