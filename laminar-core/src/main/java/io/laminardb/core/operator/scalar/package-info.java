/**
 * Filters and projections, and what scalar functions do.
 *
 * <p>{@link io.laminardb.core.operator.scalar.CalcOperator} runs a generated {@link
 * io.laminardb.core.operator.scalar.CalcKernel}. The other classes are the helpers that generated
 * code calls: static methods on primitives and {@link io.laminardb.core.memory.Utf8} views, and small
 * objects, one a call site, for functions that remember something such as a compiled pattern. They
 * assume arguments that are not NULL. Failures are {@link
 * io.laminardb.core.error.LaminarException}s with the code EXPRESSION_FAILED. One thread.
 */
package io.laminardb.core.operator.scalar;
