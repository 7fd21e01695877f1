package io.laminardb.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.Subscription;
import io.laminardb.TestAccess;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A source whose rows replace each other by key: whoever reads it sees changes. */
class UpsertSourceTest {
  private static final String PRICES =
      "CREATE SOURCE prices (symbol VARCHAR, venue INT, price DOUBLE, note VARCHAR,"
          + " PRIMARY KEY (symbol, venue)) WITH (changelog = 'upsert')";

  private static LaminarDB inline(String... statements) {
    LaminarDB db = LaminarDB.builder().inline().build();
    for (String statement : statements) {
      db.execute(statement);
    }
    db.start();
    return db;
  }

  private static String text(Iterable<Row> rows) {
    StringBuilder text = new StringBuilder();
    for (Row row : rows) {
      text.append(text.isEmpty() ? "" : " | ").append(row.weight() > 0 ? "+" : "-");
      for (int i = 0; i < row.columns().size(); i++) {
        if (!row.columns().get(i).hidden()) {
          text.append(i == 0 ? "" : " ").append(row.getString(i));
        }
      }
    }
    return text.toString();
  }

  @Test
  void takesTheOldRowOfAKeyBackAndAddsTheNewOne() {
    try (LaminarDB db = inline(PRICES)) {
      Subscription changes = db.subscribe("prices");
      Source prices = db.source("prices");
      prices.push("AAPL", 1, 10.0, "a");
      assertThat(text(changes.drain())).isEqualTo("+AAPL 1 10.0 a");
      prices.push("AAPL", 2, 20.0, null);
      assertThat(text(changes.drain())).isEqualTo("+AAPL 2 20.0 null");
      prices.push("AAPL", 1, 11.0, "a note that is longer than a dozen bytes");
      assertThat(text(changes.drain()))
          .isEqualTo("-AAPL 1 10.0 a | +AAPL 1 11.0 a note that is longer than a dozen bytes");
    }
  }

  @Test
  void saysNothingOfARowThatStaysTheSame() {
    try (LaminarDB db = inline(PRICES)) {
      Subscription changes = db.subscribe("prices");
      Source prices = db.source("prices");
      prices.push("AAPL", 1, Double.NaN, null);
      prices.push("AAPL", 1, Double.NaN, null);
      assertThat(text(changes.drain())).isEqualTo("+AAPL 1 NaN null");
    }
  }

  @Test
  void retractTakesTheRowOfTheKeyAwayWhateverElseItSays() {
    try (LaminarDB db = inline(PRICES)) {
      Subscription changes = db.subscribe("prices");
      Source prices = db.source("prices");
      prices.push("AAPL", 1, 10.0, "a");
      prices.retract("AAPL", 1, null, null);
      prices.retract("AAPL", 1, null, null);
      prices.retract("MSFT", 1, 1.0, null);
      prices.push("AAPL", 1, 12.0, "b");
      assertThat(text(changes.drain()))
          .isEqualTo("+AAPL 1 10.0 a | -AAPL 1 10.0 a | +AAPL 1 12.0 b");
      assertThat(db.metrics().query("prices").stateRows()).isEqualTo(1);
      assertThat(db.metrics().query("prices").stateBytes()).isPositive();
    }
  }

  @Test
  void streamsViewsLiveQueriesAndSinksSeeTheChanges() {
    try (LaminarDB db =
            inline(
                PRICES,
                "CREATE STREAM dear AS SELECT symbol, price FROM prices WHERE price > 10",
                "CREATE MATERIALIZED VIEW best AS SELECT symbol, MAX(price) AS price,"
                    + " COUNT(*) AS venues FROM prices GROUP BY symbol");
        Rows live = db.query("SELECT venue, price FROM prices")) {
      Subscription dear = db.subscribe("dear");
      Source prices = db.source("prices");
      prices.push("AAPL", 1, 10.0, null);
      prices.push("AAPL", 2, 30.0, null);
      prices.push("AAPL", 2, 20.0, null);
      prices.push("AAPL", 1, 15.0, null);
      assertThat(text(dear.drain())).isEqualTo("+AAPL 30.0 | -AAPL 30.0 | +AAPL 20.0 | +AAPL 15.0");
      assertThat(text(live.drain()))
          .isEqualTo("+1 10.0 | +2 30.0 | -2 30.0 | +2 20.0 | -1 10.0 | +1 15.0");
      assertThat(text(db.query("SELECT * FROM best"))).isEqualTo("+AAPL 20.0 2");
      prices.retract("AAPL", 2, 0.0, null);
      assertThat(text(db.query("SELECT * FROM best"))).isEqualTo("+AAPL 15.0 1");
    }
  }

