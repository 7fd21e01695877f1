package io.laminardb.oracle;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Two random tables with disorder, ties and NULLs, and an interval or ASOF join of them. No row is late.
 *
 * @param seed repeats the case
 * @param timestamps whether times are TIMESTAMP, not BIGINT
 * @param query ours
 * @param oracle the same for DuckDB
 * @param left rows of {@code l} in arrival order
 * @param right rows of {@code r} in arrival order
 */
record TimeJoinCase(
    long seed,
    boolean timestamps,
    String query,
    String oracle,
    List<Object[]> left,
    List<Object[]> right) {
  private static final int DISORDER_MS = 400;
  private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

  /** CREATE TABLE for DuckDB. */
  String table(String name) {
    String type = timestamps ? "TIMESTAMP" : "BIGINT";
    return "CREATE TABLE " + name + " (id INT, k VARCHAR, ts " + type + ", v INT)";
  }

  /**
   * CREATE SOURCE for us.
   *
   * @param collected whether the watermark moves, so that state is forgotten, before the end
   */
  String source(String name, boolean collected) {
    return table(name).replace("TABLE", "SOURCE")
        + " WITH (watermark = 'ts', allowed_lateness = "
        + (collected ? interval(DISORDER_MS) : "INTERVAL '1000' DAY(4)")
        + ")";
  }

  TimeJoinCase with(List<Object[]> newLeft, List<Object[]> newRight) {
    return new TimeJoinCase(seed, timestamps, query, oracle, newLeft, newRight);
  }

  /** The case as a script of the script runner, without what is expected. */
  String script() {
    StringBuilder text = new StringBuilder("# Seed " + seed + ". DuckDB: " + oracle + "\n");
    text.append("run     ").append(source("l", true)).append('\n');
    text.append("run     ").append(source("r", true)).append('\n');
    text.append("run     CREATE ").append(query).append('\n');
    for (int side = 0; side < 2; side++) {
      for (Object[] row : side == 0 ? left : right) {
        text.append("push    ").append(side == 0 ? "l" : "r").append("  ");
        for (Object value : row) {
          text.append(' ').append(OracleCase.token(value));
        }
        text.append('\n');
      }
    }
    return text.append("end     l\nend     r\nnet     q  ").toString();
  }

  /** A case. */
  static TimeJoinCase generate(long seed) {
    Random random = new Random(seed);
    boolean timestamps = random.nextBoolean();
    String[] query =
        switch (random.nextInt(5)) {
          case 0, 1 -> intervalJoin(random, timestamps);
          case 2 -> exists(random, timestamps);
          default -> asofJoin(random, timestamps);
        };
    String create = random.nextBoolean() ? "STREAM q AS " : "MATERIALIZED VIEW q AS ";
    String emit = random.nextInt(4) == 0 ? " EMIT CHANGES" : "";
    return new TimeJoinCase(
        seed,
        timestamps,
        create + query[0] + emit,
        query[1],
        rows(random, timestamps),
        rows(random, timestamps));
  }

  private static List<Object[]> rows(Random random, boolean timestamps) {
    List<Object[]> rows = new ArrayList<>();
    int count = random.nextInt(150);
    int step = 1 + random.nextInt(40);
    for (int i = 0; i < count; i++) {
      long millis = Math.max(0, (long) i * step - random.nextInt(DISORDER_MS - step)) + 1_000_000;
      Object time = timestamps ? EPOCH.plusNanos(millis * 1_000_000) : (Object) millis;
      rows.add(
          new Object[] {
            i,
            random.nextInt(8) == 0 ? null : "key number " + random.nextInt(4),
            random.nextInt(20) == 0 ? null : time,
            random.nextInt(6) == 0 ? null : random.nextInt(10)
          });
    }
    return rows;
  }

  private static String key(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> "TRUE";
      case 1 -> "l.k IS NOT DISTINCT FROM r.k";
      default -> "l.k = r.k";
    };
  }

  /** {@code r.ts BETWEEN l.ts + lower AND l.ts + upper}: how we and how DuckDB write it. */
  private static String[] between(Random random, boolean timestamps) {
    int lower = random.nextInt(600) - 400;
    int upper = lower + random.nextInt(500) - 40;
    String oracle =
        "r.ts >= "
            + moved("l.ts", lower, timestamps)
            + " AND r.ts <= "
            + moved("l.ts", upper, timestamps);
    String ours =
        switch (random.nextInt(4)) {
          case 0 ->
              "r.ts BETWEEN " + moved("l.ts", lower, true) + " AND " + moved("l.ts", upper, true);
          case 1 ->
              moved("r.ts", -lower, true) + " >= l.ts AND l.ts >= " + moved("r.ts", -upper, true);
          case 2 ->
              "r.ts > "
                  + moved("l.ts", lower - 1, timestamps)
                  + " AND "
                  + moved("r.ts", -upper - 1, timestamps)
                  + " < l.ts";
          default ->
              "r.ts - l.ts >= " + interval(lower) + " AND l.ts - r.ts >= " + interval(-upper);
        };
    // Nothing is finer than a millisecond here.
    return new String[] {ours, oracle};
  }

  private static String moved(String time, int millis, boolean interval) {
    return interval
        ? time + " + " + interval(millis)
        : time + (millis < 0 ? " - " + -millis : " + " + millis);
  }

  private static String interval(int millis) {
    String seconds =
        String.format(
            java.util.Locale.ROOT, "%d.%03d", Math.abs(millis) / 1000, Math.abs(millis) % 1000);
    return "INTERVAL '" + (millis < 0 ? "-" : "") + seconds + "' SECOND";
  }

  private static String[] intervalJoin(Random random, boolean timestamps) {
    String type = List.of("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN").get(random.nextInt(4));
    String key = key(random);
    String[] between = between(random, timestamps);
    String more =
        switch (random.nextInt(4)) {
          case 0 -> " AND l.v <> r.v";
          case 1 -> " AND l.v < 7";
          default -> "";
        };
    String[] both = new String[2];
    for (int i = 0; i < 2; i++) {
      both[i] =
          "SELECT l.id AS a, l.k AS ak, l.ts AS ats, r.id AS b, r.v AS bv FROM l "
              + type
              + " r ON "
              + key
              + " AND "
              + between[i]
              + more;
    }
    return both;
  }

  private static String[] exists(Random random, boolean timestamps) {
    String[] between = between(random, timestamps);
    String not = random.nextBoolean() ? "" : "NOT ";
    String[] both = new String[2];
    for (int i = 0; i < 2; i++) {
      both[i] =
          "SELECT id, v FROM l WHERE "
              + not
              + "EXISTS (SELECT 1 FROM r WHERE r.k = l.k AND "
              + between[i]
              + ")";
    }
    return both;
  }

  /** What is asked of the right row is its time, as which one of a time is the nearest is free. */
  private static String[] asofJoin(Random random, boolean timestamps) {
    String operator = List.of(">=", ">", "<=", "<").get(random.nextInt(4));
    boolean back = operator.startsWith(">");
    String key = random.nextInt(3) == 0 ? "TRUE" : "l.k = r.k";
    int within = random.nextBoolean() ? -1 : random.nextInt(300);
    String distance = back ? "l.ts - r.ts" : "r.ts - l.ts";
    String tolerance = within < 0 ? "" : " AND " + distance + " <= " + interval(within);
    String ours =
        "SELECT l.id AS a, l.ts AS ats, r.ts AS bts FROM l ASOF JOIN r MATCH_CONDITION(l.ts "
            + operator
            + " r.ts"
            + tolerance
            + ") ON "
            + key;
    String near =
        timestamps
            ? "epoch_ms(" + (back ? "l" : "r") + ".ts) - epoch_ms(" + (back ? "r" : "l") + ".ts)"
            : distance;
    String value = within < 0 ? "r.ts" : "CASE WHEN " + near + " <= " + within + " THEN r.ts END";
    String oracle =
        "SELECT l.id AS a, l.ts AS ats, "
            + value
            + " AS bts FROM l ASOF LEFT JOIN r ON "
            + key.replace("TRUE", "1 = 1")
            + " AND l.ts "
            + operator
            + " r.ts";
    return new String[] {ours, oracle.replace("1 = 1 AND ", "")};
  }
}
