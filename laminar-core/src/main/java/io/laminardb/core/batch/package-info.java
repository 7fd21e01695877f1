/**
 * Rows as columns. {@link io.laminardb.core.batch.DataType}, {@link io.laminardb.core.batch.Field}
 * and {@link io.laminardb.core.batch.Schema} describe a stream; a {@link
 * io.laminardb.core.batch.Batch} holds rows of it in {@link io.laminardb.core.batch.Column}s of
 * Arrow's layout, off the heap. Batches are on loan during a call and belong to whoever made them.
 */
package io.laminardb.core.batch;
