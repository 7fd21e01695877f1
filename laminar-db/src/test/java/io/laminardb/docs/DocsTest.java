package io.laminardb.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every statement the documentation prints runs as printed, or is refused as it says. */
class DocsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** Its statements need files: FilesTest runs them. */
  private static final Path FILES = ROOT.resolve("docs/connectors/files.md");

  @TestFactory
  Stream<DynamicTest> everyStatementRunsAsPrinted() throws IOException {
    return pages()
        .filter(page -> !page.equals(FILES))
        .map(DocPage::read)
        .filter(page -> page.blocks().stream().anyMatch(DocPage.Block::isSql))
        .map(
            page ->
                DynamicTest.dynamicTest(ROOT.relativize(page.file()).toString(), () -> run(page)));
  }

  private static void run(DocPage page) {
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.start();
      page.run(db);
    }
  }

  @Test
  void everyLinkBetweenPagesLeadsSomewhere() throws IOException {
    List<String> broken = pages().flatMap(DocsTest::brokenLinks).toList();
    assertThat(broken).isEmpty();
  }

  private static Stream<String> brokenLinks(Path page) {
    String text;
    try {
      text = Files.readString(page);
    } catch (IOException e) {
      return Stream.of(page + ": " + e);
    }
    return java.util.regex.Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)")
        .matcher(text)
        .results()
        .map(link -> link.group(1))
        .filter(target -> !Files.exists(page.getParent().resolve(target)))
        .map(target -> ROOT.relativize(page) + " -> " + target);
  }

  private static Stream<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      List<Path> found = docs.filter(file -> file.toString().endsWith(".md")).sorted().toList();
      return Stream.concat(
          Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md").map(ROOT::resolve),
          found.stream());
    }
  }
}
