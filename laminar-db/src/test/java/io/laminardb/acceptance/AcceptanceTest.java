package io.laminardb.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.laminardb.script.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The cases of other engines' suites. Those that need what is not built yet are listed, by what they
 * lack, in {@code acceptance-missing.txt}; the list is held against reality: a listed case that
 * passes fails the test, as does one that fails without being listed. {@code -Dlaminar.case=prefix}
 * selects some, {@code -Dlaminar.case.modes=n} runs each in the first n modes, {@code
 * -Dlaminar.case.mode=text} in those that say so.
 */
class AcceptanceTest {
  private static final Path MISSING = Path.of("src/test/resources/acceptance-missing.txt");
  private static final long SEED = Long.getLong("laminar.seed", 20_261_123);

  private static final List<Mode> MODES =
      List.of(
          Mode.SIMPLE,
          new Mode(Mode.Feed.RANDOM_BATCHES, false, false, false),
          new Mode(Mode.Feed.RANDOM_BATCHES, true, false, false),
          new Mode(Mode.Feed.ROWS, true, true, false),
          new Mode(Mode.Feed.RANDOM_BATCHES, false, false, true),
          new Mode(Mode.Feed.RANDOM_BATCHES, false, false, false, true, true));

  @TestFactory
  Stream<DynamicTest> cases() throws IOException {
    Path folder = folder();
    assumeTrue(folder != null, "the folder shared/acceptance is not here");
    Set<String> missing = missing();
    List<AcceptanceCase> cases = AcceptanceCase.readAll(folder);
    Set<String> unknown = new HashSet<>(missing);
    cases.forEach(each -> unknown.remove(each.id()));
    assertThat(unknown).as("listed as missing, but no case").isEmpty();
    String selected = System.getProperty("laminar.case", "");
    String wanted = System.getProperty("laminar.case.mode", "");
    int modes = Integer.getInteger("laminar.case.modes", MODES.size());
    return cases.stream()
        .filter(each -> each.id().startsWith(selected))
        .map(
            each ->
                dynamicTest(
                    each.id(),
                    () -> {
                      if (missing.contains(each.id())) {
                        stillFails(each);
                      } else {
                        for (Mode mode : MODES.subList(0, modes)) {
                          if (mode.toString().contains(wanted)) {
                            run(each, mode);
                          }
                        }
                      }
                    }));
  }

  private static void run(AcceptanceCase each, Mode mode) {
    try {
      assertTimeoutPreemptively(Duration.ofMinutes(5), () -> each.run(mode, SEED));
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          each.id() + " (" + mode + ", seed " + SEED + "): " + e.getMessage(), e);
    }
  }

  private static void stillFails(AcceptanceCase each) {
    try {
      run(each, Mode.SIMPLE);
    } catch (AssertionError e) {
      return;
    }
    throw new AssertionError(each.id() + " passes: take it off " + MISSING);
  }

  private static Set<String> missing() throws IOException {
    Set<String> ids = new HashSet<>();
    for (String line : Files.readAllLines(MISSING)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        ids.add(line.strip().split("\\s")[0]);
      }
    }
    return ids;
  }

  /** {@code shared/acceptance} beside the repository, or beside a folder above it; else null. */
  static Path folder() {
    for (Path above = Path.of("").toAbsolutePath(); above != null; above = above.getParent()) {
      Path folder = above.resolve("shared").resolve("acceptance");
      if (Files.isDirectory(folder)) {
        return folder;
      }
    }
    return null;
  }
}
