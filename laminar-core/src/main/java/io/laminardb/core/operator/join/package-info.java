/**
 * Joins.
 *
 * <p>{@link io.laminardb.core.operator.join.JoinOperator} is the join of any two inputs: what it is, a
 * {@code JoinSpec} says; what it keeps is a {@code JoinState} of two {@code JoinRows}; {@code Matches}
 * goes through the rows that match another, by a generated {@code PairKernel} where there is a
 * condition.
 *
 * <p>All rows are kept as bytes off the heap, from the operator's allocator; {@code close} frees them.
 */
package io.laminardb.core.operator.join;
