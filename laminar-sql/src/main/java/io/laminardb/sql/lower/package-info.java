/**
 * From plan nodes to the operator graph that the runtime starts. {@link
 * io.laminardb.sql.lower.Lowering} is the door; operators with generated code come from the {@link
 * io.laminardb.sql.lower.OperatorCompiler} it is given.
 */
package io.laminardb.sql.lower;
