/** The threads between connectors and the engine: one a source, one a sink; none inline. */
package io.laminardb.internal.connector;
