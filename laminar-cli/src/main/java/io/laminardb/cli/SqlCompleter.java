package io.laminardb.cli;

import io.laminardb.LaminarDB;
import io.laminardb.cli.DotCommands.Dot;
import io.laminardb.core.batch.Field;
import io.laminardb.core.error.LaminarException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/**
 * Proposes dot commands at the start of a line; else the columns of the objects the statement names,
 * objects, and keywords. Names come first, keywords follow the case of what was typed.
 */
final class SqlCompleter implements Completer {
  static final List<String> KEYWORDS =
      List.of(
          "ALLOWED_LATENESS",
          "ANALYZE",
          "AND",
          "AS",
          "ASC",
          "AVG",
          "BETWEEN",
          "BIGINT",
          "BOOLEAN",
          "BY",
          "CASCADE",
          "CASE",
          "CAST",
          "CHANGES",
          "CLOSE",
          "COALESCE",
          "CODE",
          "COUNT",
          "CREATE",
          "CUMULATE",
          "DATE",
          "DAY",
          "DECIMAL",
          "DESC",
          "DESCRIBE",
          "DISTINCT",
          "DOUBLE",
          "DROP",
          "ELSE",
          "EMIT",
          "END",
          "EVERY",
          "EXISTS",
          "EXPLAIN",
          "FILES",
          "FILTER",
          "FINAL",
          "FIRST",
          "FOR",
          "FROM",
          "GROUP",
          "HAVING",
          "HOP",
          "HOUR",
          "IF",
          "IN",
          "INSERT",
          "INTEGER",
          "INTERVAL",
          "INTO",
          "IS",
          "LAST",
          "LATE DATA TO",
          "LIKE",
          "LIMIT",
          "LOGICAL",
          "MATERIALIZED VIEW",
          "MATERIALIZED VIEWS",
          "MAX",
          "MIN",
          "MINUTE",
          "NOT",
          "NULL",
          "ON WINDOW CLOSE",
          "OR",
          "ORDER BY",
          "PHYSICAL",
          "PRINT",
          "QUERIES",
          "REPLACE",
          "SECOND",
          "SELECT",
          "SESSION",
          "SET",
          "SHOW",
          "SINK",
          "SINKS",
          "SLIDE",
          "SOURCE",
          "SOURCES",
          "STDDEV",
          "STREAM",
          "STREAMS",
          "SUBSCRIBE",
          "SUM",
          "THEN",
          "TIMESTAMP",
          "TUMBLE",
          "UNION ALL",
          "VALUES",
          "VARCHAR",
          "VARIANCE",
          "WAITING",
          "WATERMARK FOR",
          "WHEN",
          "WHERE",
          "WITH");

  private final LaminarDB db;
  private final Catalog catalog;

  SqlCompleter(LaminarDB db) {
    this.db = db;
    this.catalog = new Catalog(db);
  }

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    String typed = line.word().substring(0, line.wordCursor());
    if (line.wordIndex() == 0 && typed.startsWith(".")) {
      for (Dot dot : Dot.values()) {
        candidates.add(candidate(dot.word(), "commands"));
      }
      return;
    }
    addNames(line.line(), candidates);
    boolean lower = !typed.isEmpty() && typed.equals(typed.toLowerCase(Locale.ROOT));
    for (String keyword : KEYWORDS) {
      candidates.add(candidate(lower ? keyword.toLowerCase(Locale.ROOT) : keyword, "keywords"));
    }
  }

  private void addNames(String text, List<Candidate> candidates) {
    Set<String> words = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    words.addAll(List.of(text.split("[^\\p{Alnum}_$]+")));
    Set<String> columns = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    try {
      for (Catalog.Entry entry : catalog.entries()) {
        candidates.add(candidate(entry.name(), entry.kind().title()));
        if (words.contains(entry.name()) && entry.kind() != Catalog.Kind.SINK) {
          db.schema(entry.name()).fields().stream().map(Field::name).forEach(columns::add);
        }
      }
    } catch (LaminarException e) {
      return; // a database that is closing proposes nothing
    }
    columns.forEach(column -> candidates.add(candidate(column, "columns")));
  }

  private static Candidate candidate(String value, String group) {
    return new Candidate(value, value, group, null, null, null, true);
  }
}
