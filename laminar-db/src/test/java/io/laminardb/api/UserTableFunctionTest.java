package io.laminardb.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscription;
import io.laminardb.core.error.LaminarException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/** Table functions that users write in Java. Public, as their interfaces have to be. */
public class UserTableFunctionTest {
  /** Takes the parts of a name. */
  public interface Part {
    void row(String partName, int partLength);
  }

  /** The parts of a name. */
  public interface Parts {
    void of(String name, Part rows);
  }

  /** Numbers from nothing. */
  public interface Numbers {
    void of(int count, IntConsumer rows);
  }

  /** Numbers with names; the boxed ones may be null. */
  public interface Named {
    void of(String text, BiConsumer<String, Long> rows);
  }

  /** Decimals. */
  public interface Decimals {
    void of(BigDecimal number, Consumer<? super BigDecimal> rows);
  }

  /** No row. */
  public interface Nothing {
    void of(String text, Runnable rows);
  }

  /** A result instead of rows. */
  public interface Answers {
    int of(String text, IntConsumer rows);
  }

  /** Objects that SQL does not know. */
  public interface Objects {
    void of(String text, Consumer<Object> rows);
  }

  /** A class with one public method. */
  public static final class Split {
    public void split(String text, Part rows) {
      for (String part : text.split(",")) {
        rows.row(part, part.length());
      }
    }
  }

  private static List<List<Object>> rows(LaminarDB db, String sql, Object... parameters) {
    try (Rows rows = db.query(sql, parameters)) {
      List<List<Object>> all = new ArrayList<>();
      for (Row row : rows) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < rows.schema().size(); i++) {
          values.add(row.getObject(i));
        }
        all.add(values);
      }
      return all;
    }
  }

  private static LaminarDB with(LaminarDB.Builder builder) {
    return builder.inline().build();
  }

  @Test
  void columnsAreCalledAsTheParametersAreWhereTheClassTells() {
    try (LaminarDB db =
        with(
            LaminarDB.builder()
                .registerTableFunction("parts", new Split())
                .registerTableFunction(
                    "count_to",
                    Numbers.class,
                    (count, rows) -> {
                      for (int i = 1; i <= count; i++) {
                        rows.accept(i);
                      }
                    })
                .registerTableFunction(
                    "named", Named.class, (text, rows) -> rows.accept(text, null)))) {
      boolean named = Part.class.getMethods()[0].getParameters()[0].isNamePresent();
      String columns = named ? "part_length, part_name" : "column2, column1";
      assertThat(rows(db, "SELECT " + columns + " FROM parts('a,bc')"))
          .containsExactly(List.of(1, "a"), List.of(2, "bc"));
      assertThat(rows(db, "SELECT count_to FROM count_to(?)", 2))
          .containsExactly(List.of(1), List.of(2));
      assertThat(rows(db, "SELECT column1, column2 FROM TABLE(named('x'))"))
          .containsExactly(Arrays.asList("x", null));
      assertThat(rows(db, "SHOW FUNCTIONS LIKE 'PARTS'").toString()).contains("PARTS");
    }
  }

  @Test
  void whatOneCallGivesIsMuchMoreThanABatch() {
    try (LaminarDB db =
        with(
            LaminarDB.builder()
                .batchRows(16)
                .registerTableFunction(
                    "count_to",
                    Numbers.class,
                    (count, rows) -> {
                      for (int i = 1; i <= count; i++) {
                        rows.accept(i);
                      }
                    }))) {
      db.execute(
          "CREATE SOURCE t (n INT); CREATE STREAM s AS SELECT n, x FROM t, count_to(n) c(x)");
      try (Subscription results = db.subscribe("s")) {
        db.start();
        db.source("t").push(100_000);
        db.source("t").push(1);
        db.sync();
        long sum = 0;
        int count = 0;
        for (Row row : results.drain()) {
          sum += row.getInt(1);
          count++;
        }
        assertThat(count).isEqualTo(100_001);
        assertThat(sum).isEqualTo(100_000L * 100_001 / 2 + 1);
      }
    }
  }

  @Test
  void takesNoRowsOutsideOfACall() {
    AtomicReference<LongConsumer> kept = new AtomicReference<>();
    try (LaminarDB db =
        with(
            LaminarDB.builder()
                .registerTableFunction(
                    "once",
                    Kept.class,
                    (x, rows) -> {
                      kept.set(rows);
                      rows.accept(x);
                      Thread other = new Thread(() -> fails(rows));
                      other.start();
                      join(other);
                    }))) {
      assertThat(rows(db, "SELECT * FROM once(5)")).containsExactly(List.of(5L));
      fails(kept.get());
    }
  }

  /** A number again. */
  public interface Kept {
    void of(long x, LongConsumer rows);
  }

  private static void fails(LongConsumer rows) {
    assertThatThrownBy(() -> rows.accept(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only while it is called");
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aRowThatDoesNotFitFailsTheCallEvenWhereTheFunctionCatchesIt() {
    try (LaminarDB db =
        with(
            LaminarDB.builder()
                .registerTableFunction(
                    "twice",
                    Decimals.class,
                    (x, rows) -> {
                      rows.accept(x);
                      try {
                        rows.accept(x.scaleByPowerOfTen(40));
                      } catch (RuntimeException ignored) {
                        rows.accept(x);
                      }
                    },
                    "d"))) {
      assertThatThrownBy(() -> rows(db, "SELECT d FROM twice(1.5)"))
          .isInstanceOf(LaminarException.class)
          .hasMessageContaining("function twice failed");
      assertThat(rows(db, "SELECT COUNT(*) FROM twice(0)")).containsExactly(List.of(2L));
    }
  }

  @Test
  void refusesWhatGivesNoRows() {
    LaminarDB.Builder builder = LaminarDB.builder();
    assertThatThrownBy(
            () -> builder.registerTableFunction("f", Nothing.class, (text, rows) -> rows.run()))
        .hasMessageContaining("takes no row");
    assertThatThrownBy(() -> builder.registerTableFunction("f", Answers.class, (text, rows) -> 1))
        .hasMessageContaining("gives rows to nobody");
    assertThatThrownBy(() -> builder.registerTableFunction("f", Objects.class, (text, rows) -> {}))
        .hasMessageContaining("java.lang.Object");
    assertThatThrownBy(() -> builder.registerTableFunction("f", new Split(), "one"))
        .hasMessageContaining("2 columns and 1 names");
    assertThatThrownBy(() -> builder.registerTableFunction("f", new Split(), "a", "A"))
        .hasMessageContaining("different names");
    Parts lambda = (text, rows) -> {};
    assertThatThrownBy(() -> builder.registerTableFunction("f", lambda))
        .hasMessageContaining("does not tell its types");
    try (LaminarDB db = with(LaminarDB.builder().registerTableFunction("range", new Split()))) {
      assertThatThrownBy(() -> db.query("SELECT 1")).hasMessageContaining("there is one already");
    }
  }
}
