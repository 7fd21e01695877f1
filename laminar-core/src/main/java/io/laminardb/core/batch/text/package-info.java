/**
 * Values to and from text, without allocation per value: {@link
 * io.laminardb.core.batch.text.TextParser} reads bytes into values, {@link
 * io.laminardb.core.batch.text.TextWriter} writes values as bytes, and a {@link
 * io.laminardb.core.batch.text.RowFormat} writes rows of a batch as CSV or JSON. All work on heap
 * bytes; each object is for one thread.
 */
package io.laminardb.core.batch.text;
