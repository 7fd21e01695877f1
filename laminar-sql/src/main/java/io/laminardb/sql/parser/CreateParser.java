package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.COMMA;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.LPAREN;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.RPAREN;

import io.laminardb.core.error.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads CREATE and ALTER, after that word. */
final class CreateParser {
  private CreateParser() {}

  static Statement create(TokenCursor cursor) {
    if (cursor.accept("INDEX")) {
      return index(cursor);
    }
    if (cursor.accept("SUBSCRIPTION")) {
      boolean ifNotExists = cursor.accept("IF", "NOT", "EXISTS");
      Identifier name = cursor.name("the name of a subscription");
      cursor.expect("ON");
      return new Statement.CreateSubscription(name, ifNotExists, cursor.name("a stream or view"));
    }
    boolean orReplace = cursor.accept("OR", "REPLACE");
    ObjectKind kind = StatementParser.kind(cursor);
    if (kind == null) {
      throw misspelledKind(cursor, orReplace);
    }
    boolean ifNotExists = cursor.accept("IF", "NOT", "EXISTS");
    if (orReplace && ifNotExists) {
      throw cursor
          .error(
              ErrorCode.SYNTAX_ERROR,
              cursor.last().position(),
              "OR REPLACE and IF NOT EXISTS exclude each other.")
          .mend("Keep one of the two.")
          .in(cursor.sql);
    }
    Identifier name = cursor.name(article(kind) + " name");
    return switch (kind) {
      case SOURCE -> source(cursor, name, orReplace, ifNotExists);
      case STREAM, MATERIALIZED_VIEW, VIEW -> query(cursor, kind, name, orReplace, ifNotExists);
      case TABLE, LOOKUP_TABLE -> table(cursor, kind, name, orReplace, ifNotExists);
      case SINK -> sink(cursor, name, orReplace, ifNotExists);
    };
  }

  private static Statement index(TokenCursor cursor) {
    boolean ifNotExists = cursor.accept("IF", "NOT", "EXISTS");
    Identifier name = cursor.name("an index name");
    cursor.expect("ON");
    Identifier object = cursor.name("a table or view");
    return new Statement.CreateIndex(name, ifNotExists, object, names(cursor));
  }

  /** {@code (column, ..)}. */
  static List<Identifier> names(TokenCursor cursor) {
    cursor.expectSymbol(LPAREN, "\"(\" and columns");
    List<Identifier> columns = new ArrayList<>();
    do {
      columns.add(cursor.name("a column"));
    } while (cursor.acceptSymbol(COMMA));
    cursor.expectSymbol(RPAREN, "\",\" or \")\"");
    return columns;
  }

  private static RuntimeException misspelledKind(TokenCursor cursor, boolean orReplace) {
    if (cursor.is("MATERIALIZED") || cursor.is("LOOKUP")) {
      String second = cursor.is("LOOKUP") ? "TABLE" : "VIEW";
      cursor.moveTo(cursor.index() + 1);
      return cursor.expected(second, List.of(second));
    }
    return cursor.expected(
        "SOURCE, STREAM, MATERIALIZED VIEW, VIEW, TABLE, LOOKUP TABLE or SINK after CREATE"
            + (orReplace ? " OR REPLACE" : ""),
        StatementParser.kindWords());
  }

  private static String article(ObjectKind kind) {
    return "a " + kind.sql().toLowerCase(Locale.ROOT);
  }

  private static Statement source(
      TokenCursor cursor, Identifier name, boolean orReplace, boolean ifNotExists) {
    ColumnList list = new ColumnList(cursor, true);
    if (cursor.isSymbol(LPAREN)) {
      list.read();
    }
    Connector connector = cursor.accept("FROM") ? connector(cursor) : null;
    if (list.columns().isEmpty() && connector == null) {
      throw cursor.expected("\"(\" and columns, or FROM and a connector", List.of("FROM"));
    }
    Options with = with(cursor);
    cursor.expectEnd(tail(connector, with, list.columns().isEmpty()));
    return new Statement.CreateSource(
        name,
        orReplace,
        ifNotExists,
        list.columns(),
        list.primaryKey(),
        list.watermark(),
        connector,
        with);
  }

