package io.laminardb.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** There is no memory to tell a late reader what holds: those who read already notice nothing. */
class RefusedReaderTest {
  private static final int ROWS = 20_000;
  private static final int STEPS = 64;
  private static final String SOURCE =
      "CREATE SOURCE s (k BIGINT PRIMARY KEY, v BIGINT, t VARCHAR, ts BIGINT)"
          + " WITH (changelog = 'upsert');"
          + " CREATE SOURCE a (k BIGINT, v BIGINT, t VARCHAR, ts BIGINT, WATERMARK FOR ts);"
          + " CREATE SOURCE b (k BIGINT PRIMARY KEY) WITH (changelog = 'upsert');";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT t, COUNT(*) AS n FROM a GROUP BY t",
        "SELECT k, v, t FROM s",
        "SELECT s.k, t FROM s LEFT JOIN b ON s.k = b.k",
        "SELECT k, t FROM (SELECT k, t, ROW_NUMBER() OVER (PARTITION BY k ORDER BY v) AS r FROM a)"
            + " WHERE r <= 1",
        "SELECT t, COUNT(*) AS n FROM a GROUP BY t, tumble(ts, INTERVAL '1' HOUR) EMIT CHANGES",
        "SELECT t, COUNT(*) AS n FROM a GROUP BY t, session(ts, INTERVAL '1' HOUR) EMIT CHANGES"
      })
  void leavesWhatOthersReadAsItIs(String query) {
    String from = query.contains("FROM a") ? "a" : "s";
    long loaded;
    try (LaminarDB db = open(query, Long.MAX_VALUE)) {
      load(db, from);
      loaded = db.memoryUse().engineBytes();
    }
    for (int step = 0; step < STEPS; step++) {
      try (LaminarDB db = open(query, loaded + step * loaded / STEPS)) {
        if (isRefused(db, from)) {
          return;
        }
      }
    }
    fail("there was memory for all, or none for the first: " + loaded);
  }

  private static LaminarDB open(String query, long budget) {
    LaminarDB db = LaminarDB.builder().inline().memoryBudget(budget).build();
    db.execute(SOURCE);
    db.execute("CREATE STREAM first AS " + query);
    db.start();
    return db;
  }

  private static void load(LaminarDB db, String from) {
    Subscription first = db.subscribe("first");
    Source source = db.source(from);
    for (long k = 0; k < ROWS; k++) {
      source.push(k, k, "the text of the row with the number " + k, 1_000L);
      if (k % 100 == 0) {
        db.sync();
        first.drain();
      }
    }
    db.sync();
    first.drain();
    first.close();
  }

  /** False where the budget does not do for what was there before, or does for the late reader. */
  private static boolean isRefused(LaminarDB db, String from) {
    try {
      load(db, from);
    } catch (LaminarException e) {
      return false;
    }
    Subscription first;
    try {
      first = db.subscribe("first");
      first.drain();
    } catch (LaminarException e) {
      return false;
    }
    try {
      db.execute("CREATE MATERIALIZED VIEW late AS SELECT t FROM first");
      return false;
    } catch (LaminarException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.MEMORY_BUDGET_EXCEEDED);
    }
    assertThatThrownBy(() -> db.query("SELECT t FROM late"))
        .hasMessageContaining("OBJECT_NOT_FOUND");
    List<Row> news;
    try {
      db.source(from).push(7L, -1L, "another text", 2_000L);
      db.sync();
      news = first.drain();
    } catch (LaminarException e) {
      return false;
    }
    assertThat(news).isNotEmpty().hasSizeLessThanOrEqualTo(2);
    return true;
  }
}
