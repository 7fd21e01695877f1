package io.laminardb.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random queries with OVER, QUALIFY and ranks over the table of {@link OracleCase}. What depends on
 * the order of peers is ordered by all columns, so that peers are alike.
 */
final class OverQueries {
  private static final String ALL = "ts, k, g, i, n, d, s, b, m, y, z";

  /** Stands for the order of arrival, which DuckDB has to be told. */
  private static final String ARRIVAL = "<arrival>";

  private final Random random;
  private final boolean timeIsBigint;
  private final boolean inTimeOrder;

  /** A query for us and one for DuckDB. */
  record Query(String ours, String duckDb) {}

  /**
   * @param inTimeOrder whether to order by time first, ascending, and ask for what can be said once
   */
  OverQueries(Random random, boolean timeIsBigint, boolean inTimeOrder) {
    this.random = random;
    this.timeIsBigint = timeIsBigint;
    this.inTimeOrder = inTimeOrder;
  }

  Query draw(String where) {
    String rows = inTimeOrder ? and(where, "ts IS NOT NULL") : where;
    if (random.nextInt(3) == 0) {
      return random.nextBoolean() || !inTimeOrder ? firstToCome(rows) : backward(rows);
    }
    return !inTimeOrder && random.nextInt(3) == 0 ? ranked(rows) : functions(rows);
  }

