/**
 * Orders the rows of queries that end: {@link io.laminardb.core.operator.sort.SortOperator} keeps
 * them all and emits them sorted at the end of input.
 */
package io.laminardb.core.operator.sort;
