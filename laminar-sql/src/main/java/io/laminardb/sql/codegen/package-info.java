/**
 * From expressions to kernels: classes of readable Java, compiled in process.
 *
 * <p>{@link io.laminardb.sql.codegen.KernelClass} is a class under construction, {@link
 * io.laminardb.sql.codegen.ExpressionCompiler} writes the statements that evaluate an expression into
 * a {@link io.laminardb.sql.codegen.CodeBuffer}, and {@link io.laminardb.sql.codegen.KernelCompiler}
 * turns the source into a class, once for each shape: literals are constructor arguments. Logic lives
 * in the tested helpers of {@code io.laminardb.core.operator.scalar}; generated code wires them
 * together. {@link io.laminardb.sql.codegen.CalcGenerator} makes filters and projections.
 */
package io.laminardb.sql.codegen;
