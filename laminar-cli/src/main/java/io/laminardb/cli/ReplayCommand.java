package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.Replay;
import io.laminardb.ReplayStep;
import io.laminardb.StatementResult;
import io.laminardb.cli.StatementSplitter.Piece;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code laminar replay directory}. */
@Command(
    name = "replay",
    description = {
      "Look at a past moment of a database, from the directory nobody has open, or from a backup.",
      "With --sql, print what it answers; without, type SQL, and .step to go on record by record."
    },
    mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "directory", description = "Of the database, or of a backup.")
  private Path directory;

  @Option(
      names = "--until",
      paramLabel = "time|record",
      description =
          "The moment, such as 2026-11-23T12:00:00Z, or the number of a record; the end is the default.")
  private String until;

  @Option(names = "--sql", paramLabel = "statements", description = "What to answer.")
  private String sql;

  @Option(
      names = "--var",
      paramLabel = "name=value",
      description = "What $${name} stands for in string literals.")
  private Map<String, String> variables = new TreeMap<>();

  @Option(
      names = "--mode",
      paramLabel = "table|csv|json",
      description = "How results are written; table is the default.")
  private ResultMode mode = ResultMode.TABLE;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Look look = Look.of(Terminals.isTerminal(), System.getenv());
    Replay replay = LaminarDB.replay(directory);
    replay.configure(
        settings -> {
          settings.variable("LAMINAR_HOME", Databases.home().toString());
          variables.forEach(settings::variable);
        });
    moment(replay);
    try (LaminarDB db = replay.open()) {
      if (sql != null) {
        answer(db, out, look);
        return 0;
      }
      ReplayStep last = db.replayed();
      out.println(look.dim(last == null ? "at the beginning, or a checkpoint" : "at " + last));
      return ShellCommand.run(db, out);
    } catch (LaminarException e) {
      out.flush();
      Errors.print(spec.commandLine().getErr(), look, null, sql == null ? "" : sql, e);
      return 1;
    } finally {
      out.flush();
    }
  }

  private void moment(Replay replay) {
    if (until == null) {
      return;
    }
    try {
      if (until.matches("[0-9]{1,18}")) {
        replay.until(Long.parseLong(until));
      } else {
        replay.until(Instant.parse(until));
      }
    } catch (DateTimeParseException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--until is " + until + ", must be a time such as 2026-11-23T12:00:00Z, or a number.");
    }
  }

  private void answer(LaminarDB db, PrintWriter out, Look look) {
    Statements statements = new Statements(db, out, look);
    statements.mode(mode);
    for (Piece piece : StatementSplitter.split(sql)) {
      for (StatementResult result : statements.execute(piece)) {
        statements.print(piece, result);
      }
    }
  }
}
