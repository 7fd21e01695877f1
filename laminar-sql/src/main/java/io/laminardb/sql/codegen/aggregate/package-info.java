/**
 * Generates the kernels of aggregations. {@link
 * io.laminardb.sql.codegen.aggregate.AggregateCompiler} is the door; inside, a prepared row gathers
 * what is evaluated per row, and each aggregate function is an accumulator that writes the Java of
 * its four moments: add, merge, emit, and what has to be checked before.
 */
package io.laminardb.sql.codegen.aggregate;
