/** The immutable operator graph of a query, as planning hands it to the runtime. */
package io.laminardb.core.graph;