  @Test
  void insertsReplaceToo() {
    try (LaminarDB db =
        inline(PRICES, "CREATE MATERIALIZED VIEW now AS SELECT symbol, price FROM prices")) {
      db.execute("INSERT INTO prices VALUES ('AAPL', 1, 10, NULL), ('AAPL', 1, 11, NULL)");
      assertThat(text(db.query("SELECT * FROM now"))).isEqualTo("+AAPL 11.0");
    }
  }

  @Test
  void aRowMovesFromItsOldWindowToItsNewOne() {
    String sql =
        "CREATE SOURCE orders (id INT, amount INT, ts BIGINT, PRIMARY KEY (id))"
            + " WITH (changelog = 'upsert', watermark = 'ts')";
    try (LaminarDB db =
        inline(
            sql,
            "CREATE STREAM sums AS SELECT window_start, SUM(amount) AS amount, COUNT(*) AS orders"
                + " FROM orders GROUP BY tumble(ts, INTERVAL '1' SECOND)")) {
      Subscription sums = db.subscribe("sums");
      Source orders = db.source("orders");
      orders.push(1, 10, 100L);
      orders.push(2, 20, 200L);
      orders.push(1, 30, 900L); // moves within the window
      orders.push(3, 5, 1500L); // closes it
      assertThat(text(sums.drain())).isEqualTo("+0 50 2");
      orders.push(3, 7, 2500L); // its old row is taken out of a window that closes empty
      orders.push(2, 1, 2600L); // its old row is too late to be taken back
      orders.end();
      assertThat(text(sums.drain())).isEqualTo("+2000 8 2");
      assertThat(db.metrics().query("sums").lateRows()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1000})
  void answersTheSameHoweverRowsWereBatched(int every) {
    String sql =
        "CREATE SOURCE orders (id INT, amount INT, ts BIGINT, PRIMARY KEY (id))"
            + " WITH (changelog = 'upsert', watermark = 'ts')";
    StringBuilder values = new StringBuilder();
    Random random = new Random(42);
    String[] rows = new String[300];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = "(" + random.nextInt(9) + ", " + random.nextInt(50) + ", " + i * 130 + ")";
    }
    try (LaminarDB db =
        inline(
            sql,
            "CREATE STREAM sums AS SELECT window_start, SUM(amount) AS amount, COUNT(*) AS orders"
                + " FROM orders GROUP BY tumble(ts, INTERVAL '1' SECOND)")) {
      Subscription sums = db.subscribe("sums");
      for (int from = 0; from < rows.length; from += every) {
        values.setLength(0);
        for (int i = from; i < Math.min(rows.length, from + every); i++) {
          values.append(i == from ? "" : ", ").append(rows[i]);
        }
        db.execute("INSERT INTO orders VALUES " + values);
      }
      db.source("orders").end();
      assertThat(text(sums.drain())).isEqualTo(rowByRow(rows));
    }
  }

  /** What is there when each window closes: a row counts where the present row of its id lies. */
  private static String rowByRow(String[] rows) {
    Map<Integer, long[]> present = new HashMap<>();
    Map<Long, long[]> open = new TreeMap<>();
    StringBuilder text = new StringBuilder();
    long closed = Long.MIN_VALUE;
    for (String row : rows) {
      String[] parts = row.substring(1, row.length() - 1).split(", ");
      long amount = Long.parseLong(parts[1]);
      long ts = Long.parseLong(parts[2]);
      long[] old = present.get(Integer.parseInt(parts[0]));
      if (old != null && old[0] == amount && old[1] == ts) {
        continue;
      }
      if (old != null && old[1] / 1000 * 1000 >= closed) {
        long[] window = open.get(old[1] / 1000 * 1000);
        window[0] -= old[0];
        window[1]--;
      }
      present.put(Integer.parseInt(parts[0]), new long[] {amount, ts});
      long[] window = open.computeIfAbsent(ts / 1000 * 1000, start -> new long[2]);
      window[0] += amount;
      window[1]++;
      closed = Math.max(closed, ts / 1000 * 1000);
      for (var it = open.entrySet().iterator(); it.hasNext(); ) {
        var entry = it.next();
        if (entry.getKey() < closed) {
          append(text, entry.getKey(), entry.getValue());
          it.remove();
        }
      }
    }
    open.forEach((start, window) -> append(text, start, window));
    return text.toString();
  }

