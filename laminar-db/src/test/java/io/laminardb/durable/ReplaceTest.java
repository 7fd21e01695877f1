package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.CheckpointConfig;
import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.Subscriber;
import io.laminardb.TestAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A query that takes the place of another one and keeps all its state gives what it would have given
 * had it been there from the start; wherever the database crashes.
 */
class ReplaceTest {
  private static final int CASES = Integer.getInteger("laminar.replace.cases", 40);
  private static final long SEED = Long.getLong("laminar.replace.seed", 20261123);
  private static final int STEPS = 120;

  /** What is replaced, and by what: all operators that keep something are the same. */
  private record Pair(String kind, String before, String after) {
    String create(String query) {
      return "CREATE OR REPLACE " + kind + " q AS " + query;
    }

    boolean isView() {
      return kind.startsWith("MAT");
    }
  }

  private static final String SUMS = "SELECT k, SUM(v) AS s, COUNT(*) AS c FROM a GROUP BY k";
  private static final String SUMS_WITHOUT_KEY =
      "SELECT k, SUM(v) AS s, COUNT(*) AS c FROM b GROUP BY k, v";
  private static final String JOINED =
      " FROM (SELECT k, SUM(v) AS s FROM a GROUP BY k) x"
          + " JOIN (SELECT k, COUNT(*) AS c FROM b GROUP BY k) y ON x.k = y.k";
  private static final String LAGGED =
      "(SELECT k, v, LAG(v) OVER (PARTITION BY k ORDER BY ts) AS w FROM a)";
  private static final String TUMBLED = " FROM a GROUP BY k, tumble(ts, INTERVAL '10' SECOND)";
  private static final String HOPPED =
      " FROM a GROUP BY k, hop(ts, INTERVAL '20' SECOND, INTERVAL '5' SECOND)";

  private static final String OPEN = // what has closed is not taken back
      " EMIT CHANGES WITH (allowed_lateness = INTERVAL '1' HOUR)";

  private static final List<Pair> PAIRS =
      List.of(
          new Pair("MATERIALIZED VIEW", SUMS, SUMS + " HAVING COUNT(*) > 3"),
          new Pair("MATERIALIZED VIEW", SUMS + " HAVING SUM(v) > 20", SUMS),
          new Pair(
              "MATERIALIZED VIEW",
              SUMS,
              "SELECT k, SUM(v) * 2 AS s, COUNT(*) + 1 AS c FROM a GROUP BY k"),
          new Pair(
              "MATERIALIZED VIEW",
              "SELECT x.k, x.s, y.c" + JOINED,
              "SELECT x.k, x.s + y.c AS s, y.c" + JOINED + " WHERE x.s > y.c"),
          new Pair(
              "MATERIALIZED VIEW",
              "SELECT MIN(s) AS k, SUM(s) AS s, COUNT(*) AS c FROM (" + SUMS + ") AS t",
              "SELECT MAX(s) AS k, SUM(s) AS s, COUNT(*) AS c FROM (" + SUMS + ") AS t"),
          new Pair(
              "STREAM",
              "SELECT k, SUM(v) AS s, COUNT(*) AS c" + TUMBLED,
              "SELECT k, SUM(v) AS s, COUNT(*) AS c" + TUMBLED + " HAVING COUNT(*) > 1"),
          new Pair(
              "STREAM",
              "SELECT k, MAX(v) AS s, COUNT(*) AS c" + HOPPED + OPEN,
              "SELECT k, MAX(v) + 1 AS s, COUNT(*) AS c" + HOPPED + OPEN),
          new Pair(
              "STREAM",
              "SELECT k, COUNT(*) AS c FROM a GROUP BY k, session(ts, INTERVAL '3' SECOND)",
              "SELECT k, COUNT(*) * 10 AS c FROM a GROUP BY k, session(ts, INTERVAL '3' SECOND)"),
          new Pair(
              "STREAM",
              "SELECT k, v, w FROM " + LAGGED,
              "SELECT k, v + 0 AS v, w + 1 AS w FROM " + LAGGED),
          new Pair(
              "STREAM",
              "SELECT x.k, x.v, y.v AS w FROM a x JOIN b y ON x.k = y.k AND x.v = y.v",
              "SELECT x.k, x.v + 1 AS v, y.v AS w FROM a x JOIN b y ON x.k = y.k AND x.v = y.v"));

