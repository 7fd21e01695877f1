package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.EQ;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.LPAREN;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.SourcePosition;
import java.util.List;
import java.util.Map;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;

/** Reads one statement from a cursor: looks at its first word and calls whom it concerns. */
final class StatementParser {
  private static final List<String> STATEMENTS =
      List.of(
          "CREATE",
          "DROP",
          "ALTER",
          "INSERT",
          "UPSERT",
          "UPDATE",
          "DELETE",
          "SELECT",
          "WITH",
          "VALUES",
          "SUBSCRIBE",
          "SHOW",
          "DESCRIBE",
          "DESC",
          "EXPLAIN",
          "SET",
          "RESET",
          "CHECKPOINT",
          "BACKUP");

  private static final Map<String, Statement.Show.Subject> SUBJECTS =
      Map.of(
          "SOURCES", Statement.Show.Subject.SOURCES,
          "STREAMS", Statement.Show.Subject.STREAMS,
          "TABLES", Statement.Show.Subject.TABLES,
          "VIEWS", Statement.Show.Subject.VIEWS,
          "INDEXES", Statement.Show.Subject.INDEXES,
          "SINKS", Statement.Show.Subject.SINKS,
          "SUBSCRIPTIONS", Statement.Show.Subject.SUBSCRIPTIONS,
          "QUERIES", Statement.Show.Subject.QUERIES,
          "CHECKPOINTS", Statement.Show.Subject.CHECKPOINTS,
          "FUNCTIONS", Statement.Show.Subject.FUNCTIONS);

  private static final List<String> SUBJECT_WORDS =
      List.of(
          "SOURCES",
          "STREAMS",
          "MATERIALIZED VIEWS",
          "VIEWS",
          "TABLES",
          "INDEXES",
          "SINKS",
          "SUBSCRIPTIONS",
          "QUERIES",
          "CHECKPOINTS",
          "FUNCTIONS",
          "CREATE");

  private static final List<String> KINDS =
      List.of("SOURCE", "STREAM", "MATERIALIZED VIEW", "VIEW", "TABLE", "LOOKUP TABLE", "SINK");

  private StatementParser() {}

  /** The statement that takes all the rest of the cursor. */
  static Statement statement(TokenCursor cursor) {
    Statement statement = read(cursor);
    cursor.expectEnd();
    return statement;
  }

  private static Statement read(TokenCursor cursor) {
    if (QueryParser.startsHere(cursor)) {
      return new Statement.Select(QueryParser.rest(cursor));
    }
    if (cursor.accept("CREATE")) {
      return CreateParser.create(cursor);
    }
    if (cursor.accept("DROP")) {
      return drop(cursor);
    }
    if (cursor.accept("ALTER")) {
      return CreateParser.alter(cursor);
    }
    if (cursor.is("INSERT") || cursor.is("UPSERT") || cursor.is("UPDATE") || cursor.is("DELETE")) {
      return DmlParser.dml(cursor);
    }
    if (cursor.accept("SUBSCRIBE")) {
      return subscribe(cursor);
    }
    if (cursor.accept("SHOW")) {
      return show(cursor);
    }
    if (cursor.accept("DESCRIBE") || cursor.accept("DESC")) {
      return QueryParser.startsHere(cursor)
          ? new Statement.Describe(null, QueryParser.restInParentheses(cursor))
          : new Statement.Describe(cursor.name("the name of an object"), null);
    }
    if (cursor.accept("EXPLAIN")) {
      return explain(cursor);
    }
    if (cursor.accept("SET")) {
      return set(cursor);
    }
    if (cursor.accept("RESET")) {
      SqlToken first = cursor.peek();
      String name = OptionParser.name(cursor, "the name of a setting");
      return new Statement.SetOption(name, cursor.since(first), null);
    }
    if (cursor.accept("CHECKPOINT")) {
      return new Statement.Checkpoint();
    }
    if (cursor.accept("BACKUP")) {
      cursor.expect("TO");
      SqlToken place = cursor.peek();
      String directory = cursor.string("a directory in quotes after BACKUP TO");
      return new Statement.Backup(directory, cursor.since(place));
    }
    throw cursor.expected("a statement such as CREATE, SELECT or SHOW", STATEMENTS);
  }

