package io.laminardb.oracle;

import io.laminardb.oracle.StreamCase.Change;
import io.laminardb.script.Content;
import io.laminardb.script.Content.Weighted;
import io.laminardb.script.Mode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Plays cases and compares with who knows better. */
final class StreamRun {
  private final DuckDb duckDb;

  StreamRun(DuckDb duckDb) {
    this.duckDb = duckDb;
  }

  /** What differs, or null. */
  String difference(StreamCase test) throws SQLException {
    List<Weighted> expected = test.reference().answer(duckDb, test.changes());
    try {
      return Content.difference(expected, ours(test));
    } catch (RuntimeException | AssertionError e) {
      return e.toString();
    }
  }

  private static Mode mode(StreamCase test) {
    return Play.mode(new Random(test.seed() * 7919));
  }

  private static List<Weighted> ours(StreamCase test) {
    try (Play play = new Play(mode(test), test.seed())) {
      test.statements().forEach(play::execute);
      play.follow("q");
      List<Change> changes = test.changes();
      for (int from = 0; from < changes.size(); ) {
        from = feed(play, changes, from);
      }
      if (test.question() != null) {
        play.sync();
        return play.query(test.question());
      }
      List<String> open = new ArrayList<>(test.sources());
      while (!open.isEmpty()) {
        play.end(open.remove(play.random().nextInt(open.size())));
      }
      List<Weighted> net = play.net();
      if (test.statements().get(test.statements().size() - 1).contains("VIEW q ")) {
        String difference = Content.difference(net, play.query("SELECT * FROM q"));
        if (difference != null) {
          throw new IllegalStateException("the view differs from its changes: " + difference);
        }
      }
      return net;
    }
  }

  /** Some changes of one source together; answers how many have been made. */
  private static int feed(Play play, List<Change> changes, int from) {
    String source = changes.get(from).source();
    int to = from;
    int limit = Math.min(changes.size(), from + 1 + play.random().nextInt(20));
    List<Object[]> rows = new ArrayList<>();
    byte[] weights = new byte[limit - from];
    while (to < limit && changes.get(to).source().equals(source)) {
      weights[rows.size()] = changes.get(to).weight();
      rows.add(changes.get(to++).row());
    }
    play.feed(source, rows, weights);
    return to;
  }

  /** The case with as few rows as still show the difference (ddmin), as a script. */
  String shrink(StreamCase test) throws SQLException {
    StreamCase least = test;
    for (int chunk = Math.max(1, test.changes().size() / 2); chunk >= 1; chunk /= 2) {
      for (int from = 0; from < least.changes().size(); ) {
        List<Change> all = least.changes();
        StreamCase fewer = least.without(all.subList(from, Math.min(all.size(), from + chunk)));
        if (difference(fewer) != null) {
          least = fewer;
        } else {
          from += chunk;
        }
      }
    }
    StringBuilder text = new StringBuilder(least.script());
    String separator = "";
    for (Weighted row : least.reference().answer(duckDb, least.changes())) {
      text.append(separator);
      for (Object value : row.values()) {
        text.append(OracleCase.token(value)).append(' ');
      }
      separator = "| ";
    }
    return text + "\n# " + mode(test) + "\n" + difference(least);
  }
}