  private static void append(StringBuilder text, long start, long[] window) {
    if (window[1] > 0) {
      text.append(text.isEmpty() ? "" : " | ");
      text.append('+').append(start).append(' ').append(window[0]).append(' ').append(window[1]);
    }
  }

  @Test
  void keepsItsRowsThroughARebuildOfState() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    Map<String, String> expected = new TreeMap<>();
    try (LaminarDB db =
        inline(
            "CREATE SOURCE t (k VARCHAR, d DOUBLE, v VARCHAR, PRIMARY KEY (k, d))"
                + " WITH (changelog = 'upsert')",
            "CREATE MATERIALIZED VIEW present AS SELECT k, d, v FROM t",
            "CREATE MATERIALIZED VIEW number AS SELECT COUNT(*) AS n, COUNT(v) AS m FROM t")) {
      Source t = db.source("t");
      for (int i = 0; i < 5000; i++) {
        String k = "key".repeat(random.nextInt(8)) + random.nextInt(40);
        double d = random.nextInt(3);
        if (random.nextInt(4) == 0) {
          t.retract(k, d, null);
          expected.remove(k + "/" + d);
        } else {
          String v = random.nextInt(5) == 0 ? null : "v".repeat(random.nextInt(30));
          t.push(k, d == 0 && random.nextBoolean() ? -0.0 : d, v);
          expected.put(k + "/" + d, String.valueOf(v));
        }
        if (i % 250 == 0) {
          TestAccess.rebuildState(db);
        }
      }
      Map<String, String> present = new TreeMap<>();
      for (Row row : db.query("SELECT * FROM present")) {
        present.put(
            row.getString("k") + "/" + Math.abs(row.getDouble("d")), "" + row.getString("v"));
      }
      assertThat(present).as("seed %d", seed).isEqualTo(expected);
      assertThat(text(db.query("SELECT n FROM number"))).isEqualTo("+" + expected.size());
      assertThat(db.metrics().query("t").stateRows()).isEqualTo(expected.size());
    }
  }

  @Test
  void aKeyIsNotNull() {
    try (LaminarDB db = inline(PRICES)) {
      assertThatThrownBy(() -> db.source("prices").push(null, 1, 1.0, null))
          .isInstanceOfSatisfying(
              LaminarException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.NULL_NOT_ALLOWED));
    }
  }

  @Test
  void needsAPrimaryKey() {
    try (LaminarDB db = LaminarDB.open()) {
      assertThatThrownBy(() -> db.execute("CREATE SOURCE t (a INT) WITH (changelog = 'upsert')"))
          .hasMessageContaining("PRIMARY KEY");
    }
  }

  @Test
  void isDroppedWithItsReadersAndCreatedAgain() {
    try (LaminarDB db =
        inline(PRICES, "CREATE STREAM dear AS SELECT symbol FROM prices WHERE price > 10")) {
      db.source("prices").push("AAPL", 1, 11.0, null);
      assertThatThrownBy(() -> db.execute("DROP SOURCE prices")).hasMessageContaining("dear");
      db.execute("DROP SOURCE prices CASCADE");
      assertThat(db.metrics().queries()).isEmpty();
      db.execute(PRICES);
      Subscription changes = db.subscribe("prices");
      db.source("prices").push("AAPL", 1, 12.0, null);
      assertThat(text(changes.drain())).isEqualTo("+AAPL 1 12.0 null");
      assertThat(db.query("SHOW SOURCES").drain().get(0).getString("mode")).isEqualTo("upsert");
    }
  }
}
