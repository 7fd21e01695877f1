package io.laminardb.mmap;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.StatementResult;
import io.laminardb.core.error.LaminarException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A database in a process of its own, which executes a line of SQL after the other. */
final class SqlProcess implements AutoCloseable {
  private static final List<String> FLAGS =
      List.of(
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
          "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
  private static final String END = "--";

  private final File errors;
  private final Process process;
  private final PrintWriter statements;
  private final BufferedReader answers;

  /**
   * @param directory of a durable database, or null
   * @param errors where the process writes what goes wrong
   * @param home whose files libraries may write to
   */
  SqlProcess(Path directory, File errors, Path home) throws IOException {
    this.errors = errors;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.add("-Duser.home=" + home);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(SqlProcess.class.getName());
    if (directory != null) {
      command.add(directory.toString());
    }
    process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors)).start();
    statements = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Executes statements; the rows of the last one, or what was wrong. */
  List<String> execute(String sql) throws IOException {
    statements.println(sql);
    List<String> rows = new ArrayList<>();
    for (String line = answers.readLine(); !END.equals(line); line = answers.readLine()) {
      if (line == null) {
        throw new IOException(
            "the process has ended: " + sql + "\n" + Files.readString(errors.toPath()));
      }
      rows.add(line);
    }
    return rows;
  }

  /** Kills it. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    statements.close();
    process.onExit().join();
  }

  /** A directory, or nothing for a database in memory. */
  public static void main(String[] args) throws IOException {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    LaminarDB.Builder builder = LaminarDB.builder().inline();
    if (args.length > 0) {
      builder.storageDir(Path.of(args[0]));
    }
    try (LaminarDB db = builder.build();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      db.start();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        try {
          for (StatementResult result : db.execute(line)) {
            if (result.hasRows()) {
              for (Row row : result.rows().drain()) {
                out.println(row);
              }
            }
          }
          db.sync();
        } catch (LaminarException e) {
          out.println(e.getMessage().replace('\n', ' '));
        }
        out.println(END);
      }
    }
  }
}
