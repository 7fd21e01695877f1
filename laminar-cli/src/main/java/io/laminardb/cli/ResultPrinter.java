package io.laminardb.cli;

import io.laminardb.Row;

/** Writes the rows of one result. One thread; nothing is kept after {@link #finish}. */
interface ResultPrinter {
  /** Writes a row, or keeps its text until it is known how wide columns are. */
  void print(Row row);

  /** Writes what was kept; more rows may follow. */
  void flush();

  /** Writes what was kept and what stands below the last row. */
  void finish();
}
