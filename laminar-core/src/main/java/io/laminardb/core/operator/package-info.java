/**
 * The operator contract: push-based, resumable, single-threaded. Read {@link
 * io.laminardb.core.operator.Operator} first. Operators themselves live in the sub-packages; they
 * are hand-written algorithms around {@link io.laminardb.core.operator.Kernel}s, which SQL
 * generates per query.
 */
package io.laminardb.core.operator;