  /** What the former query has not kept is had from history. */
  private static final List<Pair> REBUILT =
      List.of(
          new Pair(
              "MATERIALIZED VIEW", SUMS, "SELECT k, MAX(v) AS s, COUNT(*) AS c FROM a GROUP BY k"),
          new Pair(
              "MATERIALIZED VIEW",
              SUMS,
              "SELECT k, SUM(v) AS s, COUNT(*) AS c FROM a WHERE v > 3 GROUP BY k"),
          new Pair(
              "MATERIALIZED VIEW",
              SUMS_WITHOUT_KEY,
              "SELECT MIN(k) AS k, SUM(v) AS s, COUNT(*) AS c FROM b GROUP BY v"),
          new Pair("MATERIALIZED VIEW", SUMS_WITHOUT_KEY, "SELECT x.k, x.s, y.c" + JOINED),
          new Pair(
              "MATERIALIZED VIEW",
              SUMS_WITHOUT_KEY,
              "SELECT x.k, SUM(x.v) AS s, COUNT(y.v) AS c FROM a x JOIN b y ON x.k = y.k AND x.v = y.v GROUP BY x.k, y.v"),
          new Pair(
              "MATERIALIZED VIEW",
              "SELECT k, SUM(v) AS s, COUNT(*) AS c" + TUMBLED,
              "SELECT k, SUM(v) AS s, COUNT(*) AS c" + HOPPED),
          new Pair(
              "MATERIALIZED VIEW",
              SUMS + " UNION ALL SELECT k, SUM(v) AS s, COUNT(*) AS c FROM b GROUP BY k",
              SUMS + " UNION ALL SELECT k, MIN(v) AS s, COUNT(*) AS c FROM b GROUP BY k"),
          new Pair(
              "STREAM",
              "SELECT k, SUM(v) AS s, COUNT(*) AS c" + TUMBLED,
              "SELECT k, SUM(v) AS s, COUNT(*) AS c" + HOPPED),
          new Pair(
              "STREAM",
              "SELECT k, MAX(v) AS s, COUNT(*) AS c" + HOPPED + OPEN,
              "SELECT k, MIN(v) AS s, COUNT(v) AS c" + HOPPED + OPEN),
          new Pair(
              "STREAM",
              "SELECT k, COUNT(*) AS c FROM a GROUP BY k, session(ts, INTERVAL '3' SECOND)",
              "SELECT k, COUNT(*) AS c FROM a GROUP BY k, session(ts, INTERVAL '5' SECOND)"),
          new Pair(
              "STREAM",
              "SELECT k, v, w FROM " + LAGGED,
              "SELECT k, v, LAG(v, 2) OVER (PARTITION BY k ORDER BY ts) AS w FROM a"),
          new Pair(
              "STREAM",
              "SELECT x.k, x.v, y.v AS w FROM a x JOIN b y ON x.k = y.k AND x.v = y.v",
              "SELECT x.k, x.v, y.v AS w FROM a x JOIN b y ON x.k = y.k AND x.v + 1 = y.v"));

  @TempDir Path dir;

  @Test
  void aQueryThatIsRebuiltGivesWhatItWouldHaveGivenFromTheStart() {
    for (int number = 0; number < CASES / 2; number++) {
      compare(SEED + number, REBUILT.get(number % REBUILT.size()), "from retained history");
    }
  }

  @Test
  void aQueryThatKeepsAllStateGivesWhatItWouldHaveGivenFromTheStart() {
    for (int number = 0; number < CASES; number++) {
      compare(SEED + number, PAIRS.get(number % PAIRS.size()), "kept");
    }
  }

