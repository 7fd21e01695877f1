package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.StatementResult;
import io.laminardb.cli.StatementSplitter.Piece;
import io.laminardb.core.error.LaminarException;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * The shell without its terminal: takes lines, collects them until a semicolon ends the statement,
 * executes and prints. One thread; {@link #interrupt} may come from any.
 */
final class Shell {
  private final PrintWriter out;
  private final Look look;
  private final Statements statements;
  private final DotCommands dots;
  private String pending = "";
  private boolean failed;

  /** The database must be started; it and the writer stay the caller's to close. */
  Shell(LaminarDB db, PrintWriter out, Look look) {
    this.out = out;
    this.look = look;
    this.statements = new Statements(db, out, look);
    this.dots = new DotCommands(db, statements, out, look, this::script);
  }

  /** Takes one line or more. False once the user has quit. */
  boolean line(String text) {
    if (pending.isEmpty() && isDotCommand(text)) {
      failed |= !dots.execute(text);
      return !dots.quit();
    }
    pending = pending.isEmpty() ? text : pending + "\n" + text;
    if (StatementSplitter.isComplete(pending)) {
      finish();
    }
    return !dots.quit();
  }

  /** Executes what is pending although its semicolon is missing: the input has ended. */
  void finish() {
    String text = pending;
    pending = "";
    script(null, text);
  }

  /** Forgets the statement that was begun. */
  void discard() {
    pending = "";
  }

  /** Ends the live query that is being printed. */
  void interrupt() {
    statements.interrupt();
  }

  /** Whether any statement or command failed so far. */
  boolean failed() {
    return failed;
  }

  static boolean isDotCommand(String text) {
    return text.stripLeading().startsWith(".");
  }

  /** Executes the statements of {@code text} up to the first that fails. */
  private void script(String place, String text) {
    for (Piece piece : StatementSplitter.split(text)) {
      try {
        execute(piece);
      } catch (LaminarException e) {
        failed = true;
        Errors.print(out, look, place, text, e);
        return;
      }
    }
  }

  private void execute(Piece piece) {
    long began = System.nanoTime();
    for (StatementResult result : statements.execute(piece)) {
      statements.print(piece, result);
    }
    if (dots.timer()) {
      double millis = (System.nanoTime() - began) / 1e6;
      out.println(look.dim(String.format(Locale.ROOT, "%.1f ms", millis)));
      out.flush();
    }
  }
}
