package io.laminardb.sql.parser;

import io.laminardb.core.error.SourcePosition;
import java.time.Duration;

/**
 * {@code EMIT ON WINDOW CLOSE | FINAL | CHANGES | EVERY interval}.
 *
 * @param mode when results leave
 * @param every the interval of {@link Mode#EVERY}, positive; else null
 * @param position the whole clause
 */
public record Emit(Mode mode, Duration every, SourcePosition position) {
  /** When results leave a query. */
  public enum Mode {
    /** One row a window, when it closes; FINAL is the same. */
    ON_WINDOW_CLOSE,
    /** A changelog on every change. */
    CHANGES,
    /** A changelog at most once per interval. */
    EVERY
  }
}
