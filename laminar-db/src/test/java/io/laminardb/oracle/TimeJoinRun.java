package io.laminardb.oracle;

import io.laminardb.script.Content;
import io.laminardb.script.Content.Weighted;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Runs a case here, with state forgotten as time goes on and with all of it kept to the end, and there,
 * and compares.
 */
final class TimeJoinRun {
  private static final String[] SOURCES = {"l", "r"};

  private final DuckDb duckDb;

  TimeJoinRun(DuckDb duckDb) {
    this.duckDb = duckDb;
  }

  /** What differs, or null. */
  String difference(TimeJoinCase test) throws SQLException {
    List<Weighted> expected = expected(test);
    try {
      String difference = Content.difference(expected, ours(test, true));
      if (difference != null) {
        return difference;
      }
      difference = Content.difference(expected, ours(test, false));
      return difference == null ? null : "with all state kept to the end:\n" + difference;
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private List<Weighted> expected(TimeJoinCase test) throws SQLException {
    duckDb.table("l", test.table("l"), test.left());
    duckDb.table("r", test.table("r"), test.right());
    return duckDb.query(test.oracle());
  }

  private static List<Weighted> ours(TimeJoinCase test, boolean collected) {
    try (Play play = new Play(Play.mode(new Random(test.seed())), test.seed())) {
      play.execute(test.source("l", collected));
      play.execute(test.source("r", collected));
      play.execute("CREATE " + test.query());
      play.follow("q");
      List<List<Object[]>> rows = List.of(test.left(), test.right());
      Random random = play.random();
      int[] next = new int[2];
      while (next[0] < test.left().size() || next[1] < test.right().size()) {
        int side = random.nextInt(2);
        int to = Math.min(rows.get(side).size(), next[side] + 1 + random.nextInt(30));
        if (to > next[side]) {
          play.push(SOURCES[side], rows.get(side).subList(next[side], to));
          next[side] = to;
        }
      }
      int firstEnd = random.nextInt(2);
      play.end(SOURCES[firstEnd]);
      play.end(SOURCES[1 - firstEnd]);
      return play.net();
    }
  }

  /** The case with as few rows as still show the difference, as a script. */
  String shrink(TimeJoinCase test) throws SQLException {
    TimeJoinCase least = test;
    for (int chunk = Math.max(1, test.left().size() + test.right().size());
        chunk >= 1;
        chunk /= 2) {
      for (int side = 0; side < 2; side++) {
        for (int from = 0; from < (side == 0 ? least.left() : least.right()).size(); ) {
          List<Object[]> left = new ArrayList<>(least.left());
          List<Object[]> right = new ArrayList<>(least.right());
          List<Object[]> rows = side == 0 ? left : right;
          rows.subList(from, Math.min(rows.size(), from + chunk)).clear();
          TimeJoinCase fewer = least.with(left, right);
          if (difference(fewer) != null) {
            least = fewer;
          } else {
            from += chunk;
          }
        }
      }
    }
    StringBuilder text = new StringBuilder(least.script());
    String separator = "";
    for (Weighted row : expected(least)) {
      text.append(separator);
      for (Object value : row.values()) {
        text.append(OracleCase.token(value)).append(' ');
      }
      separator = "| ";
    }
    return text + "\n" + difference(least);
  }
}
