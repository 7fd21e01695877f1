package io.laminardb.bench;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.RowWriter;
import io.laminardb.Source;

/** The queries in a database, fed through its row writer, answered to a row listener. */
final class LatencyDatabase extends LatencyTarget {
  private static final String RUNNING =
      "SELECT symbol, SUM(volume) AS volume, COUNT(*) AS trades FROM trades WHERE volume > "
          + MIN_VOLUME
          + " GROUP BY symbol EMIT CHANGES";
  private static final String WINDOW =
      "SELECT symbol, SUM(price * volume) / SUM(volume) AS vwap, COUNT(*) AS trades,"
          + " window_end AS window_end FROM trades GROUP BY symbol, tumble(ts, INTERVAL '1' MINUTE)";

  private final LaminarDB db;
  private final RowWriter rows;
  private final Source rests; // each of its rows keeps the reactor until the next turn; null inline
  private long seen;

  LatencyDatabase(Kind kind, LatencyBench.Events events, boolean inline) {
    super(kind, events);
    LaminarDB.Builder builder = LaminarDB.builder();
    db = (inline ? builder.inline() : builder.spinning()).build();
    db.execute(QueryRun.SOURCE);
    db.execute("CREATE STREAM results AS " + (kind == Kind.RUNNING ? RUNNING : WINDOW));
    db.subscribe("results", kind == Kind.RUNNING ? this::change : this::windowed);
    db.execute("CREATE SOURCE rests (turn BIGINT NOT NULL)");
    db.execute("CREATE STREAM resting AS SELECT turn FROM rests");
    db.subscribe("resting", row -> awaitTurn());
    db.start();
    rows = db.source("trades").rows();
    rests = inline ? null : db.source("rests");
    rest();
  }

  private void change(Row row) {
    if (row.weight() > 0) {
      seen += row.getLong(1) + row.getLong(2);
      answered();
    }
  }

  private void windowed(Row row) {
    seen += row.getLong(2) + (row.getDouble(1) > 0 ? 1 : 0);
    answered(row.getLong(3));
  }

  @Override
  void push(String symbol, double price, long volume, long ts) {
    rows.begin()
        .setString(0, symbol)
        .setDouble(1, price)
        .setLong(2, volume)
        .setLong(3, ts)
        .endRow();
  }

  @Override
  void sync() {
    db.sync();
  }

  @Override
  void rest() {
    if (rests != null) {
      rests.push(1L);
    }
  }

  @Override
  public void close() {
    super.close();
    db.close();
    if (seen == 0) {
      throw new IllegalStateException("the database has answered nothing");
    }
  }
}
