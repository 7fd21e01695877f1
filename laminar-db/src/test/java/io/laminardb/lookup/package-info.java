/** Joins with tables of another database, over JDBC, with H2 as that database. */
package io.laminardb.lookup;
