/**
 * Joins.
 *
 * <p>{@link io.laminardb.core.operator.join.JoinOperator} is the join of any two inputs: what it is, a
 * {@code JoinSpec} says; what it keeps is a {@code JoinState} of two {@code JoinRows}; {@code Matches}
 * goes through the rows that match another, by a generated {@code PairKernel} where there is a
 * condition.
 *
 * <p>Joins by time: {@link io.laminardb.core.operator.join.IntervalJoinOperator} forgets rows as the
 * {@code JoinWatermarks} go on; {@link
 * io.laminardb.core.operator.join.AsofJoinOperator} takes rows of both sides in the order of time out of
 * an {@code AsofState}; {@link io.laminardb.core.operator.join.AsofChangesOperator} answers at once, in
 * the order of any column, and corrects itself. {@code TimeQueue} and {@code Run} are what they order
 * rows by.
 *
 * <p>Joins with a table as of a moment, a {@code TemporalSpec}: {@link
 * io.laminardb.core.operator.join.ProcessingTimeJoinOperator} with what is there when a row comes, {@link
 * io.laminardb.core.operator.join.VersionJoinOperator} with the version of a row's event time.
 *
 * <p>A join with a table outside, a {@code LookupSpec}: {@link
 * io.laminardb.core.operator.join.LookupJoinOperator} has {@code LookupQuestions} ask in the background; a
 * {@code LookupCache} keeps the answers, {@code PendingRows} what waits for them. {@code RowAnswers} writes
 * what a row is joined with, here and as of processing time.
 *
 * <p>Interval joins and ASOF joins in event time take the rows of a batch at once into {@code TimedSides},
 * as words at fixed places; {@code Pairs} of their addresses become {@code JoinResults}. The others keep rows
 * as bytes of a {@code RowCodec}.
 *
 * <p>All rows are kept as bytes off the heap, from the operator's allocator; {@code close} frees them.
 */
package io.laminardb.core.operator.join;
