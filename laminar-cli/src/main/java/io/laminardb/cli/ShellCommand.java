package io.laminardb.cli;

import io.laminardb.LaminarDB;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code laminar shell}. */
@Command(
    name = "shell",
    description = "Type SQL and see what it answers; .help lists the other commands.",
    mixinStandardHelpOptions = true)
final class ShellCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--dir",
      paramLabel = "directory",
      description = "Where the database is kept; without, it is in memory.")
  private Path directory;

  @Option(
      names = "--var",
      paramLabel = "name=value",
      description = "What $${name} stands for in string literals.")
  private Map<String, String> variables = new TreeMap<>();

  @Override
  public Integer call() throws IOException {
    try (LaminarDB db = Databases.open(variables, directory)) {
      db.start();
      return run(db, spec.commandLine().getOut());
    }
  }

  /** Takes statements from the terminal, or from standard input; answers the exit code. */
  static int run(LaminarDB db, PrintWriter out) throws IOException {
    return Terminals.isTerminal() ? interactive(db) : piped(db, out);
  }

  /** Statements from a file or another program: no prompt, and bounded inputs are read to the end. */
  private static int piped(LaminarDB db, PrintWriter out) {
    Shell shell = new Shell(db, out, Look.PLAIN);
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    OnExit.during(() -> runLines(shell, in, db), () -> end(shell, db));
    out.flush();
    return shell.failed() ? 1 : 0;
  }

  /** Executes lines until they end or one says so. */
  static void runLines(Shell shell, BufferedReader in, LaminarDB db) {
    Iterator<String> lines = in.lines().iterator();
    boolean running = true;
    while (running && lines.hasNext()) {
      running = shell.line(lines.next());
    }
    if (running) {
      shell.finish();
    }
    db.awaitSources();
  }

  private static void end(Shell shell, LaminarDB db) {
    shell.interrupt();
    db.close();
  }

  private static int interactive(LaminarDB db) throws IOException {
    Path history = Path.of(System.getProperty("user.home"), ".laminar_history");
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      runTerminal(db, terminal, Look.of(true, System.getenv()), history);
    }
    return 0;
  }

  /**
   * Runs the shell on a terminal until the user leaves.
   *
   * @param history the file that keeps what was typed, or null
   */
  static void runTerminal(LaminarDB db, Terminal terminal, Look look, Path history) {
    PrintWriter out = terminal.writer();
    Shell shell = new Shell(db, out, look);
    terminal.handle(Signal.INT, signal -> shell.interrupt());
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .parser(new SqlLineParser())
            .completer(new SqlCompleter(db))
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, "%P   ...> ")
            .variable(LineReader.INDENTATION, 0)
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.CASE_INSENSITIVE, true)
            .option(LineReader.Option.AUTO_GROUP, true)
            .option(LineReader.Option.HISTORY_TIMESTAMPED, false)
            .build();
    if (history != null) {
      reader.setVariable(LineReader.HISTORY_FILE, history);
    }
    out.println(look.bold("LaminarDB shell") + look.dim("  .help for help, Ctrl-D to leave"));
    String prompt = look.cyan("laminar> ");
    boolean running = true;
    while (running) {
      try {
        running = shell.line(reader.readLine(prompt));
      } catch (UserInterruptException e) {
        shell.discard();
      } catch (EndOfFileException e) {
        running = false;
      }
    }
    saveHistory(reader);
    out.flush();
  }

  private static void saveHistory(LineReader reader) {
    try {
      reader.getHistory().save();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot save the history", e);
    }
  }
}
