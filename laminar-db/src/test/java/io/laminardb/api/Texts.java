package io.laminardb.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.core.error.LaminarException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What tests of the API share: databases, rows as texts, awaiting. */
final class Texts {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Texts() {}

  /** An inline database that has executed the statements and runs. */
  static LaminarDB inline(String... statements) {
    return started(LaminarDB.builder().inline(), statements);
  }

  /** A database with a reactor thread that has executed the statements and runs. */
  static LaminarDB threaded(String... statements) {
    return started(LaminarDB.builder(), statements);
  }

  static LaminarDB started(LaminarDB.Builder builder, String... statements) {
    LaminarDB db = builder.build();
    for (String statement : statements) {
      db.execute(statement);
    }
    db.start();
    return db;
  }

  /** Rows as texts of their visible columns; those taken back begin with a minus. */
  static List<String> texts(Iterable<Row> rows) {
    List<String> texts = new ArrayList<>();
    for (Row row : rows) {
      texts.add(text(row));
    }
    return texts;
  }

  static String text(Row row) {
    StringBuilder text = new StringBuilder(row.weight() < 0 ? "-" : "");
    for (int i = 0; i < row.columns().size(); i++) {
      if (!row.columns().get(i).hidden()) {
        text.append(i == 0 ? "" : " ").append(row.getString(i));
      }
    }
    return text.toString();
  }

  /** Rows of a query as texts. */
  static List<String> rows(LaminarDB db, String sql, Object... parameters) {
    try (var rows = db.query(sql, parameters)) {
      return texts(rows.drain());
    }
  }

  /** Waits for what another thread brings about. */
  static void await(String what, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - start).as(what).isLessThan(PATIENCE.toNanos());
      Thread.yield();
    }
  }

  /** The error an action ends with. */
  static LaminarException error(ThrowingCallable action) {
    LaminarException error = catchThrowableOfType(LaminarException.class, action);
    assertThat(error).as("an error").isNotNull();
    return error;
  }
}
