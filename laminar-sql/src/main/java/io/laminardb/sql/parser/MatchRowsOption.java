package io.laminardb.sql.parser;

import java.util.Locale;

/**
 * What ALL ROWS PER MATCH says of matches without rows and of rows without a match. The grammar has no
 * place for it: it comes as a measure of this name.
 */
public enum MatchRowsOption {
  /** OMIT EMPTY MATCHES. */
  OMIT_EMPTY_MATCHES,
  /** WITH UNMATCHED ROWS. */
  WITH_UNMATCHED_ROWS;

  /** The name of the measure, which no user can write without quotes. */
  public String measure() {
    return "$" + name().toLowerCase(Locale.ROOT);
  }
}
