package io.laminardb.cli;

import io.laminardb.LaminarDB;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code laminar run script.sql}. */
@Command(
    name = "run",
    description = {
      "Run a SQL script until its files are read; Ctrl-C ends it earlier.",
      "Results go to standard output, errors to standard error."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "script.sql", description = "The script, or - for standard input.")
  private String script;

  @Option(
      names = "--dir",
      paramLabel = "directory",
      description = "Where the database is kept; without, it is in memory.")
  private Path directory;

  @Option(
      names = "--var",
      paramLabel = "name=value",
      description = "What $${name} stands for in string literals of the script.")
  private Map<String, String> variables = new TreeMap<>();

  @Option(
      names = "--mode",
      paramLabel = "table|csv|json",
      description = "How results are written; table is the default.")
  private ResultMode mode = ResultMode.TABLE;

  private volatile boolean interrupted;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Look look = Look.of(Terminals.isTerminal(), System.getenv());
    String text;
    try {
      text = read();
    } catch (NoSuchFileException e) {
      err.println("laminar: there is no file " + script + ".");
      return 1;
    } catch (IOException e) {
      err.println("laminar: cannot read " + script + ": " + e.getMessage() + ".");
      return 1;
    }
    return run(text, out, err, look);
  }

  private int run(String text, PrintWriter out, PrintWriter err, Look look) {
    try (LaminarDB db = Databases.open(variables, directory)) {
      Statements statements = new Statements(db, out, look);
      statements.mode(mode);
      ScriptRunner runner = new ScriptRunner(db, statements);
      OnExit.during(() -> runner.run(text), () -> end(runner, db));
      List<String> failures = runner.failures();
      failures.forEach(failure -> err.println(script + ": " + failure));
      return failures.isEmpty() ? 0 : 1;
    } catch (RuntimeException e) {
      out.flush();
      if (interrupted) {
        return 1; // what was running complains about the end that was asked for
      }
      Errors.print(err, look, script.equals("-") ? null : script, text, e);
      return 1;
    } finally {
      out.flush();
    }
  }

  /** Ctrl-C: sinks are flushed and closed before the process ends. */
  private void end(ScriptRunner runner, LaminarDB db) {
    interrupted = true;
    runner.interrupt();
    db.close();
  }

  private String read() throws IOException {
    byte[] bytes =
        script.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(script));
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
