/**
 * The one way rows cross threads: {@link io.laminardb.core.ring.ColumnarRing}, a ring of rows in
 * batches with one producer and one consumer. A producer writes rows in place into the columns of a
 * batch, copies ranges of batches, or hands whole batches over.
 *
 * <p>The ring owns its batches and recycles them. Producer and consumer are one thread each; nothing
 * here blocks or waits: full answers false, empty answers {@code EMPTY}.
 */
package io.laminardb.core.ring;
