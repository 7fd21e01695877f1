package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.laminardb.LaminarDB;
import io.laminardb.StatementResult;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The SQL that README.md and docs print. The snippets of a page run one after the other, on one
 * database, from the repository's folder. A snippet behind {@code <!-- refused -->} must be refused;
 * one behind {@code <!-- new page -->} begins with a fresh database. The pages about connectors name
 * files and streams that are not here: their statements may fail for that, and for nothing else.
 */
class DocsTest {
  private static final Pattern SNIPPET =
      Pattern.compile("(<!-- (refused|new page)[^>]*-->\\s*)?```sql\\n(.*?)```", Pattern.DOTALL);

  private static final Set<ErrorCode> NOT_HERE =
      Set.of(ErrorCode.IO_ERROR, ErrorCode.OBJECT_NOT_FOUND);

  @TestFactory
  Stream<DynamicTest> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(Path.of("../README.md")));
    try (Stream<Path> docs = Files.walk(Path.of("../docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    return pages.stream().map(page -> dynamicTest(page.toString(), () -> runPage(page)));
  }

  private static void runPage(Path page) throws IOException {
    Matcher snippet = SNIPPET.matcher(Files.readString(page));
    LaminarDB db = LaminarDB.builder().inline().build();
    try {
      while (snippet.find()) {
        String mark = snippet.group(2) == null ? "" : snippet.group(2);
        String sql = snippet.group(3);
        if (mark.equals("new page")) {
          db.close();
          db = LaminarDB.builder().inline().build();
        }
        LaminarDB current = db;
        switch (mark) {
          case "refused" ->
              assertThatThrownBy(() -> execute(current, sql)).isInstanceOf(LaminarException.class);
          default -> run(current, page, sql);
        }
      }
    } finally {
      db.close();
    }
  }

  private static void run(LaminarDB db, Path page, String sql) {
    boolean aboutConnectors = page.toString().contains("connectors");
    for (String part : aboutConnectors ? sql.split("(?<=;)\n") : new String[] {sql}) {
      try {
        execute(db, part);
      } catch (LaminarException e) {
        if (!aboutConnectors || !NOT_HERE.contains(e.code())) {
          throw new AssertionError(page + ":\n" + part + "\n" + e.getMessage(), e);
        }
      }
    }
  }

  private static void execute(LaminarDB db, String sql) {
    for (StatementResult result : db.execute(sql)) {
      if (result.hasRows()) {
        result.rows().close();
      }
    }
  }
}
