package io.laminardb.api;

import static io.laminardb.api.Texts.await;
import static io.laminardb.api.Texts.error;
import static io.laminardb.api.Texts.rows;
import static io.laminardb.api.Texts.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Connectors read what queries want of their rows, and nobody can tell from the rows. */
@Timeout(300)
class PushDownTest {
  @TempDir Path directory;

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  private void append(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text, StandardOpenOption.APPEND);
  }

  private static Metrics.SourceMetrics metrics(LaminarDB db) {
    return db.metrics().source("t");
  }

  @Test
  void whoComesLaterSeesTheColumnsThatNobodyReadBefore() throws IOException {
    for (String name : List.of("t.csv", "t.jsonl")) {
      boolean csv = name.endsWith("csv");
      String path = file(name, csv ? "id,word,score\n" : "");
      try (LaminarDB db = LaminarDB.builder().inline().build()) {
        db.execute(
            "CREATE SOURCE t (id INT NOT NULL, word VARCHAR, score DOUBLE NOT NULL) FROM FILES ("
                + "path = '"
                + path
                + "', follow = 'true')");
        db.start();
        db.execute("CREATE STREAM ids AS SELECT id FROM t");
        Subscription ids = db.subscribe("ids");
        line(name, 1);
        db.sync();
        db.execute("CREATE STREAM words AS SELECT word, id FROM t");
        Subscription words = db.subscribe("words");
        line(name, 2);
        db.sync();
        Subscription all = db.subscribe("t");
        line(name, 3);
        db.sync();
        assertThat(texts(all.drain())).containsExactly("3 word3 3.5");
        all.close();
        db.execute("DROP STREAM ids");
        line(name, 4);
        db.sync();
        db.execute("CREATE STREAM scores AS SELECT score FROM t WHERE id > 5");
        Subscription scores = db.subscribe("scores");
        line(name, 5);
        line(name, 6);
        db.sync();
        assertThat(texts(ids.drain())).containsExactly("1", "2", "3");
        assertThat(texts(words.drain()))
            .containsExactly("word2 2", "word3 3", "word4 4", "word5 5", "word6 6");
        assertThat(texts(scores.drain())).containsExactly("6.5");
      }
    }
  }

  private void line(String name, int id) throws IOException {
    append(
        name,
        name.endsWith("csv")
            ? id + ",word" + id + "," + id + ".5\n"
            : "{\"word\": \"word" + id + "\", \"id\": " + id + ", \"score\": " + id + ".5}\n");
  }

  @Test
  void rowsOnTheirWayThatLackAColumnAreNotForWhoComesLater() throws IOException {
    int rows = 400_000;
    StringBuilder text = new StringBuilder("id,word,score\n");
    for (int i = 0; i < rows; i++) {
      text.append(i).append(",w").append(i).append(',').append(i).append('\n');
    }
    String path = file("t.csv", text.toString());
    Duration planning = Duration.ofMinutes(2); // which the reactor waits for, and rows for it
    try (LaminarDB db = LaminarDB.builder().stallTimeout(planning).build()) {
      db.execute(
          "CREATE SOURCE t (id BIGINT NOT NULL, word VARCHAR NOT NULL, score DOUBLE) FROM FILES (path = '"
              + path
              + "')");
      db.execute("CREATE STREAM ids AS SELECT id FROM t WHERE id >= 0");
      Thread comer =
          new Thread(
              () ->
                  db.execute(
                      "CREATE MATERIALIZED VIEW words AS SELECT MIN(id) > 0 AS came_later, MAX(id) AS last,"
                          + " COUNT(*) - COUNT_IF(word = 'w' || CAST(id AS VARCHAR) AND score = id)"
                          + " AS wrong FROM t"));
      // The reactor stands still until the later query has come.
      db.subscribe(
          "ids",
          row -> {
            if (row.getLong("id") % 500 == 0) {
              await("the later query calls", () -> isDone(comer) || asksTheReactor(comer));
            }
          });
      db.start();
      await("rows without words wait", () -> db.sourceProgress("t")[0] > 1_000_000);
      comer.start();
      await("the later query is there", () -> isDone(comer));
      db.awaitSources();
      assertThat(rows(db, "SELECT came_later, last, wrong FROM words"))
          .containsExactly("true 399999 0");
    }
  }

  private static boolean isDone(Thread thread) {
    return thread.getState() == Thread.State.TERMINATED;
  }

  private static boolean asksTheReactor(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getClassName().endsWith(".Reactor"));
  }

  @Test
  void rowsThatNoQueryKeepsAreLeftOutAndCounted() throws IOException {
    StringBuilder text = new StringBuilder("id,a,b\n");
    for (int i = 0; i < 10_000; i++) {
      text.append(i).append(',').append(i % 100).append(",x\n");
    }
    String path = file("t.csv", text.toString());
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute("CREATE SOURCE t (id INT, a INT, b VARCHAR) FROM FILES (path = '" + path + "')");
      db.execute("CREATE STREAM small AS SELECT id, b FROM t WHERE a < 3");
      db.execute(
          "CREATE MATERIALIZED VIEW n AS SELECT COUNT(*) AS n FROM t WHERE a = 50 AND b = 'x'");
      Subscription small = db.subscribe("small");
      db.start();
      db.awaitSources();
      assertThat(small.drain()).hasSize(300);
      assertThat(rows(db, "SELECT n FROM n")).containsExactly("100");
      assertThat(metrics(db).rows()).isEqualTo(10_000);
      assertThat(metrics(db).filteredRows()).isEqualTo(9_600);
      assertThat(db.query("SHOW SOURCES").drain().get(0).getLong("filtered_rows")).isEqualTo(9_600);
    }
  }

  @Test
  void explainTellsWhatIsPushed() throws IOException {
    String path = file("t.csv", "id,a,b,ts\n1,2,x,2024-03-01T00:00:00\n");
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(
          "CREATE SOURCE t (id INT, a INT, b VARCHAR, ts TIMESTAMP(3), WATERMARK FOR ts) FROM FILES"
              + " (path = '"
              + path
              + "')");
      assertThat(explain(db, "SELECT id FROM t WHERE a > 1"))
          .contains("Scan t  -- reads 3 of 4 columns, filter pushed: a > 1");
      assertThat(explain(db, "SELECT * FROM t")).contains("Scan t  -- reads all columns\n");
      db.execute("CREATE STREAM whole AS SELECT a FROM t");
      db.execute("CREATE STREAM part AS SELECT a FROM t WHERE b = 'x'");
      assertThat(explain(db, "part"))
          .contains("reads 3 of 4 columns, filter not pushed: whole reads every row");
      db.execute("DROP STREAM whole");
      assertThat(explain(db, "part")).contains("reads 3 of 4 columns, filter pushed: b = 'x'");
      assertThat(
              explain(
                  db,
                  "CREATE STREAM j AS SELECT l.id FROM t AS l JOIN t AS r ON l.id = r.id AND l.ts"
                      + " BETWEEN r.ts AND r.ts + INTERVAL '1' MINUTE WHERE l.a = 1 AND r.a = 2"))
          .contains("reads 3 of 4 columns, filter pushed: a = 1")
          .contains("reads 3 of 4 columns, filter pushed: a = 2");
    }
  }

  private static String explain(LaminarDB db, String query) {
    return String.join("\n", rows(db, "EXPLAIN " + query)) + "\n";
  }

  @Test
  void aRowWhosePredicateFailsReachesTheQuery() throws IOException {
    String path = file("t.csv", "id,a,b\n1,2,x\n2,0,y\n3,50,z\n");
    for (String policy : List.of("fail", "skip")) {
      try (LaminarDB db = LaminarDB.builder().inline().build()) {
        db.execute("CREATE SOURCE t (id INT, a INT, b VARCHAR) FROM FILES (path = '" + path + "')");
        db.execute(
            "CREATE STREAM s AS SELECT id FROM t WHERE 100 / a > 10 WITH (on_error = '"
                + policy
                + "')");
        Subscription s = db.subscribe("s");
        Subscription errors = policy.equals("skip") ? db.subscribe("s$errors") : null;
        db.start();
        db.awaitSources();
        assertThat(texts(s.drain())).containsExactly("1");
        if (errors == null) {
          LaminarException failure = error(s::drain);
          assertThat(failure.code()).isEqualTo(ErrorCode.EXPRESSION_FAILED);
          assertThat(failure).hasMessageContaining("id = 2");
        } else {
          assertThat(texts(errors.drain())).hasSize(1).first().asString().contains("b = 'y'");
        }
      }
    }
  }

  @Test
  void aBadFieldThatNobodyReadsIsNoticedWhereThatIsAskedFor() throws IOException {
    String path = file("t.csv", "id,price,note\n1,2.5,a\n2,abc,b\n3,,c\n4,1.5\n5,6,e\n");
    String create =
        "CREATE SOURCE t (id INT, price DOUBLE NOT NULL, note VARCHAR) FROM FILES (path = '" + path;
    for (boolean validate : new boolean[] {false, true}) {
      try (LaminarDB db = LaminarDB.builder().inline().build()) {
        db.execute(create + "', on_error = 'skip', validate = '" + validate + "')");
        db.execute("CREATE STREAM s AS SELECT id, note FROM t");
        Subscription s = db.subscribe("s");
        db.start();
        db.awaitSources();
        assertThat(texts(s.drain()))
            .isEqualTo(validate ? List.of("1 a", "5 e") : List.of("1 a", "2 b", "3 c", "5 e"));
        assertThat(db.query("SHOW SOURCES").drain().get(0).getLong("skipped_records"))
            .isEqualTo(validate ? 3 : 1);
      }
    }
  }

  @Test
  void aBadFieldOfARowThatIsLeftOutIsNotNoticedAndOneOfAKeptRowIs() throws IOException {
    String path = file("t.csv", "id,price\n1,2.5\n2,abc\n3,1.5\n4,xyz\n5,3.5\n");
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(
          "CREATE SOURCE t (id INT, price DOUBLE) FROM FILES (path = '"
              + path
              + "', on_error = 'skip')");
      db.execute("CREATE STREAM s AS SELECT id, price FROM t WHERE id <> 2");
      Subscription s = db.subscribe("s");
      db.start();
      db.awaitSources();
      assertThat(texts(s.drain())).containsExactly("1 2.5", "3 1.5", "5 3.5");
      assertThat(metrics(db).filteredRows()).isEqualTo(1);
      assertThat(db.query("SHOW SOURCES").drain().get(0).getLong("skipped_records")).isEqualTo(1);
    }
  }

  @Test
  void aQueryThatWindowsOverATimeNobodyReadBeforeFindsNoRowLate() throws IOException {
    String path = file("t.csv", "id,ts\n");
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(
          "CREATE SOURCE t (id INT, ts BIGINT NOT NULL) FROM FILES (path = '"
              + path
              + "', follow = 'true')");
      db.start();
      db.execute("CREATE STREAM ids AS SELECT id FROM t WHERE id > 0");
      append("t.csv", "1,900000000\n");
      db.sync();
      db.execute(
          "CREATE STREAM n AS SELECT COUNT(*) AS n FROM t WHERE id > 1"
              + " GROUP BY tumble(ts, INTERVAL '1' SECOND)");
      Subscription n = db.subscribe("n");
      append("t.csv", "2,1000\n3,1500\n1,2000\n");
      db.sync();
      assertThat(texts(n.drain())).containsExactly("2");
    }
  }

  private static final List<String> QUERIES =
      List.of(
          "SELECT id, note FROM t WHERE k < 4",
          "SELECT id, v FROM t",
          "SELECT k, COUNT(*) AS n FROM t WHERE v > 100 GROUP BY k",
          "SELECT id FROM t WHERE k < 4",
          "SELECT note FROM t WHERE k = 5 OR v IS NULL",
          "SELECT k, COUNT(*) AS n FROM t WHERE k < 4 GROUP BY k, tumble(ts, INTERVAL '1' SECOND)",
          "SELECT * FROM t",
          "SELECT l.id, r.v FROM t AS l JOIN t AS r ON l.id = r.id AND r.ts = l.ts WHERE l.k = 3");

  @Test
  void queriesThatComeAndGoSeeWhatTheyWouldOfAllRows() throws IOException {
    for (long seed = 1; seed <= 25; seed++) {
      assertThat(comeAndGo(seed, false)).as("seed " + seed).isEqualTo(comeAndGo(seed, true));
    }
  }

  /** What random queries give that are created and dropped between rows. */
  private List<String> comeAndGo(long seed, boolean whole) throws IOException {
    Random random = new Random(seed);
    String name = "t" + seed + whole + ".csv";
    String path = file(name, "id,k,v,ts,note\n");
    List<String> seen = new ArrayList<>();
    List<String> names = new ArrayList<>();
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(
          "CREATE SOURCE t (id INT, k INT NOT NULL, v DOUBLE, ts TIMESTAMP(3), note VARCHAR NOT NULL,"
              + " WATERMARK FOR ts) FROM FILES (path = '"
              + path
              + "', follow = 'true')");
      db.execute(
          "CREATE STREAM reader AS SELECT " + (whole ? "* FROM t" : "id FROM t WHERE id < 0"));
      db.start();
      for (int step = 0; step < 30; step++) {
        append(name, randomRows(random, 1 + random.nextInt(50)));
        if (random.nextBoolean()) {
          db.sync();
        }
        if (names.size() > 2 && random.nextInt(3) == 0) {
          db.execute("DROP STREAM " + names.remove(random.nextInt(names.size())));
        } else if (random.nextBoolean()) {
          String query = QUERIES.get(random.nextInt(QUERIES.size()));
          String stream = "s" + step;
          db.execute("CREATE STREAM " + stream + " AS " + query);
          db.subscribe(stream, row -> seen.add(stream + " " + Texts.text(row)));
          names.add(stream);
        }
      }
      db.sync();
    }
    seen.sort(null); // of several readers, none comes first
    return seen;
  }

  @Test
  void whatIsLeftOutMovesTheWatermarkAsIfItHadCome() throws IOException {
    for (long seed = 1; seed <= 30; seed++) {
      Random random = new Random(seed);
      String path = file("t" + seed + ".csv", randomRows(random));
      String source =
          "CREATE SOURCE t (id INT, k INT, v DOUBLE, ts TIMESTAMP(3), note VARCHAR, WATERMARK FOR ts"
              + (random.nextBoolean() ? "" : " AS ts - INTERVAL '2' SECOND")
              + ") FROM FILES (path = '"
              + path
              + "')";
      int bound = random.nextInt(12);
      String query =
          "CREATE STREAM n AS SELECT window_start, k, COUNT(*) AS n, SUM(v) AS v FROM t WHERE k < "
              + bound
              + " GROUP BY k, tumble(ts, INTERVAL '1' SECOND)";
      boolean inline = random.nextBoolean();
      String pushed = outcome(inline, source, query);
      String whole = outcome(inline, source, query, "CREATE STREAM whole AS SELECT * FROM t");
      assertThat(pushed).as("seed " + seed).isEqualTo(whole);
    }
  }

  private static String randomRows(Random random) {
    return "id,k,v,ts,note\n" + randomRows(random, 1 + random.nextInt(9_000));
  }

  private static String randomRows(Random random, int rows) {
    StringBuilder text = new StringBuilder();
    long time = 1_700_000_000_000L + random.nextInt(1000);
    for (int i = 0; i < rows; i++) {
      time += random.nextInt(40);
      long late = random.nextInt(5) == 0 ? random.nextInt(5_000) : 0;
      text.append(i).append(',').append(random.nextInt(11)).append(',');
      text.append(random.nextInt(9) == 0 ? "" : i * 0.5).append(',');
      text.append(random.nextInt(200) == 0 ? "" : time - late).append(",note ").append(i);
      text.append('\n');
    }
    return text.toString();
  }

  /** The rows of the stream n in some order, and how many were late or without time. */
  private static String outcome(boolean inline, String... statements) {
    LaminarDB.Builder builder = LaminarDB.builder();
    try (LaminarDB db = (inline ? builder.inline() : builder).build()) {
      for (String statement : statements) {
        db.execute(statement);
      }
      Subscription n = db.subscribe("n");
      db.start();
      db.awaitSources();
      List<String> rows = new ArrayList<>(texts(n.drain()));
      rows.sort(null);
      Metrics.QueryMetrics query = db.metrics().query("n");
      return rows
          + " late "
          + query.lateRows()
          + " no time "
          + query.nullTimeRows()
          + " of source "
          + metrics(db).nullTimeRows()
          + " watermark "
          + metrics(db).watermarkNs();
    }
  }
}
