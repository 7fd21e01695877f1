package io.laminardb.oracle;

import io.laminardb.script.Content.Weighted;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Random statements, the last of which creates {@code q}, the changes of their sources in the order
 * they are made, and somebody who knows what {@code q} adds up to when all sources have ended, or what
 * a SELECT answers before.
 *
 * @param seed repeats the case
 * @param statements for us
 * @param question the SELECT that is asked when all changes are made, or null for what {@code q} adds
 *     up to
 * @param changes of the sources
 * @param reference who knows
 */
record StreamCase(
    long seed,
    List<String> statements,
    String question,
    List<Change> changes,
    Reference reference) {

  StreamCase(long seed, List<String> statements, List<Change> changes, Reference reference) {
    this(seed, statements, null, changes, reference);
  }

  /**
   * A row that comes or goes.
   *
   * @param id the same for a row that comes and later goes
   */
  record Change(String source, int id, Object[] row, byte weight) {}

  /** Works out the answer, from the changes that a shrunken case has left. */
  @FunctionalInterface
  interface Reference {
    List<Weighted> answer(DuckDb duckDb, List<Change> changes) throws SQLException;
  }

  /** A generator's stream of random numbers. */
  static Random random(long seed) {
    return new Random(seed * 0x9E3779B97F4A7C15L);
  }

  /** Rows that are added to a source, in order. */
  static List<Change> added(String source, List<Object[]> rows) {
    List<Change> changes = new ArrayList<>();
    for (Object[] row : rows) {
      changes.add(new Change(source, changes.size(), row, (byte) 1));
    }
    return changes;
  }

  /** The same with about one row of three taken back some time later. */
  static List<Change> addedAndTakenBack(String source, List<Object[]> rows, Random random) {
    List<Change> changes = new ArrayList<>();
    List<Change> present = new ArrayList<>();
    for (Change change : added(source, rows)) {
      changes.add(change);
      present.add(change);
      if (random.nextInt(3) == 0) {
        Change gone = present.remove(random.nextInt(present.size()));
        changes.add(new Change(source, gone.id(), gone.row(), (byte) -1));
      }
    }
    return changes;
  }

  /** What is in a source when all changes are made. */
  static List<Object[]> content(String source, List<Change> changes) {
    List<Change> present = new ArrayList<>();
    for (Change change : changes) {
      if (change.source().equals(source)) {
        if (change.weight() > 0) {
          present.add(change);
        } else {
          present.removeIf(p -> p.id() == change.id());
        }
      }
    }
    return present.stream().map(Change::row).toList();
  }

  /** The same case with fewer changes. */
  StreamCase with(List<Change> fewer) {
    return new StreamCase(seed, statements, question, fewer, reference);
  }

  /** Sources in the order of their creation. */
  List<String> sources() {
    return statements.stream()
        .filter(statement -> statement.startsWith("CREATE SOURCE "))
        .map(statement -> statement.split(" ")[2])
        .toList();
  }

  /** The case without some rows: neither do they come nor go. */
  StreamCase without(List<Change> some) {
    Set<String> gone = new HashSet<>();
    some.forEach(change -> gone.add(change.source() + change.id()));
    return with(changes.stream().filter(c -> !gone.contains(c.source() + c.id())).toList());
  }

  /** The case as a script of the script runner, without what is expected. */
  String script() {
    StringBuilder text = new StringBuilder("# Seed " + seed + "\n");
    statements.forEach(statement -> text.append("run     ").append(statement).append('\n'));
    for (Change change : changes) {
      text.append(change.weight() > 0 ? "push    " : "retract ").append(change.source());
      for (Object value : change.row()) {
        text.append(' ').append(OracleCase.token(value));
      }
      text.append('\n');
    }
    if (question != null) {
      return text.append("query   ").append(question).append(" => ").toString();
    }
    sources().forEach(source -> text.append("end     ").append(source).append('\n'));
    return text.append("net     q  ").toString();
  }
}
