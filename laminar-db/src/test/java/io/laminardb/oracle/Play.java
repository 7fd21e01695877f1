package io.laminardb.oracle;

import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Rows;
import io.laminardb.TestAccess;
import io.laminardb.script.Content;
import io.laminardb.script.Content.Weighted;
import io.laminardb.script.Feeder;
import io.laminardb.script.Followed;
import io.laminardb.script.Lives;
import io.laminardb.script.Mode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * A database that a case is played on, and the one stream of it that is followed. Rows come in as the
 * mode says; between them state is written out and rebuilt, or the database, in a directory then, ends
 * as if its process did and is opened again. One thread.
 *
 * <p>{@code -Dlaminar.oracle.crashing=n} lets about one case of n be one with crashes.
 */
final class Play implements AutoCloseable {
  /** One database in so many has its state spilled, and every second one of those that end. */
  private static final int SPILLING = 20;

  private static final int CRASHING = Integer.getInteger("laminar.oracle.crashing", 10);
  private static final int ROWS_BETWEEN_CRASHES = 12;

  private final Mode mode;
  private final Random random;
  private final BufferAllocator allocator = new RootAllocator();
  private final Lives lives;
  private final Feeder feeder;
  private Followed followed;

  Play(Mode mode, long seed) {
    this.mode = mode;
    this.random = new Random(seed);
    this.lives = new Lives(mode, seed, settings -> {});
    this.feeder = new Feeder(mode, random, allocator, this::rebuild);
  }

  /** A mode, drawn from all there are. */
  static Mode mode(Random random) {
    Mode.Feed feed = Mode.Feed.values()[random.nextInt(Mode.Feed.values().length)];
    boolean threaded = random.nextInt(3) == 0;
    boolean tiny = random.nextInt(6) == 0;
    boolean crash = random.nextInt(CRASHING) == 0;
    boolean rebuild = !crash && random.nextInt(4) == 0;
    boolean spill = random.nextInt(crash ? 2 : SPILLING) == 0;
    return new Mode(feed, threaded, tiny, rebuild, crash, spill);
  }

  /** Chance that goes with the seed. */
  Random random() {
    return random;
  }

  void execute(String sql) {
    lives.db().execute(sql);
  }

  /** From here on. */
  void follow(String stream) {
    followed =
        mode.crash()
            ? Followed.durable(lives.db(), stream, "reader")
            : Followed.plain(lives.db(), stream);
  }

  void push(String source, List<Object[]> rows) {
    byte[] weights = new byte[rows.size()];
    Arrays.fill(weights, (byte) 1);
    feed(source, rows, weights);
  }

  /** Pushes rows with weights +1 or retracts those with -1. */
  void feed(String source, List<Object[]> rows, byte[] weights) {
    int step = mode.crash() ? ROWS_BETWEEN_CRASHES : Math.max(1, rows.size());
    for (int from = 0; from < rows.size(); from += step) {
      int to = Math.min(rows.size(), from + step);
      feeder.feed(
          lives.db().source(source), rows.subList(from, to), Arrays.copyOfRange(weights, from, to));
      crash();
    }
  }

  void end(String source) {
    lives.db().source(source).end();
    crash();
  }

  void sync() {
    lives.db().sync();
  }

  /** What came since {@link #follow}, summed up. */
  List<Weighted> net() {
    sync();
    followed.take();
    return Content.net(followed.all);
  }

  /** What a SELECT answers once. */
  List<Weighted> query(String sql) {
    List<Weighted> rows = new ArrayList<>();
    try (Rows content = lives.db().query(sql)) {
      for (Row row : content.drain()) {
        rows.add(new Weighted(Content.values(row), row.weight()));
      }
    }
    return rows;
  }

  private void rebuild() {
    if (mode.rebuild() && random.nextInt(4) == 0) {
      LaminarDB db = lives.db();
      db.sync();
      TestAccess.rebuildState(db);
    }
  }

  private void crash() {
    if (!lives.isDue()) {
      return;
    }
    sync();
    if (followed != null) {
      followed.beforeCrash(lives.random());
    }
    lives.crash();
    if (followed != null) {
      followed.afterCrash(lives.db());
    }
  }

  @Override
  public void close() {
    try {
      lives.close();
    } finally {
      allocator.close();
    }
  }
}
