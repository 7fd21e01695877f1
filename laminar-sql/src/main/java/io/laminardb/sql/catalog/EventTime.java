package io.laminardb.sql.catalog;

/**
 * The column of a source its watermark follows.
 *
 * @param column index in the schema
 * @param delayNs how far the watermark trails the greatest time seen, in nanoseconds
 * @param declared whether the source declares it; otherwise the first windowed query chose it
 */
public record EventTime(int column, long delayNs, boolean declared) {}