  /** A query that is replaced somewhere gives what one gives that was there from the start. */
  private void compare(long seed, Pair pair, String fate) {
    Random random = new Random(seed);
    int replacedAt = random.nextInt(STEPS);
    String what = pair.after() + ", step " + replacedAt + ", seed " + seed;

    Run whole = new Run(seed, pair, null);
    whole.define(pair.after());
    whole.steps(0, replacedAt);
    int before = whole.received.size();
    whole.steps(replacedAt, STEPS);
    whole.end();

    Run changed = new Run(seed, pair, dir.resolve(fate.substring(0, 4) + seed));
    changed.define(pair.before());
    changed.crashes = new Random(seed + 1);
    changed.steps(0, replacedAt);
    int given = changed.received.size();
    assertThat(changed.fates(pair)).as(what).contains(fate).doesNotContain("lost", "new");
    changed.replace(pair);
    changed.steps(replacedAt, STEPS);
    changed.end();

    if (pair.isView() || pair.after().contains("EMIT CHANGES")) {
      assertThat(net(changed.received)).as(what).isEqualTo(net(whole.received));
      assertThat(changed.content).as(what).isEqualTo(whole.content);
    } else {
      assertThat(changed.received.subList(given, changed.received.size()))
          .as(what)
          .isEqualTo(whole.received.subList(before, whole.received.size()));
    }
  }

  @Test
  void aQueryIsReplacedBeforeTheDatabaseStarts() {
    String view =
        "CREATE OR REPLACE MATERIALIZED VIEW q AS SELECT k, SUM(v)%s AS s FROM a GROUP BY k";
    for (boolean durable : new boolean[] {false, true}) {
      LaminarDB.Builder builder = LaminarDB.builder().inline();
      try (LaminarDB db =
          (durable ? builder.storageDir(dir.resolve("unstarted")) : builder).build()) {
        db.execute("CREATE SOURCE a (k VARCHAR, v BIGINT)");
        db.execute(view.formatted(""));
        db.execute("CREATE STREAM large AS SELECT k, s FROM q WHERE s > 5");
        db.execute(view.formatted(" * 2"));
        try (Rows rows = db.query("SELECT * FROM q")) {
          assertThat(rows.drain()).isEmpty();
        }
        var subscription = db.subscribe("large");
        db.start();
        db.source("a").push("x", 4L);
        db.sync();
        assertThat(subscription.drain()).extracting(row -> row.getLong("s")).containsExactly(8L);
      }
    }
  }

  @Test
  void checkpointsAreTakenWhileAQueryIsReplacedAndDropped() throws Exception {
    String stream =
        "CREATE OR REPLACE STREAM t AS SELECT k, SUM(v)%s AS s FROM a GROUP BY k EMIT CHANGES";
    String count = "SELECT SUM(c) FROM (SELECT COUNT(*) AS c FROM kept)";
    for (boolean inline : new boolean[] {true, false}) {
      Path path = dir.resolve("while-" + inline);
      LaminarDB.Builder builder = LaminarDB.builder().storageDir(path);
      try (LaminarDB db = (inline ? builder.inline() : builder).build()) {
        db.execute("CREATE SOURCE a (k BIGINT NOT NULL, v BIGINT NOT NULL)");
        db.execute("CREATE MATERIALIZED VIEW kept AS SELECT k, COUNT(*) AS c FROM a GROUP BY k");
        db.execute(stream.formatted(""));
        db.start();
        var rows = db.source("a").rows();
        for (long k = 0; k < 100_000; k++) {
          rows.begin().setLong(0, k).setLong(1, k).endRow();
        }
        db.sync();
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> checkpoints =
            CompletableFuture.runAsync(
                () -> {
                  while (!done.get()) {
                    db.checkpoint();
                  }
                });
        for (int i = 0; i < 6; i++) {
          db.execute(stream.formatted(" + " + i));
        }
        db.execute("DROP STREAM t");
        done.set(true);
        checkpoints.get();
      }
      try (LaminarDB db = LaminarDB.open(path)) {
        try (Rows answer = db.query(count)) {
          assertThat(answer.drain().get(0).getLong(0)).isEqualTo(100_000);
        }
      }
    }
  }