  private static Statement table(
      TokenCursor cursor,
      ObjectKind kind,
      Identifier name,
      boolean orReplace,
      boolean ifNotExists) {
    ColumnList list = new ColumnList(cursor, false);
    if (!cursor.is("FROM")) {
      list.read();
    }
    Connector connector = cursor.accept("FROM") ? connector(cursor) : null;
    Options with = with(cursor);
    cursor.expectEnd(tail(connector, with, list.columns().isEmpty()));
    return new Statement.CreateTable(
        kind, name, orReplace, ifNotExists, list.columns(), list.primaryKey(), connector, with);
  }

  /** What may still follow, for the error. */
  private static String[] tail(Connector connector, Options with, boolean noColumns) {
    if (!with.isEmpty()) {
      return new String[0];
    }
    return connector == null && !noColumns ? new String[] {"FROM", "WITH"} : new String[] {"WITH"};
  }

  private static Statement query(
      TokenCursor cursor,
      ObjectKind kind,
      Identifier name,
      boolean orReplace,
      boolean ifNotExists) {
    List<Identifier> columns = cursor.isSymbol(LPAREN) ? names(cursor) : List.of();
    cursor.expect("AS");
    QuerySpec query = QueryParser.rest(cursor).withColumns(columns);
    return new Statement.CreateQuery(kind, name, orReplace, ifNotExists, query);
  }

  private static Statement sink(
      TokenCursor cursor, Identifier name, boolean orReplace, boolean ifNotExists) {
    Identifier from = cursor.accept("FROM") ? cursor.name("a stream name") : null;
    if (!cursor.is("INTO")) {
      throw cursor.expected(from == null ? "INTO or FROM" : "INTO", List.of("INTO", "FROM"));
    }
    cursor.accept("INTO");
    Connector connector = connector(cursor);
    Options with = with(cursor);
    QuerySpec query = null;
    if (from == null) {
      if (cursor.accept("FROM")) {
        from = cursor.name("a stream name");
      } else if (cursor.accept("AS")) {
        query = QueryParser.rest(cursor);
      } else {
        throw cursor.expected("AS and a query, or FROM and a stream", List.of("AS", "FROM"));
      }
    }
    if (query == null && with.isEmpty()) {
      with = with(cursor);
    }
    return new Statement.CreateSink(name, orReplace, ifNotExists, connector, with, from, query);
  }

  private static Connector connector(TokenCursor cursor) {
    Identifier name = cursor.name("a connector name");
    return new Connector(name, cursor.isSymbol(LPAREN) ? OptionParser.list(cursor) : Options.NONE);
  }

  private static Options with(TokenCursor cursor) {
    return cursor.accept("WITH") ? OptionParser.list(cursor) : Options.NONE;
  }

  /** {@code ALTER SOURCE name ADD [COLUMN] column, .. | ADD (column, ..) | SET (options)}. */
  static Statement alter(TokenCursor cursor) {
    cursor.expect("SOURCE");
    boolean ifExists = cursor.accept("IF", "EXISTS");
    Identifier name = cursor.name("a source name");
    if (cursor.accept("SET")) {
      return new Statement.AlterSource(name, ifExists, List.of(), OptionParser.list(cursor));
    }
    if (!cursor.accept("ADD")) {
      throw cursor.expected("ADD COLUMN or SET", List.of("ADD", "SET"));
    }
    boolean parenthesis = !cursor.is("COLUMN") && cursor.acceptSymbol(LPAREN);
    ColumnList list = new ColumnList(cursor, false);
    do {
      boolean named = cursor.is("COLUMN") && !cursor.peek(2).isEnd();
      if (named && cursor.isName(cursor.peek(1))) {
        cursor.accept("COLUMN");
      }
      list.column();
    } while (cursor.acceptSymbol(COMMA));
    if (parenthesis) {
      cursor.expectSymbol(RPAREN, "\",\" or \")\"");
    }
    if (!list.primaryKey().isEmpty()) {
      throw cursor.error(
          ErrorCode.NOT_SUPPORTED,
          list.primaryKey().get(0).position(),
          "A PRIMARY KEY cannot be added to a source.");
    }
    return new Statement.AlterSource(name, ifExists, list.columns(), Options.NONE);
  }
}
