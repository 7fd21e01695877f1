package io.laminardb.sql.parser;

import io.laminardb.core.error.SourcePosition;
import org.apache.calcite.sql.SqlNode;

/**
 * {@code WATERMARK FOR column [AS expression]}.
 *
 * @param column the time attribute
 * @param expression how the watermark follows it, or null: it follows the maximum without delay
 * @param position the whole clause
 */
public record Watermark(Identifier column, SqlNode expression, SourcePosition position) {}
