/**
 * Tables of databases with a JDBC driver, asked for rows by key: {@code CREATE LOOKUP TABLE .. FROM JDBC}.
 * {@link io.laminardb.connector.jdbc.JdbcConnector} checks options; {@code JdbcReader} has a connection
 * and asks; {@code JdbcColumns} finds the columns and writes the query; {@code JdbcValues} converts
 * values. Drivers are the user's to put on the class path. Nothing here has a thread of its own.
 */
package io.laminardb.connector.jdbc;
