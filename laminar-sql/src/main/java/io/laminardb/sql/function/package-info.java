/**
 * The scalar functions of the dialect: {@link io.laminardb.sql.function.Functions} is the operator
 * table that validation looks names up in, and says for each function which Java method runs it.
 */
package io.laminardb.sql.function;
