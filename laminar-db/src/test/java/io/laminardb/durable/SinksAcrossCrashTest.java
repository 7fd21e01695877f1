package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.TestAccess;
import io.laminardb.core.connector.PrintConnector;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What files hold when the database that writes them was ended anywhere: every row, and none twice. */
class SinksAcrossCrashTest {
  private static final String EVENTS =
      "CREATE SOURCE events (n BIGINT NOT NULL, ts BIGINT NOT NULL)";

  @TempDir Path dir;
  private final BreakingFiles files = new BreakingFiles();

  private LaminarDB open(String name, boolean inline) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .storageDir(dir.resolve(name))
            .registerConnector(files)
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
    return (inline ? builder.inline() : builder).build();
  }

  private static String sink(Path file, String mode) {
    return "CREATE SINK copy INTO BREAKING (path = '"
        + file
        + "', mode = '"
        + mode
        + "') AS SELECT n, n * n AS squared FROM events WHERE n % 3 <> 0";
  }

  private static void push(LaminarDB db, long from, long to) {
    for (long n = from; n < to; n++) {
      db.source("events").push(n, n);
    }
    db.sync();
  }

  /** Whole lines of what can be read now; nothing where there is no file. */
  private static List<String> lines(Path file) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try (InputStream in =
        file.toString().endsWith(".gz")
            ? new GZIPInputStream(Files.newInputStream(file))
            : Files.newInputStream(file)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(text).as("a half row").matches("(?s)|.*\n");
      return text.lines().toList();
    }
  }

  private static List<String> expected(long rows) {
    return Stream.concat(
            Stream.of("n,squared"),
            Stream.iterate(0L, n -> n < rows, n -> n + 1)
                .filter(n -> n % 3 != 0)
                .map(n -> n + "," + n * n))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"append,false,out.csv", "overwrite,true,out.csv", "append,true,out.csv.gz"})
  void everyRowIsThereOnceWhereverTheWriterBreaks(String mode, boolean inline, String name)
      throws IOException {
    int breaks = 0;
    for (int call = 0; call >= 0; call = breaks == 0 ? -1 : call + 1) {
      breaks = 0;
      for (boolean after : new boolean[] {false, true}) {
        String at = "at" + call + after;
        Path file = dir.resolve(at).resolve(name);
        long pushed = life(open(at, inline), file, mode, 0, -1, after);
        files.breakAt(call, after);
        pushed = broken(at, inline, pushed);
        breaks += files.isBroken() ? 1 : 0;
        files.breakAt(-1, false);
        life(open(at, inline), null, mode, pushed, 0, after);
        assertThat(lines(file)).as("%s, %s", at, mode).isEqualTo(expected(pushed + 20));
        assertThat(dir.resolve(at).toFile().list())
            .as("nothing staged is left")
            .noneMatch(left -> left.endsWith(".part"));
      }
    }
  }

  /** Creates or goes on, pushes, and ends: crashes where {@code ends} is negative, else is closed. */
  private static long life(
      LaminarDB db, Path created, String mode, long from, int ends, boolean checkpoint) {
    if (created != null) {
      db.execute(EVENTS);
      db.execute(sink(created, mode));
    }
    db.start();
    push(db, from, from + 20);
    if (ends < 0) {
      if (checkpoint) {
        db.checkpoint();
      }
      push(db, from + 20, from + 30);
      TestAccess.crash(db);
      return from + 30;
    }
    db.close();
    return from + 20;
  }

  /** A life in which the writer breaks somewhere, perhaps; answers the rows pushed in all. */
  private long broken(String at, boolean inline, long from) {
    LaminarDB db;
    try {
      db = open(at, inline);
    } catch (LaminarException e) {
      return from; // it broke when it was opened
    }
    long pushed = from;
    try {
      db.start();
      for (int i = 0; i < 2; i++) {
        pushed += 10;
        push(db, pushed - 10, pushed);
        db.checkpoint();
      }
    } catch (LaminarException e) {
      // it broke
    } finally {
      TestAccess.crash(db);
    }
    return pushed;
  }

  @ParameterizedTest
  @CsvSource({"append,true", "append,false", "overwrite,true", "overwrite,false"})
  void crashesCheckpointsAndClosesInAnyOrderLoseAndRepeatNothing(String mode, boolean inline)
      throws IOException {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    Path file = dir.resolve("out.csv");
    LaminarDB db = open("db", inline);
    db.execute(EVENTS);
    db.execute(sink(file, mode));
    db.start();
    long pushed = 0;
    for (int step = 0; step < 15; step++) {
      long more = random.nextInt(40);
      push(db, pushed, pushed + more);
      pushed += more;
      int what = random.nextInt(4);
      if (what == 0) {
        db.checkpoint();
        if (mode.equals("append") && pushed > 2) {
          assertThat(lines(file)).as("seed %d", seed).isEqualTo(expected(pushed));
        }
      } else if (what < 3) {
        if (what == 1) {
          TestAccess.crash(db);
        } else {
          db.close();
        }
        List<String> seen = lines(file);
        assertThat(expected(pushed).subList(0, seen.size())).as("seed %d", seed).isEqualTo(seen);
        db = open("db", inline);
        db.start();
      }
    }
    db.close();
    assertThat(lines(file)).as("seed %d", seed).isEqualTo(expected(pushed));
  }

  @ParameterizedTest
  @CsvSource({"append,true", "append,false", "overwrite,true", "overwrite,false"})
  void aSinkThatIsDroppedHasShownAllItWasGiven(String mode, boolean inline) throws IOException {
    Path file = dir.resolve("out.csv");
    LaminarDB db = open("db", inline);
    db.execute(EVENTS);
    db.execute(sink(file, mode));
    db.start();
    push(db, 0, 10);
    db.execute("DROP SINK copy");
    assertThat(lines(file)).isEqualTo(expected(10));
    push(db, 10, 20);
    TestAccess.crash(db);
    for (int life = 0; life < 2; life++) {
      db = open("db", inline);
      db.start();
      TestAccess.crash(db);
      assertThat(lines(file)).isEqualTo(expected(10));
    }
    assertThat(dir.toFile().list()).noneMatch(left -> left.endsWith(".part"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFileIsShownWholeWhenItsStreamHasEnded(boolean inline) throws IOException {
    Path file = dir.resolve("out.csv");
    Files.writeString(file, "old\n");
    LaminarDB db = open("db", inline);
    db.execute(EVENTS);
    db.execute(sink(file, "overwrite"));
    db.start();
    push(db, 0, 10);
    db.checkpoint();
    db.source("events").end();
    db.sync();
    assertThat(lines(file)).containsExactly("old");
    TestAccess.crash(db);
    db = open("db", inline);
    db.start();
    db.sync();
    db.checkpoint();
    assertThat(lines(file)).isEqualTo(expected(10));
    TestAccess.crash(db);
    open("db", inline).close();
    assertThat(lines(file)).isEqualTo(expected(10));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noCheckpointPassesByASinkThatHasFailed(boolean inline) {
    LaminarDB db = open("db", inline);
    db.execute(EVENTS);
    db.execute(sink(dir.resolve("out.csv"), "append"));
    db.start();
    files.breakAt(0, false);
    assertThatThrownBy(() -> push(db, 0, 10)).hasMessageContaining("it breaks");
    assertThatThrownBy(db::checkpoint)
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTOR_FAILED))
        .hasMessageContaining("sink \"copy\" has failed");
    db.execute("DROP SINK copy");
    db.checkpoint();
    db.close();
  }

  @Test
  void aSinkWithoutTransactionsGetsRowsSinceTheCheckpointAgain() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    for (int life = 0; life < 2; life++) {
      LaminarDB db =
          LaminarDB.builder()
              .storageDir(dir.resolve("db"))
              .inline()
              .registerConnector(
                  new PrintConnector(new PrintStream(printed, true, StandardCharsets.UTF_8)))
              .checkpoint(CheckpointConfig.every(Duration.ofDays(1)))
              .build();
      if (life == 0) {
        db.execute(EVENTS);
        db.execute("CREATE SINK p INTO PRINT (format = 'json') AS SELECT n FROM events");
      }
      db.start();
      if (life == 0) {
        push(db, 0, 1);
        db.checkpoint();
        push(db, 1, 2);
      }
      TestAccess.crash(db);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("{\"n\":0}", "{\"n\":1}", "{\"n\":1}");
  }
}
