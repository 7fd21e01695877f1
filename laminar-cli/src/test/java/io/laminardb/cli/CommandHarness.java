package io.laminardb.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** Runs commands as from a command line and keeps what they write, with plain line ends. */
final class CommandHarness {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  int laminar(String... args) {
    System.setProperty("laminar.home", Flights.home().toString());
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  String out() {
    return out.toString().replace(System.lineSeparator(), "\n");
  }

  String err() {
    return err.toString().replace(System.lineSeparator(), "\n");
  }
}
