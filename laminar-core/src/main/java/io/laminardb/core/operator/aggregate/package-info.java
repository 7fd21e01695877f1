/**
 * Grouping. {@link io.laminardb.core.operator.aggregate.GroupingOperator} moves batches through a
 * generated {@link io.laminardb.core.operator.aggregate.AggregateKernel} into an {@link
 * io.laminardb.core.operator.aggregate.AggregateState}, the tables of which live off the heap; its
 * subclass here is the aggregate without windows. The other types are what generated code calls.
 */
package io.laminardb.core.operator.aggregate;
