package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.Rows;
import io.laminardb.StatementResult;
import io.laminardb.cli.StatementSplitter.Piece;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs a script from its first statement to the end of its inputs.
 *
 * <p>Rows flow from the first query on, or from the end of the script. A query over views is answered
 * when all bounded inputs have ended, so that its answer does not depend on timing; a query over
 * streams is printed while it runs.
 */
final class ScriptRunner {
  /** What queries begin with; one in parentheses has no first word. */
  private static final Set<String> QUERIES =
      Set.of("SELECT", "WITH", "VALUES", "TABLE", "FROM", "SUBSCRIBE", "");

  private static final long FOLLOW_NS = 100_000_000;

  private final LaminarDB db;
  private final Statements statements;
  private volatile boolean interrupted;

  /** The database stays the caller's to close, which also flushes its sinks. */
  ScriptRunner(LaminarDB db, Statements statements) {
    this.db = db;
    this.statements = statements;
  }

  /**
   * Executes all statements and waits for the inputs: the bounded ones to end, the others until
   * {@link #interrupt}.
   *
   * @throws LaminarException of the first statement that fails, or of a query that failed later; its
   *     position is that in {@code script}
   */
  void run(String script) {
    for (Piece piece : StatementSplitter.split(script)) {
      if (QUERIES.contains(piece.firstWord())) {
        query(piece);
      } else {
        if (isAboutRows(piece)) {
          process();
        }
        started(piece).forEach(result -> statements.print(piece, result));
      }
    }
    process();
    while (followsInput() && !interrupted) {
      LockSupport.parkNanos(FOLLOW_NS);
      process();
    }
  }

  /** What stopped queries before their end, one sentence each; none where all went well. */
  List<String> failures() {
    return Failures.of(db);
  }

  /** Whether a connector may bring more rows for ever. */
  private boolean followsInput() {
    return db.metrics().sources().stream().anyMatch(source -> db.isFed(source.name()));
  }

  /** Ends the live query that is being printed, and the wait for inputs; from any thread. */
  void interrupt() {
    interrupted = true;
    statements.interrupt();
  }

  /** A live query is made before rows flow, so that it sees all of them. */
  private void query(Piece piece) {
    List<StatementResult> results = executeOrNull(piece);
    if (results == null || results.stream().noneMatch(ScriptRunner::isLive)) {
      close(results);
      process();
      results = statements.execute(piece);
    }
    start();
    results.forEach(result -> statements.print(piece, result));
  }

  /** What needs a running database, such as INSERT into a table, starts it. */
  private List<StatementResult> started(Piece piece) {
    List<StatementResult> results = executeOrNull(piece);
    if (results == null) {
      start();
      results = statements.execute(piece);
    }
    return results;
  }

  /** The results; null where the database has to be started first. */
  private List<StatementResult> executeOrNull(Piece piece) {
    try {
      return statements.execute(piece);
    } catch (LaminarException e) {
      if (e.code() == ErrorCode.NOT_STARTED) {
        return null;
      }
      throw e;
    }
  }

  private static boolean isLive(StatementResult result) {
    return result.hasRows() && result.rows().isLive();
  }

  private static void close(List<StatementResult> results) {
    if (results != null) {
      results.stream()
          .filter(StatementResult::hasRows)
          .map(StatementResult::rows)
          .forEach(Rows::close);
    }
  }

  /** EXPLAIN ANALYZE and WAITING tell what happened to rows. */
  private static boolean isAboutRows(Piece piece) {
    return piece.firstWord().equals("EXPLAIN")
        && piece.text().toUpperCase(Locale.ROOT).matches("(?s)EXPLAIN\\s+(ANALYZE|WAITING)\\b.*");
  }

  private void process() {
    start();
    db.awaitSources();
    db.sync();
  }

  private void start() {
    if (!db.isStarted()) {
      db.start();
    }
  }
}
