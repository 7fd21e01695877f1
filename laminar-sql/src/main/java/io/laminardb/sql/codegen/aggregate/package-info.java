/**
 * Generates the kernels of aggregations. {@link
 * io.laminardb.sql.codegen.aggregate.AggregateCompiler} is the door; inside, {@link
 * io.laminardb.sql.codegen.aggregate.RowInput} evaluates what an aggregation needs of a row, {@link
 * io.laminardb.sql.codegen.aggregate.RowWords} says where that waits (in Java variables, or in a
 * prepared row), and each aggregate function is an accumulator that writes the Java of its four
 * moments: add, merge, emit, and what has to be checked before.
 */
package io.laminardb.sql.codegen.aggregate;
