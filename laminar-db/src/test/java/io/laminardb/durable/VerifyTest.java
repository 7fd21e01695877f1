package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.CheckpointConfig;
import io.laminardb.Difference;
import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Source;
import io.laminardb.Subscriber;
import io.laminardb.TestAccess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is there is what a fresh engine makes of everything that came in. */
class VerifyTest {
  private static final long SEED = 20261123;
  private static final String CREATE =
      "CREATE SOURCE trades (symbol VARCHAR NOT NULL, price DOUBLE, ts BIGINT NOT NULL);"
          + " CREATE MATERIALIZED VIEW prices AS"
          + " SELECT symbol, COUNT(*) AS n, AVG(price) AS average FROM trades GROUP BY symbol;"
          + " CREATE MATERIALIZED VIEW minutes AS SELECT symbol, SUM(price) AS total, window_end"
          + " FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE);"
          + " CREATE MATERIALIZED VIEW best AS"
          + " SELECT u.name, p.average FROM users u JOIN prices p ON p.symbol = u.favourite";

  @TempDir Path dir;

  private LaminarDB.Builder builder(boolean inline) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .storageDir(dir)
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)))
            .retainHistory(Duration.ofDays(1));
    return inline ? builder.inline() : builder;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void viewsAndTablesAreWhatTheirHistoryGives(boolean inline) {
    Random random = new Random(SEED);
    for (int life = 0; life < 3; life++) {
      LaminarDB db = builder(inline).build();
      if (life == 0) {
        db.execute(
            "CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR, favourite VARCHAR); "
                + CREATE);
      }
      db.start();
      Source trades = db.source("trades");
      for (int i = 0; i < 500; i++) {
        String symbol = "S" + random.nextInt(20);
        trades.push(symbol, random.nextDouble(), life * 300_000L + random.nextInt(300_000));
        if (i % 100 == 50) {
          db.execute(
              "INSERT OR REPLACE INTO users VALUES (?, ?, ?)",
              (long) random.nextInt(5),
              "U" + i,
              symbol);
        }
        if (i == 250) {
          db.checkpoint();
        }
      }
      db.sync();
      for (String kept : new String[] {"prices", "minutes", "best", "users"}) {
        assertThat(db.verify(kept)).as("%s in life %d, seed %d", kept, life, SEED).isNull();
      }
      trades.push("S1", 1.0, 1L);
      db.sync();
      TestAccess.crash(db);
    }
  }

  @Test
  void theFirstRowThatIsOtherwiseIsTold() {
    DoubleUnaryOperator now = x -> x < 2 ? x : x + 1;
    try (LaminarDB db = rated(x -> x)) {
      db.execute("CREATE SOURCE numbers (id VARCHAR, x DOUBLE)");
      db.execute("CREATE MATERIALIZED VIEW rates AS SELECT id, rate(x) AS r FROM numbers");
      db.start();
      db.source("numbers").push("a", 1.0);
      db.source("numbers").push("b", 2.0);
      db.source("numbers").push("c", 3.0);
      assertThat(db.verify("rates")).isNull();
    }
    try (LaminarDB db = rated(now)) { // what was computed by another function is in the checkpoint
      Difference difference = db.verify("rates");
      assertThat(difference.expected().getString("id")).isEqualTo("b");
      assertThat(difference.expected().getDouble("r")).isEqualTo(3.0);
      assertThat(difference.found().getDouble("r")).isEqualTo(2.0);
    }
  }

  @Test
  void ofAStreamWhatSubscriptionsKeepIsCompared() {
    DoubleUnaryOperator now = x -> x < 3 ? x : x + 1;
    try (LaminarDB db = rated(x -> x)) {
      db.execute("CREATE SOURCE numbers (id VARCHAR, x DOUBLE)");
      db.execute("CREATE STREAM rates AS SELECT id, rate(x) AS r FROM numbers");
      DurableSubscription rates = db.subscribe("rates", Subscriber.durable("billing"));
      db.start();
      for (double x = 1; x <= 4; x++) {
        db.source("numbers").push("n" + x, x);
      }
      rates.poll();
      rates.ack();
      assertThat(db.verify("rates")).isNull();
    }
    try (LaminarDB db = rated(now)) {
      Difference difference = db.verify("rates");
      assertThat(difference.expected().getDouble("r")).isEqualTo(4.0);
      assertThat(difference.found().getDouble("r")).isEqualTo(3.0);
      DurableSubscription rates = db.subscribe("rates", Subscriber.durable("billing"));
      db.start();
      rates.drain();
      rates.ack(); // what is acknowledged is not kept any more
      assertThat(db.verify("rates")).isNull();
      db.source("numbers").push("n", 5.0);
      assertThat(db.verify("rates")).isNull();
    }
  }

  private LaminarDB rated(DoubleUnaryOperator rate) {
    return builder(true).registerFunction("rate", DoubleUnaryOperator.class, rate).build();
  }

  @Test
  void checkpointsGoOnBehindIt() {
    try (LaminarDB db = builder(true).build()) {
      db.execute("CREATE TABLE t (id BIGINT PRIMARY KEY)");
      db.start();
      for (long id = 1; id <= 3; id++) {
        db.execute("INSERT INTO t VALUES (?)", id);
        db.checkpoint();
        assertThat(db.verify("t")).isNull();
      }
      assertThat(db.checkpoints()).hasSize(3);
    }
  }

  @Test
  void whatCannotBeVerifiedIsRefused() {
    try (LaminarDB db = builder(true).build()) {
      db.execute("CREATE SOURCE numbers (id VARCHAR, x DOUBLE)");
      db.execute("CREATE SOURCE unkept (id VARCHAR) WITH (durability = 'none')");
      db.execute("CREATE STREAM ids AS SELECT id FROM unkept");
      db.execute("CREATE MATERIALIZED VIEW counts AS SELECT COUNT(*) AS n FROM ids");
      assertThatThrownBy(() -> db.verify("numbers"))
          .hasMessageContaining("NOT_SUPPORTED")
          .hasMessageContaining("keeps no rows");
      assertThatThrownBy(() -> db.verify("counts"))
          .hasMessageContaining("NOT_SUPPORTED")
          .hasMessageContaining("\"unkept\" are in no journal");
      assertThatThrownBy(() -> db.verify("nothing")).hasMessageContaining("OBJECT_NOT_FOUND");
    }
    try (LaminarDB db = LaminarDB.open()) {
      db.execute("CREATE TABLE t (id BIGINT PRIMARY KEY)");
      assertThatThrownBy(() -> db.verify("t")).hasMessageContaining("in memory");
    }
  }

  @Test
  void withoutAllOfTheHistoryItIsRefused() {
    String large = "x".repeat(4 << 20); // a file of the journal is 64 MB
    try (LaminarDB db =
        LaminarDB.builder()
            .storageDir(dir)
            .checkpoint(new CheckpointConfig(Duration.ofDays(1), 1))
            .inline()
            .build()) {
      db.execute("CREATE SOURCE notes (text VARCHAR)");
      db.execute("CREATE MATERIALIZED VIEW counts AS SELECT COUNT(*) AS n FROM notes");
      db.start();
      for (int i = 0; i < 20; i++) {
        db.source("notes").push(large);
        db.sync();
      }
      assertThat(db.verify("counts")).isNull();
      db.checkpoint();
      assertThatThrownBy(() -> db.verify("counts"))
          .hasMessageContaining("INVALID_OPTION")
          .hasMessageContaining("history is not kept from the beginning");
    }
  }
}
