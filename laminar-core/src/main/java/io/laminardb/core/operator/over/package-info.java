/**
 * Functions over ordered partitions: OVER, ranking, Top-N.
 *
 * <p>{@code PartitionedRows} keeps rows of each partition in order, {@code PartitionOperator} is what
 * operators over them share: {@link io.laminardb.core.operator.over.TopNOperator} emits the rows whose
 * rank is within bounds, {@link io.laminardb.core.operator.over.OverOperator} emits all with the
 * results of functions. {@link io.laminardb.core.operator.over.TimeOrderOverOperator} does that in
 * event-time order, once a row, and {@link io.laminardb.core.operator.over.LookBackOperator} what of it needs a few
 * rows back and no more. Functions of a row are the affair of {@code OverEvaluator}, of {@code
 * FrameBounds} and {@code FrameAggregate}.
 *
 * <p>All rows and states are off the heap, of the operator's allocator, and freed by its close. Left
 * out: EXCLUDE in frames.
 */
package io.laminardb.core.operator.over;
