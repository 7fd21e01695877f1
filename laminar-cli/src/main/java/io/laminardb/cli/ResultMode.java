package io.laminardb.cli;

import io.laminardb.core.batch.Schema;
import java.io.PrintWriter;

/** How results are written. */
enum ResultMode {
  /** Aligned columns for people. */
  TABLE,
  /** A line of names, then a line a row; RFC 4180. */
  CSV,
  /** One JSON object a line. */
  JSON;

  /**
   * A printer of one result.
   *
   * @param schema the columns; hidden ones are left out
   * @param weights whether to show which rows were added and which taken back
   */
  ResultPrinter printer(PrintWriter out, Schema schema, boolean weights, Look look) {
    return switch (this) {
      case TABLE -> new TablePrinter(out, schema, weights, look);
      case CSV -> new CsvPrinter(out, schema, weights);
      case JSON -> new JsonPrinter(out, schema, weights);
    };
  }
}
