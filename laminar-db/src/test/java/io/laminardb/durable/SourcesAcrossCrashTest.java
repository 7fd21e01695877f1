package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.TestAccess;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are read on from where they were read to, whatever ended the database between. */
class SourcesAcrossCrashTest {
  private static final String ALL =
      "SELECT file, COUNT(*) AS \"rows\", SUM(n) AS total, MAX(n) AS \"last\" FROM seen GROUP BY file";

  @TempDir Path dir;

  private LaminarDB open(boolean inline) {
    return open(inline, 64);
  }

  private LaminarDB open(boolean inline, int ringRows) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .storageDir(dir.resolve("db"))
            .ringRows(ringRows)
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
    return (inline ? builder.inline() : builder).build();
  }

  private void create(LaminarDB db, String more) {
    db.execute(
        "CREATE SOURCE lines (file VARCHAR, n BIGINT) FROM FILES (path = '"
            + dir.resolve("in")
            + "/*.csv'"
            + more
            + ")");
    db.execute("CREATE MATERIALIZED VIEW seen AS SELECT file, n FROM lines");
  }

  private static List<String> rows(LaminarDB db, String sql) {
    try (Rows rows = db.query(sql)) {
      return rows.drain().stream().map(Row::toString).sorted().toList();
    }
  }

  private void append(String file, long from, long to) throws IOException {
    Path path = dir.resolve("in").resolve(file + ".csv");
    Files.createDirectories(path.getParent());
    StringBuilder lines = new StringBuilder(Files.exists(path) ? "" : "file,n\n");
    for (long n = from; n < to; n++) {
      lines.append(file).append(',').append(n).append('\n');
    }
    Files.writeString(path, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String counted(String file, long rows) {
    long sum = rows * (rows - 1) / 2;
    return "{file=" + file + ", rows=" + rows + ", total=" + sum + ", last=" + (rows - 1) + "}";
  }

  @ParameterizedTest
  @CsvSource({"true,async", "false,async", "true,none", "false,none"})
  void aFileIsReadOnceWhereverTheDatabaseEnds(boolean inline, String durability)
      throws IOException {
    append("a", 0, 20_000);
    append("b", 0, 3);
    append("c", 0, 7_000);
    LaminarDB db = open(inline);
    db.execute(
        "CREATE SOURCE lines (file VARCHAR, n BIGINT) FROM FILES (path = '"
            + dir.resolve("in")
            + "/*.csv') WITH (durability = '"
            + durability
            + "')");
    db.execute("CREATE MATERIALIZED VIEW seen AS SELECT file, n FROM lines");
    for (int life = 0; life < 6; life++) {
      db.start();
      if (life % 2 == 1) {
        db.checkpoint();
      }
      TestAccess.crash(db);
      db = open(inline);
    }
    try (LaminarDB last = db) {
      last.start();
      last.awaitSources();
      assertThat(rows(last, ALL))
          .containsExactly(counted("a", 20_000), counted("b", 3), counted("c", 7_000));
    }
    try (LaminarDB ended = open(inline)) {
      Files.delete(dir.resolve("in/a.csv"));
      ended.start();
      ended.awaitSources();
      assertThat(rows(ended, ALL)).hasSize(3);
    }
  }

  /** Rows of two files, so many that a checkpoint comes in their middle, and a crash behind them. */
  private void readAndCrash(boolean inline, boolean checkpoint) throws IOException {
    append("a", 0, 20_000);
    append("b", 0, 9_000);
    LaminarDB db = open(inline, 1 << 14);
    create(db, "");
    db.start();
    if (checkpoint) {
      db.checkpoint();
    }
    db.awaitSources();
    db.sync();
    TestAccess.crash(db);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsReadForNobodyAlsoAfterACrash(boolean inline) throws IOException {
    append("a", 0, 3);
    try (LaminarDB db = open(inline)) {
      db.execute(
          "CREATE SOURCE lines (file VARCHAR, n BIGINT) FROM FILES (path = '"
              + dir.resolve("in")
              + "/*.csv')");
      db.start();
      db.awaitSources();
    }
    try (LaminarDB db = open(inline)) {
      db.start();
      db.awaitSources();
      assertThat(db.isFed("lines")).isFalse();
      db.execute("CREATE MATERIALIZED VIEW seen AS SELECT file, n FROM lines");
      db.awaitSources();
      assertThat(rows(db, ALL)).containsExactly(counted("a", 3));
    }
    try (LaminarDB db = open(inline)) {
      db.start();
      db.awaitSources();
      assertThat(rows(db, ALL)).containsExactly(counted("a", 3));
    }
  }

  @ParameterizedTest
  @CsvSource({"true,true", "false,true", "true,false", "false,false"})
  void rowsOfFilesAreReadAgainAndNotKept(boolean inline, boolean checkpoint) throws IOException {
    readAndCrash(inline, checkpoint);
    try (Stream<Path> files = Files.list(dir.resolve("db/journal"))) {
      assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isLessThan(10_000);
    }
    try (LaminarDB again = open(inline)) {
      assertThat(rows(again, ALL)).containsExactly(counted("a", 20_000), counted("b", 9_000));
    }
    try (LaminarDB closed = open(inline)) { // all of them are in its checkpoint
      Files.delete(dir.resolve("in/a.csv"));
      closed.start();
      assertThat(rows(closed, ALL)).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gone", "shorter", "changed"})
  void aFileThatIsNotWhatItWasIsRefusedByNameUnlessLossIsAccepted(String what) throws IOException {
    readAndCrash(true, false);
    Path file = dir.resolve("in/a.csv");
    String content = Files.readString(file);
    switch (what) {
      case "gone" -> Files.delete(file);
      case "shorter" -> Files.writeString(file, content.substring(0, content.length() / 2));
      default -> Files.writeString(file, content.replace("a,15000", "a,15001"));
    }
    assertThatThrownBy(() -> open(true))
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STATE_CORRUPT))
        .hasMessageContaining("source \"lines\"")
        .hasMessageContaining(file.toString())
        .hasMessageContaining("record ");
    LaminarDB.Builder accepting = LaminarDB.builder().inline().storageDir(dir.resolve("db"));
    try (LaminarDB db = accepting.acceptLoss().build()) {
      assertThat(rows(db, ALL)).isNotEqualTo(List.of(counted("a", 20_000), counted("b", 9_000)));
    }
  }

  @Test
  void historyKeepsTheRowsThemselves() throws IOException {
    append("a", 0, 5_000);
    LaminarDB.Builder keeping =
        LaminarDB.builder()
            .inline()
            .storageDir(dir.resolve("db"))
            .retainHistory(Duration.ofDays(1));
    try (LaminarDB db = keeping.build()) {
      create(db, "");
      db.start();
      db.awaitSources();
      Files.delete(dir.resolve("in/a.csv"));
      assertThat(db.verify("seen")).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void followedFilesLoseAndRepeatNothing(boolean inline) throws IOException {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    long[] written = new long[3];
    LaminarDB db = open(inline);
    create(db, ", follow = 'true'");
    for (int life = 0; life < 12; life++) {
      for (int file = 0; file < written.length; file++) {
        int more = random.nextInt(random.nextBoolean() ? 5 : 9_000);
        append("f" + file, written[file], written[file] + more);
        written[file] += more;
      }
      db.start();
      switch (random.nextInt(3)) {
        case 0 -> db.sync();
        case 1 -> db.checkpoint();
        default -> Thread.yield();
      }
      TestAccess.crash(db);
      db = open(inline);
    }
    db.start();
    List<String> expected = new ArrayList<>();
    for (int file = 0; file < written.length; file++) {
      expected.add(counted("f" + file, written[file]));
    }
    await(db, expected, seed);
    db.close();
  }

  private static void await(LaminarDB db, List<String> expected, long seed) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    do {
      db.sync();
    } while (!rows(db, ALL).equals(expected) && System.nanoTime() < end);
    assertThat(rows(db, ALL)).as("seed %d", seed).isEqualTo(expected);
  }

  @Test
  void aLogThatWasRotatedMeanwhileIsReadFromItsStart() throws IOException {
    append("f", 0, 10);
    LaminarDB db = open(true);
    create(db, ", follow = 'true'");
    db.start();
    db.sync();
    TestAccess.crash(db);
    Path path = dir.resolve("in/f.csv");
    Files.move(path, dir.resolve("f.csv.1"), StandardCopyOption.ATOMIC_MOVE);
    Files.writeString(path, "file,n\ng,0\ng,1\n");
    try (LaminarDB again = open(true)) {
      again.start();
      again.sync();
      assertThat(rows(again, ALL)).containsExactly(counted("f", 10), counted("g", 2));
    }
  }
}
