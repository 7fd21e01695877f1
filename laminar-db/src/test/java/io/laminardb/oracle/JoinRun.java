package io.laminardb.oracle;

import io.laminardb.oracle.JoinCase.Change;
import io.laminardb.script.Content;
import io.laminardb.script.Content.Weighted;
import io.laminardb.script.Mode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Runs a case here and there and compares: what a subscription adds up to, what a view holds, and what
 * the same SELECT answers over views of the sources.
 */
final class JoinRun {
  private final DuckDb duckDb;

  JoinRun(DuckDb duckDb) {
    this.duckDb = duckDb;
  }

  /** What differs, or null. */
  String difference(JoinCase test) throws SQLException {
    try {
      return differenceFrom(expected(test), test);
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  private List<Weighted> expected(JoinCase test) throws SQLException {
    for (int i = 0; i < JoinCase.SOURCES.length; i++) {
      String name = JoinCase.SOURCES[i];
      duckDb.table(name, "CREATE TABLE " + name + " (" + JoinCase.COLUMNS + ")", test.content(i));
      duckDb.view("all_" + name, "SELECT * FROM " + name);
    }
    for (JoinCase.View view : test.views()) {
      duckDb.view(view.name(), view.query());
    }
    return duckDb.query(test.query());
  }

  private static Mode mode(JoinCase test) {
    return Play.mode(new Random(test.seed() * 7919));
  }

  private String differenceFrom(List<Weighted> expected, JoinCase test) {
    try (Play play = new Play(mode(test), test.seed())) {
      String snapshot = test.query();
      for (int i = 0; i < JoinCase.SOURCES.length; i++) {
        String name = JoinCase.SOURCES[i];
        play.execute(test.source(i));
        play.execute(JoinCase.all(name));
        snapshot =
            snapshot
                .replaceAll("(FROM|JOIN) " + name + "\\b", "$1 all_" + name)
                .replaceAll(", " + name + " r\\b", ", all_" + name + " r");
      }
      Feeding feeding = new Feeding(play, test.changes());
      feeding.to(test.before());
      if (test.before() > 0) {
        play.sync();
      }
      test.views().forEach(view -> play.execute(JoinCase.create(view)));
      play.execute(JoinCase.create(new JoinCase.View("q", test.query())));
      play.follow("q");
      feeding.to(test.changes().size());
      String difference = Content.difference(expected, play.net());
      if (difference != null) {
        return "the changes do not add up:\n" + difference;
      }
      difference = Content.difference(expected, play.query("SELECT * FROM q"));
      if (difference != null) {
        return "the view's content:\n" + difference;
      }
      difference = Content.difference(expected, play.query(snapshot));
      return difference == null ? null : "the snapshot " + snapshot + ":\n" + difference;
    }
  }

  /** Feeds changes of one source after another together, up to a random number. */
  private static final class Feeding {
    private final Play play;
    private final List<Change> changes;
    private int from;

    Feeding(Play play, List<Change> changes) {
      this.play = play;
      this.changes = changes;
    }

    void to(int end) {
      while (from < end) {
        int source = changes.get(from).source();
        int limit = Math.min(end, from + 1 + play.random().nextInt(10));
        List<Object[]> rows = new ArrayList<>();
        byte[] weights = new byte[limit - from];
        for (; from < limit && changes.get(from).source() == source; from++) {
          weights[rows.size()] = changes.get(from).weight();
          rows.add(changes.get(from).row());
        }
        play.feed(JoinCase.SOURCES[source], rows, weights);
      }
    }
  }

  /** The case with as few rows as still show the difference (ddmin), as a script. */
  String shrink(JoinCase test) throws SQLException {
    JoinCase least = test;
    List<Integer> ids = test.changes().stream().map(Change::id).distinct().toList();
    for (int chunk = Math.max(1, ids.size() / 2); chunk >= 1; chunk /= 2) {
      for (int from = 0; from < ids.size(); from += chunk) {
        Set<Integer> gone = new HashSet<>(ids.subList(from, Math.min(ids.size(), from + chunk)));
        JoinCase fewer = least.without(gone);
        if (fewer.changes().size() < least.changes().size() && difference(fewer) != null) {
          least = fewer;
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
    return text + "\n# " + mode(test) + "\n" + difference(least);
  }
}
