/** How rows come in: sources over the engine's handles, for values, records and Arrow batches. */
package io.laminardb.internal.source;
