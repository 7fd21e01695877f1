package io.laminardb.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process writes a table in a mapped file, others read it. */
class MmapTablesTest {
  @TempDir Path dir;
  private Path home;

  @BeforeEach
  void makeAHome() throws IOException {
    home = Files.createDirectory(dir.resolve("home"));
  }

  private SqlProcess process(Path directory) throws IOException {
    return new SqlProcess(directory, new File(dir.toFile(), "errors"), home);
  }

  private String table(String access) {
    return "CREATE LOOKUP TABLE users (id BIGINT, area VARCHAR, name VARCHAR, credit DECIMAL(8, 2),"
        + " PRIMARY KEY (id, area)) WITH (storage = 'mmap', path = '"
        + dir.resolve("users.map")
        + "', access = '"
        + access
        + "', rows = 10000)";
  }

  @Test
  void withoutTheFlagsTheErrorNamesThem() {
    try (LaminarDB db = LaminarDB.open()) {
      assertThatThrownBy(() -> db.execute(table("write")))
          .hasMessageContaining("NOT_SUPPORTED at line 1, column ")
          .hasMessageContaining(
              "Start Java with --add-exports=java.base/jdk.internal.ref=ALL-UNNAMED"
                  + " --add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED"
                  + " --add-opens=java.base/java.lang=ALL-UNNAMED"
                  + " --add-opens=java.base/java.lang.reflect=ALL-UNNAMED"
                  + " --add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
      assertThatThrownBy(
              () -> db.execute("CREATE TABLE t (id BIGINT) WITH (storage = 'mmap', path = 't')"))
          .hasMessageContaining("Declare a PRIMARY KEY");
      assertThatThrownBy(
              () ->
                  db.execute(
                      "CREATE TABLE t (id DOUBLE PRIMARY KEY) WITH (storage = 'mmap', path = 't')"))
          .hasMessageContaining("keeps no DOUBLE in a PRIMARY KEY");
      assertThatThrownBy(
              () ->
                  db.execute(
                      "CREATE TABLE t (id INT PRIMARY KEY) WITH (storage = 'mmap', pat = 't')"))
          .hasMessageContaining("\"path\"");
      assertThatThrownBy(() -> db.execute("CREATE TABLE t (id INT) WITH (storage = 'paper')"))
          .hasMessageContaining("there is no connector \"paper\"");
    }
  }

  @Test
  void oneProcessWritesAndAnotherOneReads() throws Exception {
    try (SqlProcess writer = process(null);
        SqlProcess reader = process(null)) {
      assertThat(reader.execute(table("read"))).singleElement().asString().contains("no file");
      assertThat(writer.execute(table("write"))).isEmpty();
      assertThat(reader.execute(table("write")))
          .singleElement()
          .asString()
          .contains("OBJECT_IN_USE");
      assertThat(reader.execute(table("read"))).isEmpty();
      assertThat(
              writer.execute(
                  "INSERT INTO users VALUES (1, 'N', 'Ann', 1.5), (1, 'S', NULL, -2), (2,"
                      + " 'N', 'a name that is longer than others', NULL)"))
          .isEmpty();
      assertThat(reader.execute("SELECT id, area, name, credit FROM users ORDER BY id, area"))
          .containsExactly(
              "{id=1, area=N, name=Ann, credit=1.50}",
              "{id=1, area=S, name=NULL, credit=-2.00}",
              "{id=2, area=N, name=a name that is longer than others, credit=NULL}");
      assertThat(writer.execute("INSERT INTO users VALUES (3, 'N', 'x', 1), (1, 'N', 'Bob', 1)"))
          .singleElement()
          .asString()
          .contains("DUPLICATE_KEY")
          .contains("(id, area) = (1, N)");
      assertThat(writer.execute("INSERT INTO users VALUES (NULL, 'N', 'x', 1)"))
          .singleElement()
          .asString()
          .contains("NULL_NOT_ALLOWED");
      writer.execute("INSERT OR REPLACE INTO users VALUES (2, 'N', 'Zoe', 7)");
      writer.execute("UPDATE users SET name = 'Sue', area = 'W' WHERE id = 1 AND area = 'S'");
      writer.execute("DELETE FROM users WHERE name = 'Ann'");
      assertThat(reader.execute("SELECT area, name FROM users WHERE id = 1 AND area = 'W'"))
          .containsExactly("{area=W, name=Sue}");
      assertThat(reader.execute("SELECT COUNT(*) AS n FROM users")).containsExactly("{n=2}");
      assertThat(reader.execute("SELECT 1 AS x FROM users WHERE id = 1 AND area = 'N'")).isEmpty();
      assertThat(reader.execute("DELETE FROM users"))
          .singleElement()
          .asString()
          .contains("opened to be read");

      // A stream asks it by key, a snapshot joins it as a table.
      reader.execute(
          "CREATE SOURCE orders (n INT, id BIGINT, area VARCHAR); CREATE MATERIALIZED VIEW named AS"
              + " SELECT o.n, u.name FROM orders AS o LEFT JOIN users AS u ON u.area = o.area AND o.id ="
              + " u.id");
      reader.execute("INSERT INTO orders VALUES (1, 2, 'N'), (2, 2, 'S'), (3, 1, 'W')");
      assertThat(reader.execute("SELECT n, name FROM named ORDER BY n"))
          .containsExactly("{n=1, name=Zoe}", "{n=2, name=NULL}", "{n=3, name=Sue}");
      writer.execute("UPDATE users SET name = 'Max' WHERE id = 2");
      reader.execute("INSERT INTO orders VALUES (4, 2, 'N')");
      assertThat(reader.execute("SELECT name FROM named WHERE n = 4"))
          .containsExactly("{name=Max}");
      assertThat(
              reader.execute(
                  "SELECT v.n, u.credit FROM named AS v JOIN users AS u ON v.name = u.name ORDER BY n"))
          .containsExactly("{n=3, credit=-2.00}", "{n=4, credit=7.00}");
      assertThat(
              reader.execute(
                  "CREATE STREAM s AS SELECT o.n FROM orders AS o JOIN users AS u ON o.id = u.id"))
          .singleElement()
          .asString()
          .contains("by its PRIMARY KEY (id, area) alone");
      assertThat(reader.execute("CREATE STREAM s AS SELECT name FROM users"))
          .singleElement()
          .asString()
          .contains("cannot be read whole");
      assertThat(reader.execute("SHOW TABLES")).singleElement().asString().contains("rows=2");
    }
    assertThat(namesOf(home)).noneMatch(name -> name.contains("chronicle")); // nobody is told
  }

  private static List<String> namesOf(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void aWriterThatWasKilledIsRepairedByTheNextOne() throws Exception {
    SqlProcess killed = process(null);
    killed.execute(table("write"));
    killed.execute("INSERT INTO users VALUES (1, 'N', 'Ann', 1), (2, 'N', 'Bob', 1)");
    killed.kill();
    try (SqlProcess next = process(null)) {
      assertThat(next.execute(table("read"))).singleElement().asString().contains("STATE_CORRUPT");
      assertThat(next.execute(table("write"))).isEmpty();
      assertThat(next.execute("SELECT name FROM users ORDER BY id"))
          .containsExactly("{name=Ann}", "{name=Bob}");
      assertThat(next.execute("DROP LOOKUP TABLE users")).isEmpty();
      assertThat(next.execute(table("read"))).isEmpty();
      assertThat(next.execute("SELECT COUNT(*) AS n FROM users")).containsExactly("{n=2}");
    }
  }

  @Test
  void inADurableDatabaseTheFileIsTheTruthAndAnswersAreKept() throws Exception {
    Path directory = dir.resolve("db");
    SqlProcess first = process(directory);
    first.execute(table("write"));
    first.execute("INSERT INTO users VALUES (1, 'N', 'Ann', 1)");
    first.execute(
        "CREATE SOURCE orders (n INT, id BIGINT) WITH (durability = 'sync'); CREATE MATERIALIZED VIEW"
            + " named AS SELECT o.n, u.name FROM orders AS o JOIN users AS u ON o.id = u.id AND u.area ="
            + " 'N'");
    first.execute("INSERT INTO orders VALUES (1, 1)");
    first.execute("UPDATE users SET name = 'Sue'");
    first.execute("INSERT INTO orders VALUES (2, 1)");
    first.kill();
    try (SqlProcess again = process(directory)) {
      assertThat(again.execute("SELECT n, name FROM named ORDER BY n"))
          .containsExactly("{n=1, name=Ann}", "{n=2, name=Sue}");
      assertThat(again.execute("SELECT name FROM users")).containsExactly("{name=Sue}");
    }
  }
}
