package io.laminardb.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about errors knows all of them, and no others. */
class ErrorPageTest {
  private static final String HEADING = "### ";

  @Test
  void everyErrorCodeHasItsHeadingInTheOrderOfTheCodes() throws IOException {
    List<String> headings =
        Files.readAllLines(Path.of("..", "docs", "errors.md")).stream()
            .filter(line -> line.startsWith(HEADING))
            .map(line -> line.substring(HEADING.length()))
            .toList();
    assertThat(headings)
        .containsExactlyElementsOf(Stream.of(ErrorCode.values()).map(Enum::name).toList());
  }
}