  private static Statement drop(TokenCursor cursor) {
    if (cursor.accept("INDEX")) {
      boolean ifThere = cursor.accept("IF", "EXISTS");
      return new Statement.DropIndex(cursor.name("the name of an index"), ifThere);
    }
    if (cursor.accept("SUBSCRIPTION")) {
      boolean ifThere = cursor.accept("IF", "EXISTS");
      return new Statement.DropSubscription(cursor.name("the name of a subscription"), ifThere);
    }
    ObjectKind kind = kind(cursor);
    if (kind == null) {
      throw cursor.expected(SyntaxErrors.joined(KINDS) + " after DROP", kindWords());
    }
    boolean ifExists = cursor.accept("IF", "EXISTS");
    Identifier name = cursor.name("the name of a " + kind.sql());
    boolean cascade = cursor.accept("CASCADE");
    if (!cascade) {
      cursor.expectEnd("CASCADE");
    }
    return new Statement.Drop(kind, name, ifExists, cascade);
  }

  /** Steps over the words of a kind, or returns null. */
  static ObjectKind kind(TokenCursor cursor) {
    for (ObjectKind kind : ObjectKind.values()) {
      if (cursor.accept(kind.sql().split(" "))) {
        return kind;
      }
    }
    return null;
  }

  static List<String> kindWords() {
    return List.of(
        "SOURCE",
        "STREAM",
        "MATERIALIZED",
        "TABLE",
        "LOOKUP",
        "INDEX",
        "SINK",
        "SUBSCRIPTION",
        "VIEW");
  }

  static Identifier identifier(TokenCursor cursor, SqlNode node) {
    if (node instanceof SqlIdentifier id && id.isSimple()) {
      return new Identifier(id.getSimple(), id.isComponentQuoted(0), position(node));
    }
    throw cursor.error(
        ErrorCode.NOT_SUPPORTED, position(node), "Expected one simple name, found " + node + ".");
  }

  static SourcePosition position(SqlNode node) {
    return SourcePositions.of(node.getParserPosition());
  }

  private static Statement subscribe(TokenCursor cursor) {
    cursor.accept("TO");
    if (QueryParser.startsHere(cursor)) {
      return new Statement.Subscribe(null, QueryParser.restInParentheses(cursor));
    }
    return new Statement.Subscribe(cursor.name("the name of a stream or a query"), null);
  }

  private static Statement show(TokenCursor cursor) {
    if (cursor.accept("CREATE")) {
      ObjectKind kind = cursor.peek(1).isEnd() ? null : kind(cursor);
      return new Statement.ShowCreate(kind, cursor.name("the name of an object"));
    }
    Statement.Show.Subject subject;
    if (cursor.accept("MATERIALIZED")) {
      cursor.expect("VIEWS");
      subject = Statement.Show.Subject.MATERIALIZED_VIEWS;
    } else {
      subject = SUBJECTS.get(cursor.peek().image.toUpperCase(java.util.Locale.ROOT));
      if (subject == null) {
        throw cursor.expected(SyntaxErrors.joined(SUBJECT_WORDS) + " after SHOW", SUBJECT_WORDS);
      }
      cursor.moveTo(cursor.index() + 1);
    }
    String like = cursor.accept("LIKE") ? cursor.string("a pattern in quotes after LIKE") : null;
    if (like == null) {
      cursor.expectEnd("LIKE");
    }
    return new Statement.Show(subject, like);
  }

  private static Statement explain(TokenCursor cursor) {
    Statement.Explain.Mode mode = Statement.Explain.Mode.DEFAULT;
    for (Statement.Explain.Mode candidate : Statement.Explain.Mode.values()) {
      boolean needsTarget = candidate != Statement.Explain.Mode.WAITING;
      if (candidate != Statement.Explain.Mode.DEFAULT
          && cursor.is(candidate.name())
          && !(needsTarget && cursor.peek(1).isEnd())) {
        cursor.accept(candidate.name());
        mode = candidate;
        break;
      }
    }
    if (cursor.atEnd() && mode == Statement.Explain.Mode.WAITING) {
      return new Statement.Explain(mode, null, null);
    }
    if (cursor.peek(1).isEnd() || cursor.atEnd()) {
      return new Statement.Explain(mode, null, cursor.name("a statement or the name of an object"));
    }
    return new Statement.Explain(mode, read(cursor), null);
  }

  private static Statement set(TokenCursor cursor) {
    SqlToken first = cursor.peek();
    if (first.is("TIME") && cursor.accept("TIME")) { // SET TIME ZONE 'Europe/Berlin'
      cursor.expect("ZONE");
      SourcePosition zonePosition = cursor.since(first);
      return new Statement.SetOption("time_zone", zonePosition, OptionParser.value(cursor));
    }
    String name = OptionParser.name(cursor, "the name of a setting");
    SourcePosition namePosition = cursor.since(first);
    if (!cursor.accept("TO")) {
      cursor.expectSymbol(EQ, "\"=\" or TO");
    }
    if (cursor.isSymbol(LPAREN)) {
      throw cursor.expected("a value", List.of());
    }
    return new Statement.SetOption(name, namePosition, OptionParser.value(cursor));
  }
}