  @Test
  void aSinkGoesOnInItsFileOrBeginsAnotherOne() throws IOException {
    Path file = dir.resolve("out.csv");
    Path other = dir.resolve("other.csv");
    String sink = "CREATE OR REPLACE SINK out INTO FILES (path = '%s', mode = 'append') AS ";
    String query = "SELECT k, v FROM a WHERE v > %d";
    for (int life = 0; life < 4; life++) {
      LaminarDB db = LaminarDB.builder().inline().storageDir(dir.resolve("db")).build();
      if (life == 0) {
        db.execute("CREATE SOURCE a (k VARCHAR, v BIGINT)");
        db.execute(sink.formatted(file) + query.formatted(1));
      } else if (life < 3) {
        db.execute(sink.formatted(file) + query.formatted(1 + life));
      } else {
        db.execute(sink.formatted(other) + query.formatted(0));
      }
      db.start();
      for (long v = 0; v < 5; v++) {
        db.source("a").push("life" + life, v);
      }
      db.sync();
      if (life == 1) {
        TestAccess.crash(db);
      } else {
        db.close();
      }
    }
    assertThat(Files.readAllLines(file))
        .containsExactly("k,v", "life0,2", "life0,3", "life0,4", "life1,3", "life1,4", "life2,4");
    assertThat(Files.readAllLines(other))
        .containsExactly("k,v", "life3,1", "life3,2", "life3,3", "life3,4");
  }

  private static Map<String, Integer> net(List<String> changes) {
    Map<String, Integer> net = new TreeMap<>();
    for (String change : changes) {
      int row = change.indexOf('{');
      net.merge(change.substring(row), change.startsWith("-") ? -1 : 1, Integer::sum);
    }
    net.values().removeIf(weight -> weight == 0);
    return net;
  }

  /** A database that is pushed to, and what a durable subscription to the query gets. */
  private static final class Run {
    private final long seed;
    private final Pair pair;
    private final Path directory; // null in memory
    private final List<String> received = new ArrayList<>();
    private List<String> content = List.of(); // of the view, and of one that reads it; at the end
    private Random crashes; // or null
    private LaminarDB db;
    private DurableSubscription rows;

    Run(long seed, Pair pair, Path directory) {
      this.seed = seed;
      this.pair = pair;
      this.directory = directory;
      open();
    }

    private void open() {
      LaminarDB.Builder builder =
          LaminarDB.builder().inline().checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
      builder.retainHistory(Duration.ofDays(1));
      db =
          directory == null
              ? LaminarDB.builder().inline().build()
              : builder.storageDir(directory).build();
    }

    void define(String query) {
      for (String source : List.of("a", "b")) {
        db.execute(
            "CREATE SOURCE "
                + source
                + " (k VARCHAR, v BIGINT, ts BIGINT NOT NULL, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)");
      }
      db.execute(pair.create(query));
      if (pair.isView()) {
        db.execute(
            "CREATE MATERIALIZED VIEW above AS SELECT c, COUNT(*) AS n, SUM(s) AS s FROM q GROUP BY c");
      }
      follow();
    }

    private void follow() {
      rows = db.subscribe("q", Subscriber.durable("of_q"));
      db.start();
    }

    void steps(int from, int to) {
      for (int step = from; step < to; step++) {
        Random random = new Random(seed * 31 + step);
        Long value = random.nextInt(15) == 0 ? null : (long) random.nextInt(12);
        db.source(random.nextBoolean() ? "a" : "b")
            .push("k" + random.nextInt(5), value, step * 500L + random.nextInt(3_000));
        mayCrash();
      }
      receive();
    }

    private void mayCrash() {
      if (crashes == null) {
        return;
      }
      if (crashes.nextInt(25) == 0) {
        db.checkpoint();
      }
      if (crashes.nextInt(40) == 0) {
        db.sync();
        TestAccess.crash(db);
        open();
        follow();
      }
    }

    String fates(Pair pair) {
      return db.query("EXPLAIN REPLACE " + pair.create(pair.after())).drain().toString();
    }

    void replace(Pair pair) {
      db.execute(pair.create(pair.after()));
      mayCrash();
      receive();
    }

    private void receive() {
      db.sync();
      for (Row row = rows.poll(); row != null; row = rows.poll()) {
        received.add(row.weight() + " " + row);
        assertThat(rows.sequence()).isEqualTo(received.size());
      }
      rows.ack();
    }

    void end() {
      db.source("a").end();
      db.source("b").end();
      receive();
      if (pair.isView()) {
        content = new ArrayList<>(rows("SELECT * FROM q"));
        content.addAll(rows("SELECT * FROM above"));
      }
      db.close();
    }

    private List<String> rows(String sql) {
      try (Rows found = db.query(sql)) {
        return found.drain().stream().map(Row::toString).sorted().toList();
      }
    }
  }
}
