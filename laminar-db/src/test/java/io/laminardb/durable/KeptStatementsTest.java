package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.TestAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of statement that makes or drops something, through the end of its process. */
class KeptStatementsTest {
  private static final List<String> SHOWN =
      List.of(
          "SHOW SOURCES",
          "SHOW STREAMS",
          "SHOW VIEWS",
          "SHOW MATERIALIZED VIEWS",
          "SHOW TABLES",
          "SHOW SINKS",
          "SHOW INDEXES",
          "SHOW SUBSCRIPTIONS");

  /** How a database ends, and what is read when it is opened again. */
  enum End {
    /** The journal. */
    CRASH,
    /** A checkpoint. */
    CHECKPOINT_THEN_CRASH,
    /** The checkpoint of close. */
    CLOSE
  }

  @TempDir Path dir;
  private Path csv;
  private Path out;

  @BeforeEach
  void writeTheFile() throws IOException {
    csv = Files.writeString(dir.resolve("users.csv"), "id,name\n1,Ann\n2,Bob\n");
    out = dir.resolve("out.csv");
  }

  private LaminarDB open() {
    return LaminarDB.builder()
        .inline()
        .storageDir(dir.resolve("state"))
        .checkpoint(CheckpointConfig.every(Duration.ofDays(1)))
        .build();
  }

  private static List<String> rows(LaminarDB db, String sql) {
    try (Rows rows = db.query(sql)) {
      return rows.drain().stream().map(Row::toString).toList();
    }
  }

  /** What there is; counters of what has run since it was opened left out. */
  private static List<String> shown(LaminarDB db) {
    List<String> shown = new ArrayList<>();
    for (String sql : SHOWN) {
      for (String row : rows(db, sql)) {
        String counters = sql.equals("SHOW SINKS") ? "state|rows" : "state|rows_out";
        shown.add(sql + ": " + row.replaceAll(" (" + counters + ")=\\w+,?", ""));
      }
    }
    return shown;
  }

  private static void assertSame(List<String> found, List<String> expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i)).isEqualTo(expected.get(i));
    }
  }

  private static void end(LaminarDB db, End end) {
    db.sync();
    if (end == End.CHECKPOINT_THEN_CRASH) {
      db.checkpoint();
    }
    if (end == End.CLOSE) {
      db.close();
    } else {
      TestAccess.crash(db);
    }
  }

  private List<String> creates() {
    return List.of(
        "CREATE SOURCE s (k INT NOT NULL, v INT, ts BIGINT NOT NULL, WATERMARK FOR ts)",
        "CREATE TABLE t (k INT PRIMARY KEY, name VARCHAR)",
        "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR) FROM FILES (path = '"
            + csv
            + "', format = 'csv', header = true)",
        "CREATE LOOKUP TABLE l (k INT PRIMARY KEY, name VARCHAR)",
        "CREATE VIEW plain AS SELECT k, v * 2 AS w FROM s WHERE v > 1",
        "CREATE VIEW of_view AS SELECT k, MAX(w) AS m FROM plain GROUP BY k",
        "CREATE VIEW of_table AS SELECT * FROM t WHERE name <> 'Bob'",
        "CREATE MATERIALIZED VIEW maxima AS SELECT * FROM of_view",
        "CREATE STREAM doubled AS SELECT k, w FROM plain",
        "CREATE STREAM sums AS SELECT k, SUM(v) AS total FROM s GROUP BY k,"
            + " tumble(ts, INTERVAL '1' SECOND) LATE DATA TO too_late",
        "CREATE STREAM divided AS SELECT k, 10 / v AS q FROM s WITH (on_error = 'skip')",
        "CREATE STREAM failed AS SELECT operator, error FROM \"divided$errors\"",
        "CREATE SINK written INTO FILES (path = '" + out + "', format = 'csv') FROM doubled",
        "CREATE INDEX by_name ON t (name)",
        "CREATE INDEX by_m ON maxima (m)",
        "CREATE SUBSCRIPTION billing ON doubled");
  }

  private static void change(LaminarDB db) {
    db.execute("INSERT INTO t VALUES (1, 'Ann'), (2, 'Bob')");
    db.execute("INSERT INTO l VALUES (1, 'one')");
    db.source("s").push(1, 2, 1_000L);
    db.source("s").push(2, 0, 3_000L);
    db.source("s").push(1, 5, 500L);
    db.sync();
  }

  private static List<String> content(LaminarDB db) {
    List<String> content = new ArrayList<>();
    for (String name : List.of("maxima", "of_table", "t", "l", "users")) {
      rows(db, "SELECT * FROM " + name + " ORDER BY 1").forEach(r -> content.add(name + r));
    }
    return content;
  }

  @ParameterizedTest
  @EnumSource
  void whatWasCreatedIsThereAgain(End end) {
    LaminarDB db = open();
    creates().forEach(db::execute);
    db.start();
    change(db);
    List<String> shown = shown(db);
    List<String> content = content(db);
    assertThat(content).hasSize(7);
    end(db, end);
    for (int times = 0; times < 2; times++) {
      LaminarDB again = open();
      assertSame(shown(again), shown);
      assertThat(content(again)).isEqualTo(content);
      end(again, end);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasReplacedIsAsItWasReplaced(End end) {
    LaminarDB db = open();
    creates().forEach(db::execute);
    db.start();
    change(db);
    db.checkpoint();
    db.execute("CREATE OR REPLACE VIEW of_table AS SELECT name, k FROM t");
    db.execute("CREATE OR REPLACE LOOKUP TABLE l (k INT PRIMARY KEY, other INT)");
    db.execute(
        "DROP STREAM failed; CREATE OR REPLACE STREAM divided AS SELECT k, v + 1 AS q FROM s");
    db.execute("CREATE VIEW IF NOT EXISTS of_table AS SELECT 1 AS one");
    db.execute("DROP INDEX by_m; CREATE INDEX by_m ON maxima (k)");
    List<String> shown = shown(db);
    List<String> content = content(db);
    end(db, end);
    for (int times = 0; times < 2; times++) {
      LaminarDB again = open();
      assertSame(shown(again), shown);
      assertThat(content(again)).isEqualTo(content);
      end(again, end);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasDroppedStaysAway(End end) {
    LaminarDB db = open();
    creates().forEach(db::execute);
    db.start();
    change(db);
    db.checkpoint();
    db.execute(
        "DROP SUBSCRIPTION billing; DROP INDEX by_name; DROP SINK written; DROP STREAM divided CASCADE;"
            + " DROP VIEW of_table; DROP LOOKUP TABLE l; DROP TABLE users");
    db.execute("DROP SOURCE s CASCADE");
    List<String> shown = shown(db);
    assertThat(shown).hasSize(1).first().asString().contains("name=t");
    end(db, end);
    for (int times = 0; times < 2; times++) {
      LaminarDB again = open();
      assertSame(shown(again), shown);
      creates().stream().filter(sql -> !sql.startsWith("CREATE TABLE t ")).forEach(again::execute);
      again.execute(
          "DROP TABLE users; DROP INDEX by_name; DROP LOOKUP TABLE l; DROP VIEW of_table");
      again.execute("DROP SOURCE s CASCADE");
      end(again, end);
    }
  }
}
