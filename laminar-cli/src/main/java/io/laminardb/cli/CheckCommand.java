package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.core.error.LaminarException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code laminar check directory}. */
@Command(
    name = "check",
    description = {
      "Read every byte of a database's directory, or of a backup, and compare it with its checksums.",
      "Nothing is changed. Exit code 1 where anything is damaged."
    },
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "directory", description = "Of a database that nobody has open.")
  private Path directory;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Look look = Look.of(Terminals.isTerminal(), System.getenv());
    StorageReport report;
    try {
      report = LaminarDB.check(directory);
    } catch (LaminarException e) {
      Errors.print(err, look, null, "", e);
      return 1;
    }
    report
        .checkpoints()
        .forEach(
            each ->
                out.printf(
                    Locale.ROOT,
                    "checkpoint %d: %s, up to record %d, whole%n",
                    each.id(),
                    each.takenAt(),
                    each.position()));
    out.println(
        report.lastPosition() < report.firstPosition()
            ? "journal: no records"
            : "journal: records " + report.firstPosition() + " to " + report.lastPosition());
    report.damage().forEach(each -> err.println(look.red("damaged") + ": " + each));
    if (report.loss() != null) {
      err.println(look.red("lost") + ": " + report.loss());
    }
    out.printf(
        Locale.ROOT,
        "%,d files, %,d bytes read: %s%n",
        report.files(),
        report.bytes(),
        report.isWhole()
            ? "all is as it was written"
            : report.loss() == null ? "damaged, and nothing is lost" : "damaged");
    out.flush();
    err.flush();
    return report.isWhole() ? 0 : 1;
  }
}
