package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int laminar(String... args) {
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  @Test
  void printsUsageWithoutArguments() {
    assertThat(laminar()).isZero();
    assertThat(out.toString()).startsWith("Usage: laminar").contains("version");
  }

  @Test
  void printsTheVersionsOfLaminarAndJava() {
    assertThat(laminar("version")).isZero();
    assertThat(out.toString()).contains("LaminarDB ").contains("Java " + Runtime.version());
  }

  @Test
  void refusesAnUnknownCommandWithExitCodeTwo() {
    assertThat(laminar("explode")).isEqualTo(2);
    assertThat(err.toString()).contains("explode");
  }
}
