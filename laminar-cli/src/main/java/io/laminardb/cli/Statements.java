package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.StatementResult;
import io.laminardb.cli.StatementSplitter.Piece;
import io.laminardb.core.batch.DataType.Kind;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;

/**
 * Executes statements and prints what they answer. One thread executes; {@link #interrupt} may come
 * from any other and ends the live query that is being printed.
 */
final class Statements {
  private final LaminarDB db;
  private final PrintWriter out;
  private final Look look;
  private ResultMode mode = ResultMode.TABLE;
  private volatile Rows live;
  private volatile boolean interrupted;

  /** The database and the writer stay the caller's to close. */
  Statements(LaminarDB db, PrintWriter out, Look look) {
    this.db = db;
    this.out = out;
    this.look = look;
  }

  ResultMode mode() {
    return mode;
  }

  void mode(ResultMode newMode) {
    mode = newMode;
  }

  /** Executes one statement without printing; positions in errors are those in the whole text. */
  List<StatementResult> execute(Piece piece) {
    return db.execute(piece.inPlace());
  }

  /** Prints a result and closes its rows; of a live query, until it ends or is interrupted. */
  void print(Piece piece, StatementResult result) {
    if (!result.hasRows()) {
      if (result.message() != null && mode == ResultMode.TABLE) {
        out.println(look.green(result.message()));
      }
      out.flush();
      return;
    }
    try (Rows rows = result.rows()) {
      if (isText(piece, rows)) {
        int text = rows.schema().size() - 1;
        rows.drain().forEach(row -> out.println(row.getString(text)));
        out.flush();
      } else if (rows.isLive()) {
        follow(rows);
      } else {
        ResultPrinter printer = mode.printer(out, rows.schema(), false, look);
        rows.forEach(printer::print);
        printer.finish();
      }
    }
  }

  /** Ends the live query that is being printed, if there is one. */
  void interrupt() {
    interrupted = true;
    Rows rows = live;
    if (rows != null) {
      rows.close();
    }
  }

  private void follow(Rows rows) {
    interrupted = false;
    live = rows;
    ResultPrinter printer = mode.printer(out, rows.schema(), rows.schema().isChangelog(), look);
    try {
      Iterator<Row> coming = rows.iterator();
      while (!interrupted && !out.checkError() && coming.hasNext()) {
        printer.print(coming.next());
        rows.drain().forEach(printer::print);
        printer.flush();
      }
    } catch (LaminarException e) {
      if (!interrupted || e.code() != ErrorCode.CLOSED) {
        throw e;
      }
    } finally {
      live = null;
      if (interrupted && look.color()) {
        out.println(); // the terminal shows ^C
      }
      printer.finish();
    }
  }

  /** Plans, generated code and statements are text to read and copy, not values. */
  private boolean isText(Piece piece, Rows rows) {
    Schema schema = rows.schema();
    return mode == ResultMode.TABLE
        && switch (piece.firstWord()) {
          case "EXPLAIN" -> schema.size() == 1 && schema.field(0).type().kind() == Kind.VARCHAR;
          case "SHOW" -> schema.size() == 2 && schema.field(1).name().equals("sql");
          default -> false;
        };
  }
}
