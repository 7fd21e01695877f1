package io.laminardb.sql.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AcceptanceStatementsTest {
  private static final Set<String> SQL_FIELDS =
      Set.of("ddl", "query", "query_tvf", "query_asof", "query_named_window");

  private final SqlParser parser = new SqlParser(Map.<String, String>of()::get);

  @Test
  void everyStatementOfTheAcceptanceCasesParses() throws IOException {
    Path folder =
        Stream.of("../../shared/acceptance", "../../../shared/acceptance")
            .map(Path::of)
            .filter(Files::isDirectory)
            .findFirst()
            .orElse(null);
    assumeThat(folder).as("the acceptance cases lie beside the repository").isNotNull();
    List<String> failures = new ArrayList<>();
    int statements = 0;
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.endsWith("cases.json")).sorted().toList()) {
        for (String sql : statements(Files.readString(file))) {
          statements++;
          try {
            assertThat(parser.parse(sql)).as(sql).hasSize(1);
          } catch (LaminarException e) {
            failures.add(file + ": " + e.getMessage());
          }
        }
      }
    }
    assertThat(failures).isEmpty();
    assertThat(statements).isGreaterThan(250);
  }

  /**
   * The strings of the SQL fields; case files are flat enough that a scan for strings finds them.
   */
  private static List<String> statements(String json) {
    List<String> found = new ArrayList<>();
    String field = "";
    int[] at = {0};
    int depth = 0;
    while (at[0] < json.length()) {
      char c = json.charAt(at[0]);
      if (c == '"') {
        String text = string(json, at);
        boolean isField = at[0] < json.length() && json.startsWith(":", at[0]);
        if (isField) {
          field = depth == 2 ? text : field;
        } else if (SQL_FIELDS.contains(field) && depth <= 3) {
          found.add(text);
        }
        continue;
      }
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      }
      at[0]++;
    }
    return found;
  }

  private static String string(String json, int[] at) {
    StringBuilder text = new StringBuilder();
    int i = at[0] + 1;
    for (; json.charAt(i) != '"'; i++) {
      char c = json.charAt(i);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      i++;
      switch (json.charAt(i)) {
        case 'n' -> text.append('\n');
        case 't' -> text.append('\t');
        case 'u' -> {
          text.append((char) Integer.parseInt(json.substring(i + 1, i + 5), 16));
          i += 4;
        }
        default -> text.append(json.charAt(i));
      }
    }
    at[0] = i + 1;
    return text.toString();
  }
}