  private static String and(String where, String more) {
    return where.isEmpty() ? " WHERE " + more : where + " AND " + more;
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private String partition() {
    return pick(
        "",
        "PARTITION BY k ",
        "PARTITION BY g ",
        "PARTITION BY k, b ",
        "PARTITION BY i % 3 ",
        "PARTITION BY y ");
  }

  /** Top-N, with the rank among the columns or not. */
  private Query ranked(String where) {
    String function = pick("ROW_NUMBER()", "ROW_NUMBER()", "RANK()", "DENSE_RANK()");
    String order = function.startsWith("ROW") ? key() + ", " + ALL : key();
    String over = function + " OVER (" + partition() + "ORDER BY " + order + ")";
    int first = 1 + random.nextInt(3);
    String bound =
        pick("<= " + (first + 1), "= " + first, "< " + (first + 2), "BETWEEN " + first + " AND 4");
    String columns = pick("k, g, i", "s, d, ts", "k, rk");
    String query =
        columns.endsWith("rk") || random.nextBoolean()
            ? "SELECT "
                + columns
                + " FROM (SELECT *, "
                + over
                + " AS rk FROM t"
                + where
                + ") AS r WHERE rk "
                + bound
            : "SELECT " + columns + " FROM t" + where + " QUALIFY " + over + " " + bound;
    return new Query(query, query);
  }

  /** The first rows in an order that says nothing of peers: they stand as they came. */
  private Query firstToCome(String where) {
    String order = inTimeOrder ? "ts" : pick("i", "g DESC", "ts DESC", "s", "b, g", "d", "ts");
    String partition = pick("", "PARTITION BY k ", "PARTITION BY g, b ", "PARTITION BY s ");
    String bound = pick("= 1", "= 1", "<= 2", "<= 5", inTimeOrder ? "< 2" : "BETWEEN 2 AND 3");
    String columns = pick("k, g, i", "s, d, ts", "k, rk", "n, b, i, s");
    return inOrderOfArrival(
        "SELECT "
            + columns
            + " FROM (SELECT *, ROW_NUMBER() OVER ("
            + partition
            + "ORDER BY "
            + order
            + ARRIVAL
            + ") AS rk FROM t"
            + where
            + ") AS r WHERE rk "
            + bound);
  }

  /** Functions that look back a few rows. */
  private Query backward(String where) {
    List<String> items = new ArrayList<>();
    String partition = partition();
    for (int count = 1 + random.nextInt(4); count > 0; count--) {
      String value = pick("i", "d", "s", "k", "b", "n", "ts");
      String call =
          switch (random.nextInt(5)) {
            case 0 -> "ROW_NUMBER()";
            case 1 -> "FIRST_VALUE(" + value + ")";
            case 2 -> "LAG(" + value + ")";
            case 3 -> "LAG(s, " + (1 + random.nextInt(3)) + ", 'a text of more than twelve')";
            default -> "LAG(" + value + ", " + random.nextInt(18) + ")";
          };
      items.add(call + " OVER (" + partition + "ORDER BY ts" + ARRIVAL + ") AS c" + count);
    }
    return inOrderOfArrival("SELECT k, i, d, " + String.join(", ", items) + " FROM t" + where);
  }

  private static Query inOrderOfArrival(String query) {
    return new Query(query.replace(ARRIVAL, ""), query.replace(ARRIVAL, ", rowid"));
  }

  private String key() {
    return pick("i", "d", "s", "ts", "k", "n")
        + pick("", "", " DESC", " NULLS FIRST", " DESC NULLS FIRST");
  }

  private Query functions(String where) {
    List<String> ours = new ArrayList<>();
    List<String> duckDb = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    String partition = partition();
    for (int c = 0; c < count; c++) {
      if (random.nextInt(3) == 0) {
        partition = partition();
      }
      Query item = item(partition);
      ours.add(item.ours + " AS c" + c);
      duckDb.add(item.duckDb + " AS c" + c);
    }
    String columns = "SELECT k, i, d, ";
    String from = " FROM t" + where;
    return new Query(
        columns + String.join(", ", ours) + from, columns + String.join(", ", duckDb) + from);
  }

  private Query item(String partition) {
    return switch (random.nextInt(6)) {
      case 0 -> neighbour(partition);
      case 1 -> rank(partition);
      case 2 -> measured(partition);
      default -> framed(partition);
    };
  }

  private Query same(String text) {
    return new Query(text, text);
  }

  private String total(String partition) {
    return partition
        + "ORDER BY "
        + (inTimeOrder ? "" : pick("i, ", "d DESC, ", "s NULLS FIRST, ", ""))
        + ALL;
  }

  private Query neighbour(String partition) {
    String value = pick("i", "d", "s", "k", "b", "n", "m", "y", "z");
    String arguments =
        switch (random.nextInt(3)) {
          case 0 -> value;
          case 1 -> value + ", " + random.nextInt(4);
          default -> "i, 2, -1";
        };
    String over = " OVER (" + total(partition) + ")";
    return same(pick("LAG", "LEAD") + "(" + arguments + ")" + over);
  }

  private Query rank(String partition) {
    String peers =
        partition
            + "ORDER BY "
            + (inTimeOrder ? "ts" : pick("g", "i DESC", "s", "b, g", "m", "y DESC", "z"));
    return switch (random.nextInt(inTimeOrder ? 3 : 6)) {
      case 0 -> same("ROW_NUMBER() OVER (" + total(partition) + ")");
      case 1 -> same("RANK() OVER (" + peers + ")");
      case 2 -> same("DENSE_RANK() OVER (" + peers + ")");
      case 3 -> same("PERCENT_RANK() OVER (" + peers + ")");
      case 4 -> same("CUME_DIST() OVER (" + peers + ")");
      default -> same("NTILE(" + (1 + random.nextInt(5)) + ") OVER (" + total(partition) + ")");
    };
  }

  /** A function over a frame of rows, groups, or the default one. */
  private Query framed(String partition) {
    String frame =
        switch (random.nextInt(4)) {
          case 0 ->
              " ORDER BY "
                  + (inTimeOrder ? "ts" : pick("g", "i", "s DESC", "d", "m DESC", "y", "z"));
          case 1 ->
              " ORDER BY "
                  + (inTimeOrder ? "ts" : pick("g", "b", "k"))
                  + " GROUPS "
                  + bounds()
                  + exclusion();
          default -> "";
        };
    if (frame.isEmpty()) {
      return same(
          function(true) + " OVER (" + total(partition) + " ROWS " + bounds() + exclusion() + ")");
    }
    return same(function(false) + " OVER (" + partition + frame + ")");
  }

  private String exclusion() {
    return random.nextInt(3) > 0
        ? ""
        : " EXCLUDE " + pick("CURRENT ROW", "GROUP", "TIES", "NO OTHERS");
  }

  private String bounds() {
    int a = random.nextInt(4);
    int b = random.nextInt(4);
    return switch (random.nextInt(inTimeOrder ? 5 : 7)) {
      case 0 -> "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW";
      case 1 -> "BETWEEN " + a + " PRECEDING AND CURRENT ROW";
      case 2 -> "BETWEEN " + a + " PRECEDING AND " + b + " FOLLOWING";
      case 3 -> "BETWEEN " + (a + b) + " PRECEDING AND " + b + " PRECEDING";
      case 4 -> "BETWEEN " + b + " FOLLOWING AND " + (a + b) + " FOLLOWING";
      case 5 -> "BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING";
      default -> "BETWEEN " + a + " FOLLOWING AND UNBOUNDED FOLLOWING";
    };
  }

  /** @param ordered whether peers are alike, so that it matters which row comes first */
  private String function(boolean ordered) {
    if (ordered && random.nextInt(3) == 0) {
      String value = pick("i", "d", "s", "k", "n", "m", "y", "z");
      return pick(
          "FIRST_VALUE(" + value + ")", "LAST_VALUE(" + value + ")", "NTH_VALUE(" + value + ", 2)");
    }
    return switch (random.nextInt(8)) {
      case 0 -> "COUNT(*)";
      case 1 -> "COUNT(" + pick("i", "s", "k", "d") + ")";
      case 2 -> "SUM(" + pick("i", "g", "i * 2", "m", "m * 2") + ")";
      case 3 -> "SUM(d)";
      case 4 -> "AVG(" + pick("i", "d", "g") + ")";
      case 5 -> "MIN(" + pick("i", "n", "d", "s", "k", "m", "y") + ")";
      case 6 -> "MAX(" + pick("i", "n", "d", "s", "k", "m", "z") + ")";
      default ->
          random.nextBoolean()
              ? "SUM(i) FILTER (WHERE g > 1)"
              : pick("STDDEV_POP", "VAR_SAMP") + "(i)";
    };
  }

  /** A frame that measures values. */
  private Query measured(String partition) {
    String function = function(false);
    if (!inTimeOrder && random.nextBoolean()) {
      int a = random.nextInt(40);
      int b = random.nextInt(40);
      String key = pick("i", "i DESC", "d", "g", "m", "m DESC");
      String bounds =
          pick(
              "BETWEEN " + a + " PRECEDING AND " + b + " FOLLOWING",
              "BETWEEN " + (a + b) + " PRECEDING AND " + b + " PRECEDING",
              "BETWEEN CURRENT ROW AND " + b + " FOLLOWING",
              "BETWEEN UNBOUNDED PRECEDING AND " + b + " FOLLOWING");
      return same(
          function
              + " OVER ("
              + partition
              + "ORDER BY "
              + key
              + " RANGE "
              + bounds
              + exclusion()
              + ")");
    }
    if (!inTimeOrder && random.nextInt(3) == 0) {
      String key = pick("y", "y DESC", "z");
      String unit = key.equals("z") ? "SECOND" : "DAY";
      String days =
          bounds(
              "INTERVAL '" + random.nextInt(4) + "' " + unit,
              "INTERVAL '" + random.nextInt(3) + "' " + unit);
      return same(function + " OVER (" + partition + "ORDER BY " + key + " RANGE " + days + ")");
    }
    long a = random.nextInt(10_000);
    long b = random.nextInt(5_000);
    String ours = bounds(seconds(a), seconds(b));
    String theirs = timeIsBigint ? bounds("" + a, "" + b) : bounds(millis(a), millis(b));
    String over = function + " OVER (" + partition + "ORDER BY ts RANGE ";
    return new Query(over + ours + ")", over + theirs + ")");
  }

  private static String bounds(String before, String after) {
    return "BETWEEN " + before + " PRECEDING AND " + after + " FOLLOWING";
  }

  private static String seconds(long ms) {
    return "INTERVAL '" + ms / 1000 + "." + String.format("%03d", ms % 1000) + "' SECOND";
  }

  private static String millis(long ms) {
    return "INTERVAL '" + ms + "' MILLISECOND";
  }
}
