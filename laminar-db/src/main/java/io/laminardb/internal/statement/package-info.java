/** What each SQL statement does to a database. {@code StatementExecutor} is the door. */
package io.laminardb.internal.statement;
