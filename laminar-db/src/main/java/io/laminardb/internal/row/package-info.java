/**
 * Rows at the edges of the engine. Out: {@link io.laminardb.internal.row.BatchRow} looks at a row
 * of a batch, {@link io.laminardb.internal.row.OwnedRow} keeps a copy. In: {@link
 * io.laminardb.internal.row.ColumnRowWriter} writes into the columns that a {@link
 * io.laminardb.internal.row.RowTarget} offers (the ingest ring, or one {@link
 * io.laminardb.internal.row.BatchRowTarget batch}). {@link io.laminardb.internal.row.Times} and
 * {@link io.laminardb.internal.row.Decimals} convert between Java values and what columns hold.
 *
 * <p>Batches belong to whoever made them; nothing here closes one. One thread per object.
 */
package io.laminardb.internal.row;
