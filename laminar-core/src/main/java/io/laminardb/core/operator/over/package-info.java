/**
 * Functions over ordered partitions: OVER, ranking, Top-N.
 *
 * <p>{@code PartitionedRows} keeps rows of each partition in order, {@code PartitionOperator} is what
 * operators over them share: {@link io.laminardb.core.operator.over.TopNOperator} emits the rows whose
 * rank is within bounds.
 */
package io.laminardb.core.operator.over;
