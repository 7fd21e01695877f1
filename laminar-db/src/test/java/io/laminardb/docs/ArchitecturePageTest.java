package io.laminardb.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about the architecture names classes that exist. */
class ArchitecturePageTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z]\\w*)(\\.\\w+)?`");
  private static final Set<String> OF_THE_JDK = Set.of("ServiceLoader");

  @Test
  void everyClassItNamesExists() throws IOException {
    Set<String> named =
        CLASS
            .matcher(Files.readString(ROOT.resolve("docs/ARCHITECTURE.md")))
            .results()
            .map(result -> result.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    named.removeAll(OF_THE_JDK);
    named.removeAll(classes());
    assertThat(named).isEmpty();
  }

  private static Set<String> classes() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
