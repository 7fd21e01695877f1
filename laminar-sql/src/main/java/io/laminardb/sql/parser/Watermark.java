package io.laminardb.sql.parser;

import io.laminardb.core.error.SourcePosition;
import java.util.List;
import org.apache.calcite.sql.SqlNode;

/**
 * {@code WATERMARK FOR column [AS expression] [PER KEY key | PER KEY (key, ..)]}.
 *
 * @param column the time attribute
 * @param expression how the watermark follows it, or null: it follows the maximum without delay
 * @param key columns whose values have watermarks of their own; empty for one of all
 * @param position the whole clause
 */
public record Watermark(
    Identifier column, SqlNode expression, List<Identifier> key, SourcePosition position) {
  public Watermark {
    key = List.copyOf(key);
  }
}
