package io.laminardb.sql.parser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FuzzTest {
  private static final int CASES = 4_000;
  private static final String[] PIECES = {
    "(",
    ")",
    ",",
    ";",
    "'",
    "\"",
    "`",
    "/*",
    "*/",
    "--",
    "${",
    "}",
    "${X}",
    "::",
    "?",
    ".",
    "=",
    "-",
    "SELECT ",
    " FROM ",
    " WHERE ",
    " GROUP BY ",
    " EMIT ",
    " WITH (",
    " AS ",
    " CASE ",
    " END ",
    "INTERVAL '1' ",
    "INTERVAL ",
    " SECOND",
    " OVER (",
    " ROWS ",
    "CREATE ",
    "STREAM ",
    "SOURCE ",
    "1e999999999",
    "99999999999999999999",
    "\u0000",
    "\u0007",
    "\uD83D\uDE00",
    "\t",
    "\r",
    "\r\n",
    "x'0",
    "N'a'",
    "U&'\\zz'",
    "E'\\x'",
    "DATE 'x'",
    "TIMESTAMP ",
    "[",
    "]",
    "{d '1'}",
    "{",
    "<",
    "ARRAY["
  };

  private final SqlParser parser = new SqlParser(Map.<String, String>of()::get);

  @Test
  void everyStringParsesOrHasAnErrorWithItsPlace() throws IOException {
    List<String> statements = statements();
    long seed = Long.getLong("laminar.seed", 20_260_101L);
    Random random = new Random(seed);
    for (int i = 0; i < CASES; i++) {
      String sql = random.nextInt(5) == 0 ? noise(random) : mutated(statements, random);
      String name = "seed " + seed + ", case " + i + ": " + sql;
      assertTimeoutPreemptively(Duration.ofSeconds(60), () -> check(sql, name), name);
    }
  }

  private void check(String sql, String name) {
    try {
      parser.parse(sql);
    } catch (LaminarException e) {
      assertThat(e.position()).as(name).isNotNull();
      assertThat(e.position().line()).as(name).isPositive();
      assertThat(e.position().column()).as(name).isPositive();
      assertThat(e.getMessage()).as(name).contains(" at line ");
    } catch (RuntimeException | Error e) {
      fail(name, e);
    }
  }

  private static String mutated(List<String> statements, Random random) {
    StringBuilder sql = new StringBuilder(statements.get(random.nextInt(statements.size())));
    for (int edits = 1 + random.nextInt(4); edits > 0; edits--) {
      int at = random.nextInt(sql.length() + 1);
      int end = Math.min(sql.length(), at + 1 + random.nextInt(8));
      switch (random.nextInt(5)) {
        case 0 -> sql.delete(at, end);
        case 1 -> sql.insert(at, PIECES[random.nextInt(PIECES.length)]);
        case 2 -> sql.replace(at, end, PIECES[random.nextInt(PIECES.length)]);
        case 3 -> sql.insert(at, sql.substring(at, end));
        default -> sql.setLength(Math.max(1, at));
      }
    }
    return sql.toString();
  }

  private static String noise(Random random) {
    StringBuilder sql = new StringBuilder();
    for (int pieces = random.nextInt(30); pieces >= 0; pieces--) {
      sql.append(
          random.nextInt(6) == 0
              ? String.valueOf((char) random.nextInt(0x300))
              : PIECES[random.nextInt(PIECES.length)]);
    }
    return sql.toString();
  }

  private List<String> statements() throws IOException {
    try (InputStream in = FuzzTest.class.getResourceAsStream("/sql-parser/dialect.sql")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      SqlParser withVariables = new SqlParser(name -> "value");
      return withVariables.parse(text).stream().map(ParsedStatement::text).toList();
    }
  }
}
