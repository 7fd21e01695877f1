package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscription;
import io.laminardb.cli.DemoScreen.Block;
import io.laminardb.cli.DemoScreen.Progress;
import io.laminardb.cli.StatementSplitter.Piece;
import io.laminardb.core.runtime.Metrics;
import io.laminardb.core.runtime.Metrics.QueryMetrics;
import io.laminardb.core.runtime.Metrics.SourceMetrics;
import io.laminardb.core.time.Watermark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One run of {@code examples/flights.sql}: all of its statements but the queries, a panel for each
 * stream, then the queries. The caller's thread watches; the database reads and computes on its own.
 */
final class Demo implements AutoCloseable {
  /** Rows of the file. */
  static final long FLIGHTS = 200_000;

  /** How many blocks {@link #blocks} answers. */
  static final int BLOCKS = 5;

  private static final String TOP_AIRPORTS =
      "SELECT origin, flights, avg_delay, max_delay, miles FROM airports"
          + " ORDER BY flights DESC, origin LIMIT ";

  /** A query of the script and its answer. */
  record Answer(String sql, Rows rows) {}

  private final LaminarDB db;
  private final List<Piece> queries = new ArrayList<>();
  private final List<DemoPanel> panels =
      List.of(
          new DemoPanel(
              "bad_hours", "airports with a bad hour: 20 flights, 30 minutes late on average"),
          new DemoPanel("days", "the totals of each day"),
          new DemoPanel("busy_routes", "routes with 40 flights in 24 hours, every 6 hours"),
          new DemoPanel("streaks", "10 flights an hour late, none 15 minutes apart"));
  private final List<Subscription> subscriptions = new ArrayList<>();
  private long beganNs;
  private volatile long elapsedNs = -1;
  private volatile RuntimeException failure;

  private Demo(LaminarDB db) {
    this.db = db;
  }

  /**
   * Makes everything the script declares.
   *
   * @param outDirectory where its sinks write; made if it is not there
   */
  static Demo open(Path outDirectory) throws IOException {
    Files.createDirectories(outDirectory);
    Path file = Databases.home().resolve("examples/flights.sql");
    String script = Files.readString(file, StandardCharsets.UTF_8);
    Demo demo = new Demo(Databases.open(Map.of("OUT", outDirectory.toString())));
    try {
      demo.declare(script);
      return demo;
    } catch (RuntimeException e) {
      demo.close();
      throw e;
    }
  }

  private void declare(String script) {
    for (Piece piece : StatementSplitter.split(script)) {
      if (piece.firstWord().equals("SELECT")) {
        queries.add(piece);
      } else {
        db.execute(piece.inPlace());
      }
    }
    for (DemoPanel panel : panels) {
      subscriptions.add(db.subscribe(panel.name(), panel::add));
    }
  }

  /**
   * Slows the file down so that it lasts about {@code seconds}: a listener at the end of a stream
   * waits, and all before it wait with it, as behind any slow consumer.
   */
  void pace(double seconds) {
    db.execute(
        "CREATE STREAM pace AS SELECT COUNT(*) AS flights FROM flights"
            + " GROUP BY tumble(ts, INTERVAL '10' MINUTE)");
    DemoPace pace = new DemoPace(FLIGHTS, (long) (seconds * 1e9));
    subscriptions.add(db.subscribe("pace", row -> pace.await(row.getLong("flights"))));
  }

  /** Starts reading; {@link #isDone} tells when everything is processed. */
  void start() {
    beganNs = System.nanoTime();
    db.start();
    Thread waiting = new Thread(this::awaitEnd, "laminar-demo");
    waiting.setDaemon(true);
    waiting.start();
  }

  private void awaitEnd() {
    try {
      db.awaitSources();
    } catch (RuntimeException e) {
      failure = e;
    } finally {
      elapsedNs = System.nanoTime() - beganNs;
    }
  }

  /** What stopped queries before their end, one sentence each; none where all went well. */
  List<String> failures() {
    return Failures.of(db);
  }

  /** Whether the whole file is processed; throws what went wrong. */
  boolean isDone() {
    boolean done = elapsedNs >= 0;
    if (done && failure != null) {
      throw failure;
    }
    return done;
  }

  Progress progress() {
    long done = elapsedNs;
    Metrics metrics = db.metrics();
    SourceMetrics source = metrics.source("flights");
    long lateRows = metrics.queries().stream().mapToLong(QueryMetrics::lateRows).sum();
    return new Progress(
        source.rows(),
        FLIGHTS,
        lateRows,
        watermark(source.watermarkNs()),
        done >= 0 ? done : System.nanoTime() - beganNs);
  }

  private static String watermark(long epochNs) {
    if (epochNs == Watermark.END) {
      return "at the end";
    }
    boolean known = epochNs != Watermark.NONE && epochNs != Watermark.IDLE;
    return known ? DemoScreen.minute(Instant.ofEpochSecond(0, epochNs).toString()) : null;
  }

  List<DemoPanel> panels() {
    return panels;
  }

  /** What the screen shows: the streams' latest results, and the view as it is now. */
  List<Block> blocks(int rows) {
    List<Block> blocks = new ArrayList<>();
    for (DemoPanel panel : panels) {
      String note =
          panel.title() + ", " + String.format(Locale.ROOT, "%,d so far", panel.rowCount());
      blocks.add(new Block(panel.name(), note, panel.latest(rows)));
    }
    blocks.add(
        new Block("airports", "a view of every airport's totals; the busiest now", top(rows)));
    return blocks;
  }

  private List<Row> top(int count) {
    try (Rows rows = db.query(TOP_AIRPORTS + count)) {
      return rows.drain();
    }
  }

  /** The queries at the end of the script, answered now; the caller closes the rows. */
  List<Answer> answers() {
    List<Answer> answers = new ArrayList<>();
    for (Piece query : queries) {
      answers.add(new Answer(query.text(), db.query(query.text())));
    }
    return answers;
  }

  @Override
  public void close() {
    db.close();
  }
}
