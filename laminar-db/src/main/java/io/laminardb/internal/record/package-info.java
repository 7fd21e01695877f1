/**
 * Java records as rows. {@link io.laminardb.internal.record.RecordWriter} writes a record's
 * components into columns, {@link io.laminardb.internal.record.RecordReader} makes records of rows.
 * Components are matched with columns once, by name, without regard to case and underscores; per
 * row there is neither reflection nor boxing, only method handles of exact types.
 */
package io.laminardb.internal.record;
