package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jline.reader.Candidate;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShellTerminalTest {
  @TempDir Path directory;

  private String type(String keys) throws IOException {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    try (LaminarDB db = Databases.open(Map.of());
        Terminal terminal =
            new DumbTerminal(
                "test",
                "dumb",
                new ByteArrayInputStream(keys.getBytes(StandardCharsets.UTF_8)),
                screen,
                StandardCharsets.UTF_8)) {
      db.start();
      ShellCommand.runTerminal(db, terminal, Look.PLAIN, directory.resolve("history"));
    }
    return screen.toString(StandardCharsets.UTF_8).replace("\r", "");
  }

  @Test
  void takesAStatementOfSeveralLinesAndKeepsItInTheHistory() throws IOException {
    String screen =
        type(
            "CREATE SOURCE trades (symbol VARCHAR,\n  ts BIGINT);\n.tables\n"
                + "SELECT nothing FROM trades;\n.quit\nSHOW SOURCES;\n");
    assertThat(screen).contains("laminar> source trades created");
    assertThat(screen).contains("  trades  source\n");
    assertThat(screen).contains("COLUMN_NOT_FOUND at line 1, column 8");
    assertThat(Files.readString(directory.resolve("history"))).contains(".tables");
  }

  @Test
  void leavesWhenTheInputEnds() throws IOException {
    assertThat(type(".mode csv\nSHOW SOURCES;\n")).contains("LaminarDB shell");
  }

  @Test
  void completesCommandsObjectsColumnsAndKeywords() {
    try (LaminarDB db = Databases.open(Map.of())) {
      db.execute("CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, ts BIGINT)");
      assertThat(candidates(db, ".t")).contains(".tables", ".timer").doesNotContain("SELECT");
      assertThat(candidates(db, "SELECT  FROM trades", 7)).contains("symbol", "price", "trades");
      assertThat(candidates(db, "SELECT 1 FROM t")).contains("trades").doesNotContain("price");
      assertThat(candidates(db, "sel")).contains("select");
      assertThat(candidates(db, "SEL")).contains("SELECT");
    }
  }

  private static List<String> candidates(LaminarDB db, String line) {
    return candidates(db, line, line.length());
  }

  private static List<String> candidates(LaminarDB db, String line, int cursor) {
    List<Candidate> candidates = new ArrayList<>();
    SqlLineParser parser = new SqlLineParser();
    new SqlCompleter(db).complete(null, parser.parse(line, cursor), candidates);
    return candidates.stream().map(Candidate::value).toList();
  }
}
