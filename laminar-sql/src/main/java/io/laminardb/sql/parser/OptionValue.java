package io.laminardb.sql.parser;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.SourcePosition;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * The value of an option: a literal, or a bare word.
 *
 * @param value a {@link String}, {@link Long}, {@link BigDecimal}, {@link Boolean} or {@link
 *     Duration} (an INTERVAL), or the {@link Identifier} of a bare word
 * @param position where the value stands
 */
public record OptionValue(Object value, SourcePosition position) {
  public OptionValue {
    requireNonNull(value, "value");
    requireNonNull(position, "position");
  }

  /** The value as text: {@code 'json'}, {@code json} and {@code "json"} are all {@code json}. */
  public String text() {
    return value instanceof BigDecimal number ? number.toPlainString() : value.toString();
  }
}
