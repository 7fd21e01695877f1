package io.laminardb.api;

import static io.laminardb.api.Texts.await;
import static io.laminardb.api.Texts.error;
import static io.laminardb.api.Texts.inline;
import static io.laminardb.api.Texts.rows;
import static io.laminardb.api.Texts.texts;
import static io.laminardb.api.Texts.threaded;
import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files as sources and sinks, and PRINT, from SQL. */
@Timeout(300)
class FilesTest {
  @TempDir Path directory;

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private void append(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text, StandardOpenOption.APPEND);
  }

  private List<String> read(String name) throws IOException {
    return Files.readAllLines(directory.resolve(name));
  }

  private String from(String name, String... options) {
    StringBuilder sql = new StringBuilder("FROM FILES (path = '" + path(name) + "'");
    for (String option : options) {
      sql.append(", ").append(option);
    }
    return sql.append(')').toString();
  }

  /** Creates the source {@code t}, reads it to its end and answers its rows. */
  private List<String> all(String columns, String from) {
    try (LaminarDB db = LaminarDB.open()) {
      db.execute("CREATE SOURCE t " + columns + " " + from);
      Subscription t = db.subscribe("t");
      db.start();
      db.awaitSources();
      return texts(t.drain());
    }
  }

  @Test
  void readsCsvJsonAndGzipWithDeclaredOrInferredColumns() throws IOException {
    write("t.csv", "id,price,at\n1,2.5,2024-03-01T09:30:00\n2,,2024-03-01T09:30:01\n");
    write(
        "t.jsonl",
        "{\"id\": 1, \"price\": 2.5, \"at\": \"2024-03-01T09:30:00\"}\n"
            + "{\"price\": null, \"at\": \"2024-03-01T09:30:01\", \"id\": 2}\n");
    for (String name : List.of("t.csv", "t.jsonl")) {
      try (Writer gz =
          new OutputStreamWriter(
              new GZIPOutputStream(Files.newOutputStream(directory.resolve(name + ".gz"))),
              StandardCharsets.UTF_8)) {
        gz.write(Files.readString(directory.resolve(name)));
      }
    }
    for (String name : List.of("t.csv", "t.jsonl", "t.csv.gz", "t.jsonl.gz")) {
      assertThat(all("(at TIMESTAMP(0), id INT)", from(name)))
          .as(name)
          .containsExactly("2024-03-01 09:30:00 1", "2024-03-01 09:30:01 2");
      assertThat(all("", from(name))).as(name).hasSize(2).allMatch(row -> row.matches("[12] .*"));
    }
    try (LaminarDB db = inline("CREATE SOURCE t " + from("t.csv.gz"))) {
      assertThat(db.query("DESCRIBE t").drain())
          .extracting(row -> row.getString("type"))
          .satisfies(
              types -> assertThat(String.join(" ", types)).startsWith("BIGINT DOUBLE TIMESTAMP"));
    }
  }

  @Test
  void readsFilesOfAGlobInTheOrderOfTheirNames() throws IOException {
    write("b-2.csv", "id\n3\n");
    write("b-1.csv", "id\n1\n2\n");
    write("c-1.csv", "id\n9\n");
    assertThat(all("(id INT)", from("b-*.csv"))).containsExactly("1", "2", "3");
    assertThat(error(() -> all("(id INT)", from("none-*.csv")))).hasMessageContaining("none-");
  }

  @Test
  void loadsATable() throws IOException {
    write("t.csv", "id,name,price\n1,a,2.5\n2,b,3\n1,c,4\n");
    for (LaminarDB.Builder builder : List.of(LaminarDB.builder().inline(), LaminarDB.builder())) {
      try (LaminarDB db = builder.build()) {
        db.execute(
            "CREATE TABLE keyed (id INT, name VARCHAR, price DOUBLE, PRIMARY KEY (id)) "
                + from("t.csv"));
        db.execute("CREATE TABLE whole " + from("t.csv"));
        db.execute("CREATE MATERIALIZED VIEW total AS SELECT SUM(price) AS total FROM keyed");
        db.execute("CREATE SOURCE s (id INT)");
        db.execute(
            "CREATE STREAM named AS SELECT s.id, k.name FROM s JOIN keyed"
                + " FOR SYSTEM_TIME AS OF PROCTIME() AS k ON s.id = k.id");
        Subscription named = db.subscribe("named");
        db.start();
        db.awaitSources();
        assertThat(rows(db, "SELECT * FROM keyed ORDER BY id"))
            .containsExactly("1 c 4.0", "2 b 3.0");
        assertThat(rows(db, "SELECT * FROM whole ORDER BY name"))
            .containsExactly("1 a 2.5", "2 b 3.0", "1 c 4.0");
        assertThat(rows(db, "SELECT total FROM total")).containsExactly("7.0");
        db.source("s").push(1);
        db.sync();
        assertThat(texts(named.drain())).containsExactly("1 c");
        assertThat(error(() -> db.execute("DELETE FROM keyed")))
            .hasMessageContaining("fed by its connector");
        assertThat(error(() -> db.table("keyed"))).hasMessageContaining("fed by its connector");
        db.execute("DROP TABLE whole");
      }
    }
  }

  @Test
  void aTableFollowsItsFile() throws IOException {
    write("t.jsonl", "{\"id\": 1, \"name\": \"a\"}\n");
    try (LaminarDB db =
        inline(
            "CREATE TABLE t (id INT, name VARCHAR, PRIMARY KEY (id)) "
                + from("t.jsonl", "follow = 'true'"))) {
      db.sync();
      assertThat(rows(db, "SELECT * FROM t")).containsExactly("1 a");
      append("t.jsonl", "{\"id\": 2, \"name\": \"b\"}\n{\"id\": 1, \"name\": \"z\"}\n");
      db.sync();
      assertThat(rows(db, "SELECT * FROM t ORDER BY id")).containsExactly("1 z", "2 b");
    }
  }

  @Test
  void aSourceStandsStillAsLongAsNobodyReadsIt() throws IOException {
    write("t.csv", "n\n1\n2\n");
    for (LaminarDB.Builder builder : List.of(LaminarDB.builder().inline(), LaminarDB.builder())) {
      try (LaminarDB db = builder.build()) {
        db.start();
        db.execute("CREATE SOURCE t (n INT) " + from("t.csv"));
        db.awaitSources();
        assertThat(rows(db, "SHOW SOURCES").get(0)).contains("UNREAD");
        assertThat(db.isFed("t")).isFalse();
        assertThat(db.execute("CREATE MATERIALIZED VIEW v AS SELECT n FROM t").get(0).message())
            .isEqualTo("materialized view v created");
        db.awaitSources();
        assertThat(rows(db, "TABLE v")).containsExactly("1", "2");
        assertThat(rows(db, "SHOW SOURCES").get(0)).contains("ENDED");
        assertThat(db.execute("CREATE STREAM late AS SELECT n FROM t").get(0).message())
            .endsWith("late created; it gets no rows of t, which had been read to the end");
      }
    }
  }

  @Test
  void aSourceGoesOnWhereItWasLeft() throws IOException {
    write("t.csv", "n\n1\n");
    try (LaminarDB db = inline("CREATE SOURCE t (n INT) " + from("t.csv", "follow = 'true'"))) {
      try (Rows live = db.query("SELECT n FROM t WHERE n > 0")) {
        db.sync();
        assertThat(live.drain()).hasSize(1);
        assertThat(db.isFed("t")).isTrue();
      }
      append("t.csv", "2\n");
      db.sync();
      Subscription followed = db.subscribe("t");
      db.sync();
      assertThat(texts(followed.drain())).containsExactly("2");
      followed.close();
      append("t.csv", "3\n");
      db.sync();
      db.execute("CREATE MATERIALIZED VIEW v AS SELECT n FROM t");
      db.sync();
      assertThat(rows(db, "TABLE v")).containsExactly("3");
      db.execute("DROP MATERIALIZED VIEW v");
      assertThat(db.isFed("t")).isFalse();
    }
  }

  @Test
  void aBoundedSourceEndsItsStreamsAndTellsItsProgress() throws IOException {
    Path file = write("t.csv", "k,ts\na,100\nb,200\na,1100\n");
    try (LaminarDB db = LaminarDB.open()) {
      db.execute("CREATE SOURCE t (k VARCHAR, ts BIGINT) " + from("t.csv"));
      db.execute(
          "CREATE STREAM n AS SELECT COUNT(*) AS n FROM t GROUP BY tumble(ts, INTERVAL '1' SECOND)");
      Subscription n = db.subscribe("n");
      assertThat(error(db::awaitSources).code()).isEqualTo(ErrorCode.NOT_STARTED);
      db.start();
      db.awaitSources();
      assertThat(texts(n.drain())).containsExactly("2", "1");
      assertThat(n.isEnded()).isTrue();
      assertThat(db.sourceProgress("t")).containsExactly(Files.size(file), Files.size(file));
      Row shown = db.query("SHOW SOURCES").drain().get(0);
      assertThat(shown.getString("state")).isEqualTo("ENDED");
      assertThat(shown.getLong("rows")).isEqualTo(3);
      assertThat(error(() -> db.source("t")).code()).isEqualTo(ErrorCode.NOT_SUPPORTED);
    }
  }

  @Test
  void followsLinesAndFilesAsTheyCome() throws IOException {
    write("log-1.csv", "id\n1\n");
    try (LaminarDB db = LaminarDB.open()) {
      db.execute("CREATE SOURCE t (id INT) " + from("log-*.csv", "follow = 'true'"));
      Subscription t = db.subscribe("t"); // before the first row can come
      db.start();
      List<String> seen = new ArrayList<>();
      Runnable take = () -> seen.addAll(texts(t.drain()));
      awaitRows(take, seen, "1");
      append("log-1.csv", "2\n3");
      awaitRows(take, seen, "1", "2");
      append("log-1.csv", "4\n");
      awaitRows(take, seen, "1", "2", "34");
      write("log-2.csv", "id\n5\n");
      awaitRows(take, seen, "1", "2", "34", "5");
      db.awaitSources(); // waits for no source that does not end
      db.execute("DROP SOURCE t");
    }
  }

  private static void awaitRows(Runnable take, List<String> seen, String... rows) {
    await(
        String.join(" ", rows),
        () -> {
          take.run();
          return seen.size() >= rows.length;
        });
    assertThat(seen).containsExactly(rows);
  }

  @Test
  void followsInlineWithEverySync() throws IOException {
    write("log.jsonl", "{\"id\": 1}\n");
    try (LaminarDB db =
        inline("CREATE SOURCE t (id INT) " + from("log.jsonl", "follow = 'true'"))) {
      Subscription t = db.subscribe("t");
      db.sync();
      append("log.jsonl", "{\"id\": 2}\n");
      db.sync();
      assertThat(texts(t.drain())).endsWith("2");
      assertThat(db.metrics().source("t").rows()).isEqualTo(2);
    }
  }

  @Test
  void aBadRecordStopsTheSourceAndSaysWhere() throws IOException {
    write("bad.csv", "id,price\n1,2.5\n2,abc\n3,1.5\n");
    for (LaminarDB.Builder builder : List.of(LaminarDB.builder().inline(), LaminarDB.builder())) {
      try (LaminarDB db = builder.build()) {
        db.execute("CREATE SOURCE t (id INT, price DOUBLE) " + from("bad.csv"));
        db.subscribe("t");
        db.start();
        LaminarException bad = error(db::awaitSources);
        assertThat(bad.code()).isEqualTo(ErrorCode.BAD_RECORD);
        assertThat(bad)
            .hasMessageContaining("bad.csv")
            .hasMessageContaining("line 3")
            .hasMessageContaining("\"price\"")
            .hasMessageContaining("abc");
        Row shown = db.query("SHOW SOURCES").drain().get(0);
        assertThat(shown.getString("state")).isEqualTo("FAILED");
        assertThat(shown.getString("failure")).startsWith("BAD_RECORD");
        db.execute("DROP SOURCE t");
      }
    }
  }

  @Test
  void skipsBadRecordsAndCountsThem() throws IOException {
    write("bad.csv", "id,price\n1,2.5\n2,abc\n3\n4,1.5\n");
    try (LaminarDB db = LaminarDB.open()) {
      db.execute("CREATE SOURCE t (id INT, price DOUBLE) " + from("bad.csv", "on_error = 'skip'"));
      Subscription t = db.subscribe("t");
      db.start();
      db.awaitSources();
      assertThat(texts(t.drain())).containsExactly("1 2.5", "4 1.5");
      assertThat(db.query("SHOW SOURCES").drain().get(0).getLong("skipped_records")).isEqualTo(2);
    }
  }

  @Test
  void badOptionsAreRefusedWithTheirPlaceAndChangeNothing() {
    try (LaminarDB db = LaminarDB.open()) {
      LaminarException unknown =
          error(() -> db.execute("CREATE SOURCE t (id INT) FROM FILES (pat = 'x.csv')"));
      assertThat(unknown.position()).isNotNull();
      assertThat(unknown).hasMessageContaining("path");
      error(() -> db.execute("CREATE SOURCE t (id INT) " + from("x.csv", "format = 'xml'")));
      assertThat(rows(db, "SHOW SOURCES")).isEmpty();
    }
  }

  private static final String MOVES = "CREATE SOURCE moves (k VARCHAR, v BIGINT)";

  @Test
  void sinksWriteAQueryOrAStream() throws IOException {
    try (LaminarDB db =
        threaded(
            MOVES,
            "CREATE STREAM large AS SELECT k, v FROM moves WHERE v > 10",
            "CREATE SINK a INTO FILES (path = '" + path("out/a.csv") + "') FROM large",
            "CREATE SINK b INTO FILES (path = '"
                + path("b.jsonl.gz")
                + "') AS"
                + " SELECT v * 2 AS twice, UPPER(k) AS name FROM moves")) {
      Source moves = db.source("moves");
      moves.push("x, \"y\"", 11L);
      moves.push(null, 5L);
      moves.push("z", 12L);
      moves.end();
      db.sync();
      assertThat(read("out/a.csv")).containsExactly("k,v", "\"x, \"\"y\"\"\",11", "z,12");
      try (BufferedReader json =
          new BufferedReader(
              new InputStreamReader(
                  new GZIPInputStream(Files.newInputStream(directory.resolve("b.jsonl.gz"))),
                  StandardCharsets.UTF_8))) {
        assertThat(json.lines().toList())
            .hasSize(3)
            .last()
            .asString()
            .isEqualToIgnoringWhitespace("{\"twice\":24,\"name\":\"Z\"}");
      }
      assertThat(db.query("SHOW SINKS LIKE 'a'").drain().get(0).getLong("rows")).isEqualTo(2);
    }
  }

  @Test
  void aSinkBeginsWithTheContentOfTheViewItReads() throws IOException {
    try (LaminarDB db =
        inline(
            "CREATE SOURCE t (k VARCHAR, v INT, ts BIGINT NOT NULL, WATERMARK FOR ts)",
            "CREATE MATERIALIZED VIEW sums AS SELECT k, SUM(v) AS v, window_start AS w FROM t"
                + " GROUP BY k, tumble(ts, INTERVAL '10' SECOND)",
            "INSERT INTO t VALUES ('a', 1, 1000), ('b', 2, 2000), ('b', 3, 11000)",
            "CREATE SINK large INTO FILES (path = '"
                + path("some.csv")
                + "') AS SELECT k, v FROM sums WHERE v > 1",
            "CREATE SINK counts INTO FILES (path = '"
                + path("counts.csv")
                + "') AS SELECT w, COUNT(*) AS n FROM sums GROUP BY w",
            "INSERT INTO t VALUES ('c', 4, 21000)")) {
      db.source("t").end();
      db.sync();
      assertThat(read("some.csv")).containsExactly("k,v,__weight", "b,2,1", "b,3,1", "c,4,1");
      assertThat(read("counts.csv")).containsExactly("w,n", "0,2", "10000,1", "20000,1");
    }
  }

  @Test
  void aChangelogIsWrittenWithItsWeightsAndReadAgain() throws IOException {
    try (LaminarDB db =
        inline(
            MOVES,
            "CREATE SINK sums INTO FILES (path = '"
                + path("sums.csv")
                + "', mode = 'append') AS"
                + " SELECT k, SUM(v) AS s FROM moves GROUP BY k")) {
      db.source("moves").push("a", 1L);
      db.source("moves").push("a", 2L);
      db.sync();
      assertThat(read("sums.csv")).containsExactly("k,s,__weight", "a,1,1", "a,1,-1", "a,3,1");
    }
    try (LaminarDB db =
        inline(
            "CREATE SOURCE sums (k VARCHAR, s BIGINT) "
                + from("sums.csv")
                + " WITH (changelog = 'retract')",
            "CREATE MATERIALIZED VIEW present AS SELECT k, s FROM sums")) {
      db.awaitSources();
      assertThat(rows(db, "SELECT * FROM present")).containsExactly("a 3");
    }
  }

  @Test
  void upsertsComeFromFilesToo() throws IOException {
    write("prices.csv", "symbol,price\nA,1\nB,2\nA,3\n");
    try (LaminarDB db =
        inline(
            "CREATE SOURCE prices (symbol VARCHAR, price BIGINT, PRIMARY KEY (symbol)) "
                + from("prices.csv")
                + " WITH (changelog = 'upsert')",
            "CREATE MATERIALIZED VIEW present AS SELECT symbol, price FROM prices")) {
      db.awaitSources();
      assertThat(rows(db, "SELECT * FROM present ORDER BY symbol")).containsExactly("A 3", "B 2");
    }
  }

  @Test
  void droppingASinkFinishesItsFile() throws IOException {
    for (LaminarDB.Builder builder : List.of(LaminarDB.builder().inline(), LaminarDB.builder())) {
      Files.deleteIfExists(directory.resolve("out.csv"));
      try (LaminarDB db =
          Texts.started(
              builder,
              MOVES,
              "CREATE SINK s INTO FILES (path = '" + path("out.csv") + "') FROM moves")) {
        db.source("moves").push("a", 1L);
        db.sync();
        assertThat(directory.resolve("out.csv")).doesNotExist();
        db.execute("DROP SINK s");
        assertThat(read("out.csv")).containsExactly("k,v", "a,1");
        db.source("moves").push("a", 2L);
        db.sync();
        assertThat(read("out.csv")).hasSize(2);
        assertThat(rows(db, "SHOW SINKS")).isEmpty();
      }
    }
  }

  @Test
  void aSinkThatCannotBeFinishedSaysSoWhenItIsDroppedOrTheDatabaseCloses() throws IOException {
    for (boolean closes : List.of(false, true)) {
      Path target = directory.resolve("taken" + closes);
      LaminarDB db =
          threaded(
              MOVES,
              "CREATE SINK s INTO FILES (path = '" + target + "', format = 'csv') FROM moves");
      db.source("moves").push("a", 1L);
      db.sync();
      Files.createDirectory(target); // where the finished file is to go
      Files.createFile(target.resolve("in the way"));
      if (closes) {
        LaminarException failed = error(db::close);
        assertThat(failed.code()).isEqualTo(ErrorCode.CONNECTOR_FAILED);
        assertThat(failed).hasMessageContaining("sink \"s\"").hasMessageContaining("taken");
      } else {
        LaminarException failed = error(() -> db.execute("DROP SINK s"));
        assertThat(failed.code()).isEqualTo(ErrorCode.CONNECTOR_FAILED);
        assertThat(failed).hasMessageContaining("sink \"s\" was dropped");
        assertThat(rows(db, "SHOW SINKS")).isEmpty();
        db.source("moves").push("b", 2L);
        db.sync();
      }
      db.close();
    }
  }

  @Test
  void aFailingSinkSurfacesAndTheDatabaseRunsOn() throws IOException {
    write("file", "in the way");
    try (LaminarDB db = inline(MOVES)) {
      LaminarException failed =
          error(
              () ->
                  db.execute(
                      "CREATE SINK s INTO FILES (path = '"
                          + path("file/out.csv")
                          + "') FROM moves"));
      assertThat(failed.code()).isEqualTo(ErrorCode.IO_ERROR);
      assertThat(rows(db, "SHOW SINKS")).isEmpty();
      assertThat(db.metrics().queries()).isEmpty();
    }
    try (LaminarDB db =
        threaded(
            MOVES,
            "CREATE SINK late INTO FILES (path = '/dev/full', format = 'csv',"
                + " mode = 'append') FROM moves")) {
      Subscription moves = db.subscribe("moves");
      for (long i = 0; i < 10_000; i++) {
        db.source("moves").push("some text", i);
      }
      LaminarException failed = error(db::sync);
      assertThat(failed).hasMessageContaining("/dev/full");
      assertThat(moves.drain()).hasSize(10_000);
      Row shown = db.query("SHOW SINKS").drain().get(0);
      assertThat(shown.getString("state")).isEqualTo("FAILED");
      assertThat(shown.getString("failure")).contains("/dev/full");
      db.execute("DROP SINK late");
      db.sync();
    }
  }

  @Test
  void printsRowsAsTheyCome() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try (LaminarDB db =
        inline(
            MOVES,
            "CREATE SINK watch INTO PRINT (prefix = 'moves> ', format = 'csv') FROM moves")) {
      db.source("moves").push("a", 1L);
      db.sync();
    } finally {
      System.setOut(before);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("moves> a,1");
  }

  /** The examples of the page about files, with files of the content it shows. */
  @Test
  void thePageAboutFilesIsTrue() throws IOException {
    String page =
        Files.readString(
            Path.of("").toAbsolutePath().getParent().resolve("docs/connectors/files.md"));
    Matcher csv = Pattern.compile("(?s)```csv\n(.*?)```").matcher(page);
    assertThat(csv.find()).isTrue();
    write("trades.csv", csv.group(1));
    Matcher json = Pattern.compile("(?s)```json\n(.*?)```").matcher(page);
    assertThat(json.find()).isTrue();
    write("trades.jsonl", json.group(1));
    Matcher examples =
        Pattern.compile("(?s)```sql\n([^`]*?)```\n\n```text\n(.*?)```").matcher(page);
    int count = 0;
    while (examples.find()) {
      String sql = examples.group(1).replaceAll("path = '", "path = '" + directory + "/");
      String[] lines = examples.group(2).strip().split("\n");
      try (LaminarDB db = LaminarDB.open()) {
        db.execute(sql);
        Subscription trades = db.subscribe("trades");
        db.start();
        db.awaitSources();
        List<String> shown = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
          shown.add(lines[i].strip().replaceAll(" {2,}", " | ").replace('T', ' '));
        }
        List<String> got = new ArrayList<>();
        for (Row row : trades.drain()) {
          List<String> values = new ArrayList<>();
          for (int i = 0; i < row.columns().size(); i++) {
            values.add(row.isNull(i) ? "NULL" : row.getString(i));
          }
          got.add(String.join(" | ", values).replace('T', ' '));
        }
        assertThat(got).isEqualTo(shown);
      }
      count++;
    }
    assertThat(count).isEqualTo(3);
  }

  /** What the page shows without rows: sources of other files, sinks and PRINT. */
  @Test
  void theOtherStatementsOfThePageRun() throws IOException {
    Path root = Path.of("").toAbsolutePath().getParent();
    Files.createDirectories(directory.resolve("data"));
    try (Writer flights =
        new OutputStreamWriter(
            new GZIPOutputStream(
                Files.newOutputStream(directory.resolve("data/flights-1.csv.gz"))))) {
      flights.write("carrier,delay\nAA,5\nDL,-2\n");
    }
    write("prices.txt", "2024-01-01;3.50\n2024-01-02;NA\n");
    write("old.csv", "at,id\n31.12.2023 23:59:59,7\n");
    Files.createDirectories(directory.resolve("var/log/app"));
    write("var/log/app/1.jsonl", "{\"level\": \"INFO\", \"message\": \"up\"}\nno record\n");
    String page = Files.readString(root.resolve("docs/connectors/files.md"));
    String more = page.substring(page.indexOf("More of it:"));
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try (LaminarDB db = LaminarDB.builder().inline().build()) {
      db.execute(MOVES + "; CREATE STREAM totals AS SELECT k, v * 10 AS v FROM moves");
      Matcher block = Pattern.compile("(?s)```sql\n(.*?)```").matcher(more);
      while (block.find()) {
        db.execute(block.group(1).replaceAll("path = '/?", "path = '" + directory + "/"));
      }
      Subscription flights = db.subscribe("flights");
      Subscription prices = db.subscribe("prices");
      Subscription old = db.subscribe("old");
      Subscription log = db.subscribe("log");
      db.start();
      db.source("moves").push("a", 1L);
      db.awaitSources();
      db.sync();
      assertThat(texts(flights.drain())).containsExactly("AA 5", "DL -2");
      assertThat(texts(prices.drain())).containsExactly("2024-01-01 3.50", "2024-01-02 null");
      assertThat(texts(old.drain())).containsExactly("2023-12-31 23:59:59 7");
      assertThat(texts(log.drain())).containsExactly("null INFO up");
      assertThat(rows(db, "SHOW SINKS")).hasSize(3);
    } finally {
      System.setOut(before);
    }
    assertThat(read("out/daily.csv")).containsExactly("k,v", "a,10");
    assertThat(directory.resolve("out/events.jsonl.gz")).isNotEmptyFile();
    assertThat(printed.toString(StandardCharsets.UTF_8)).startsWith("totals> ");
  }
}
