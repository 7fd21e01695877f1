package io.laminardb.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.PreparedStatement;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Table;
import io.laminardb.TypedTable;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables from Java: handles, records, prepared statements, writers side by side. */
class TableTest {
  private record Person(int id, String name, Integer age) {}

  private static LaminarDB open(boolean inline) {
    LaminarDB.Builder builder = LaminarDB.builder();
    LaminarDB db = (inline ? builder.inline() : builder).build();
    db.execute("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR NOT NULL, age INT)");
    db.execute("CREATE MATERIALIZED VIEW sums AS SELECT COUNT(*) AS n, SUM(age) AS s FROM people");
    db.start();
    return db;
  }

  private static List<String> rows(LaminarDB db, String sql, Object... parameters) {
    List<String> texts = new ArrayList<>();
    try (Rows rows = db.query(sql, parameters)) {
      for (Row row : rows) {
        texts.add(row.toString());
      }
    }
    return texts;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void takesRowsAndRecordsAndForgetsKeys(boolean inline) {
    try (LaminarDB db = open(inline)) {
      Table people = db.table("people");
      people.upsert(1, "ann", 30);
      people.upsert(1, "ann", 31);
      people.rows().begin().setInt(0, 2).setString(1, "bob").endRow();
      TypedTable<Person> records = db.table("people", Person.class);
      records.upsert(new Person(3, "eve", 9));
      records.delete(new Person(3, "?", null));
      people.delete(2);
      people.delete(77);
      db.sync();
      assertThat(rows(db, "SELECT name, age FROM people")).hasSize(1);
      assertThat(rows(db, "SELECT n FROM sums WHERE n = 1 AND s = 31")).hasSize(1);
      assertThatThrownBy(() -> people.delete(1, "ann"))
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_MISMATCH));
      assertThatThrownBy(() -> people.upsert(4, null, 1))
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.NULL_NOT_ALLOWED));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void statementsSeeWhatTheSameThreadHasPut(boolean inline) {
    try (LaminarDB db = open(inline)) {
      Table people = db.table("people");
      for (int id = 0; id < 1000; id++) {
        people.upsert(id, "p" + id, id);
      }
      assertThat(db.execute("UPDATE people SET age = age + ? WHERE id >= ?", 1, 500).message())
          .isEqualTo("500 rows updated");
      assertThat(rows(db, "SELECT s FROM sums WHERE n = 1000 AND s = ?", 499500L + 500)).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void preparedStatementsTakeOtherValuesEachTime(boolean inline) {
    try (LaminarDB db = open(inline)) {
      PreparedStatement insert = db.prepare("INSERT INTO people VALUES (?, ?, ?)");
      for (int id = 0; id < 10; id++) {
        assertThat(insert.execute(id, "p" + id, id == 3 ? null : id).message())
            .isEqualTo("1 row inserted");
      }
      PreparedStatement select = db.prepare("SELECT name FROM people WHERE id = ?");
      assertThat(select.parameterCount()).isEqualTo(1);
      for (int id = 0; id < 10; id++) {
        try (Rows rows = select.query(id)) {
          assertThat(rows.iterator().next().getString(0)).isEqualTo("p" + id);
        }
      }
      PreparedStatement delete = db.prepare("DELETE FROM people WHERE age IS NULL OR age > ?");
      assertThat(delete.execute(5).message()).isEqualTo("5 rows deleted");
      assertThatThrownBy(delete::execute)
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.PARAMETER_MISMATCH));
      assertThatThrownBy(() -> insert.execute(0, "again", 1))
          .isInstanceOfSatisfying(
              LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DUPLICATE_KEY));
    }
  }

  @Test
  void noIncrementOfManyThreadsIsLost() throws InterruptedException {
    try (LaminarDB db = open(false)) {
      db.execute("INSERT INTO people VALUES (1, 'counter', 0)");
      PreparedStatement increment = db.prepare("UPDATE people SET age = age + 1 WHERE id = 1");
      AtomicLong failures = new AtomicLong();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        threads.add(
            new Thread(
                () -> {
                  try {
                    for (int n = 0; n < 25; n++) {
                      increment.execute();
                    }
                  } catch (RuntimeException e) {
                    failures.incrementAndGet();
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(failures).hasValue(0);
      assertThat(rows(db, "SELECT n FROM sums WHERE s = 100")).hasSize(1);
    }
  }

  @Test
  void writesBeforeStartAreRefused() {
    try (LaminarDB db = LaminarDB.open()) {
      db.execute("CREATE TABLE t (id INT PRIMARY KEY)");
      assertThatThrownBy(() -> db.execute("INSERT INTO t VALUES (1)"))
          .isInstanceOfSatisfying(
              LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_STARTED));
      db.table("t").upsert(1);
      db.start();
      db.sync();
      assertThat(rows(db, "SELECT id FROM t")).hasSize(1);
    }
  }
}
