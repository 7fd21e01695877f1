package io.laminardb.script;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every script of {@code src/test/resources/sql} in every mode. {@code -Dlaminar.script=name} picks
 * scripts whose path contains the name, {@code -Dlaminar.script.modes=n} only some n modes, {@code
 * -Dlaminar.script.mode=text} modes that say so, {@code -Dlaminar.seed=n} repeats a seed.
 */
class ScriptTest {
  private static final Path FOLDER = Path.of("src/test/resources/sql");
  private static final long SEED = Long.getLong("laminar.seed", 20_261_123);

  @TestFactory
  Stream<DynamicNode> scripts() {
    String wanted = System.getProperty("laminar.script", "");
    return files().stream()
        .filter(file -> FOLDER.relativize(file).toString().contains(wanted))
        .map(ScriptTest::container);
  }

  @Test
  void thereAreAtLeast150Scripts() {
    Assertions.assertThat(files()).hasSizeGreaterThanOrEqualTo(150);
  }

  private static DynamicNode container(Path file) {
    Script script = Script.read(file);
    return dynamicContainer(
        FOLDER.relativize(file).toString(),
        modes()
            .map(
                mode ->
                    dynamicTest(
                        mode.toString(),
                        () ->
                            assertTimeoutPreemptively(
                                Duration.ofMinutes(5),
                                () -> new ScriptRun(script, mode, SEED).run(),
                                () -> script.name() + " hangs (" + mode + ")"))));
  }

  /** All modes, or as many as asked for, from the first to the last. */
  private static Stream<Mode> modes() {
    String wanted = System.getProperty("laminar.script.mode");
    if (wanted != null) {
      return Mode.ALL.stream().filter(mode -> mode.toString().contains(wanted));
    }
    int all = Mode.ALL.size();
    int count = Math.min(all, Integer.getInteger("laminar.script.modes", all));
    return IntStream.range(0, count)
        .mapToObj(i -> Mode.ALL.get(count == 1 ? 0 : i * (all - 1) / (count - 1)));
  }

  private static List<Path> files() {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".test")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
