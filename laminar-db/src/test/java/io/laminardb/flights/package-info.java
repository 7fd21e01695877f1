/** Three million real flights through continuous queries, held against a batch engine. */
package io.laminardb.flights;
