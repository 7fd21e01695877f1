package io.laminardb.durable;

import io.laminardb.CheckpointConfig;
import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Source;
import io.laminardb.Subscriber;
import io.laminardb.TestAccess;
import io.laminardb.core.time.VirtualClock;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A directory with something of everything: state of many operators in a checkpoint, records of every
 * kind behind it. It is written once by each release, and opened by all that come after it.
 */
final class Golden {
  /** What there is to be asked of it. */
  static final List<String> QUESTIONS =
      List.of(
          "SELECT * FROM by_symbol ORDER BY symbol",
          "SELECT * FROM windows ORDER BY symbol, window_start",
          "SELECT * FROM best ORDER BY symbol, price",
          "SELECT * FROM joined ORDER BY symbol, price",
          "SELECT * FROM names ORDER BY symbol",
          "SELECT COUNT(*) FROM sessions_seen",
          "SELECT symbol, name FROM symbols ORDER BY symbol");

  private Golden() {}

  /** Writes the directory as a zip file, and prints what it answers. */
  public static void main(String[] args) throws IOException {
    Path zip = Path.of(args[0]);
    Path directory = Files.createTempDirectory("golden");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      LaminarDB db = open(directory);
      make(db);
      answers(db).forEach(System.out::println);
      TestAccess.crash(db);
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.filter(Golden::isData).sorted().toList()) {
          ZipEntry entry = new ZipEntry(directory.relativize(file).toString());
          entry.setTime(0);
          out.putNextEntry(entry);
          Files.copy(file, out);
        }
      }
    }
  }

  /** The lock names a process. */
  private static boolean isData(Path file) {
    return Files.isRegularFile(file) && !file.endsWith("LOCK");
  }

  static LaminarDB open(Path directory) {
    return LaminarDB.builder()
        .inline()
        .clock(new VirtualClock())
        .storageDir(directory)
        .checkpoint(CheckpointConfig.every(Duration.ofDays(1)))
        .build();
  }

  private static void make(LaminarDB db) {
    db.execute(
        """
        CREATE SOURCE trades (symbol VARCHAR, price DECIMAL(10, 2), qty BIGINT, ts TIMESTAMP(3),
          WATERMARK FOR ts AS ts - INTERVAL '1' SECOND);
        CREATE SOURCE quotes (symbol VARCHAR, bid DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts)
          WITH (durability = 'async');
        CREATE TABLE symbols (symbol VARCHAR PRIMARY KEY, name VARCHAR, tags ARRAY<VARCHAR>);
        CREATE INDEX by_name ON symbols (name);
        CREATE MATERIALIZED VIEW by_symbol AS SELECT symbol, COUNT(*) AS c, SUM(qty) AS q, AVG(price) AS p,
          COUNT(DISTINCT qty) AS d, MEDIAN(price) AS m, STRING_AGG(CAST(qty AS VARCHAR), ',' ORDER BY qty) AS l
          FROM trades GROUP BY symbol;
        CREATE MATERIALIZED VIEW windows AS SELECT symbol, window_start, SUM(qty) AS q FROM trades
          GROUP BY symbol, hop(ts, INTERVAL '10' SECOND, INTERVAL '5' SECOND);
        CREATE STREAM sessions AS SELECT symbol, COUNT(*) AS c FROM trades
          GROUP BY symbol, session(ts, INTERVAL '3' SECOND);
        CREATE MATERIALIZED VIEW sessions_seen AS SELECT symbol, c FROM sessions;
        CREATE MATERIALIZED VIEW best AS SELECT symbol, price, qty FROM (SELECT *, ROW_NUMBER() OVER
          (PARTITION BY symbol ORDER BY price DESC, qty) AS r FROM trades) AS t WHERE r <= 2;
        CREATE MATERIALIZED VIEW joined AS SELECT t.symbol, t.price, q.bid FROM trades t
          ASOF JOIN quotes q MATCH_CONDITION(t.ts >= q.ts) ON t.symbol = q.symbol;
        CREATE MATERIALIZED VIEW names AS SELECT t.symbol, s.name, SUM(t.qty) AS q FROM trades t
          JOIN symbols s ON t.symbol = s.symbol GROUP BY t.symbol, s.name;
        CREATE SUBSCRIPTION billing ON sessions;
        """);
    db.start();
    db.execute("INSERT INTO symbols VALUES ('A', 'Ann', ARRAY['x', 'y']), ('B', 'Bob', NULL)");
    push(db, 0, 40);
    DurableSubscription billing = db.subscribe("sessions", Subscriber.durable("billing"));
    billing.poll();
    billing.ack();
    billing.close();
    db.checkpoint();
    push(db, 40, 60);
    db.execute("UPDATE symbols SET name = 'Cyd' WHERE symbol = 'B'");
    db.execute("CREATE STREAM late AS SELECT symbol FROM trades WHERE qty > 3");
    db.sync();
  }

  /** Rows of numbers {@code [from, to)}. */
  static void push(LaminarDB db, int from, int to) {
    Source trades = db.source("trades");
    Source quotes = db.source("quotes");
    for (int i = from; i < to; i++) {
      String symbol = i % 11 == 0 ? null : i % 3 == 0 ? "A" : i % 3 == 1 ? "B" : "C";
      LocalDateTime time = LocalDateTime.of(2026, 1, 1, 0, 0).plusSeconds(i * 2L - i % 4);
      quotes.push(symbol, 10.0 + i, time.minusSeconds(3));
      trades.push(symbol, new BigDecimal(i + ".50"), (long) (i % 7), time);
    }
    db.sync();
  }

  /** What it answers, line by line. */
  static List<String> answers(LaminarDB db) {
    List<String> answers = new ArrayList<>();
    for (String question : QUESTIONS) {
      answers.add(question);
      try (Rows rows = db.query(question)) {
        for (Row row : rows.drain()) {
          answers.add("  " + row);
        }
      }
    }
    return answers;
  }
}
