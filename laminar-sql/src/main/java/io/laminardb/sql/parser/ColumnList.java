package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.COMMA;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.LPAREN;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.RPAREN;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlNode;

/** Reads {@code (column, .., PRIMARY KEY (..), WATERMARK FOR ..)} and checks it against itself. */
final class ColumnList {
  private final TokenCursor cursor;
  private final boolean watermarkAllowed;
  private final List<Column> columns = new ArrayList<>();
  private final List<Identifier> primaryKey = new ArrayList<>();
  private Watermark watermark;

  ColumnList(TokenCursor cursor, boolean watermarkAllowed) {
    this.cursor = cursor;
    this.watermarkAllowed = watermarkAllowed;
  }

  /** The list at the cursor, parentheses included. */
  void read() {
    cursor.expectSymbol(LPAREN, "\"(\" and columns");
    do {
      element();
    } while (cursor.acceptSymbol(COMMA));
    cursor.expectSymbol(RPAREN, "\",\" or \")\"");
    for (Identifier key : primaryKey) {
      keyColumn(key);
    }
  }

  private void element() {
    if (cursor.is("WATERMARK", "FOR")) {
      readWatermark();
    } else if (cursor.is("PRIMARY", "KEY")) {
      tableKey();
    } else if (cursor.is("CONSTRAINT") && cursor.peek(2).is("PRIMARY")) {
      cursor.accept("CONSTRAINT");
      cursor.name("a constraint name");
      tableKey();
    } else {
      column();
    }
  }

  /** {@code name TYPE [NOT NULL | NULL] [PRIMARY KEY]}, the last two in any order. */
  void column() {
    Identifier name = cursor.name("a column name");
    for (Column other : columns) {
      if (other.name().name().equalsIgnoreCase(name.name())) {
        throw error(name, "The column \"" + name + "\" is declared twice.");
      }
    }
    SqlToken typeStart = cursor.peek();
    if (!typeStart.isWord() && !typeStart.isQuotedName()) {
      throw cursor.expected("a type for the column \"" + name + "\"", List.of());
    }
    GrammarParser.Parsed<SqlDataTypeSpec> type = cursor.grammar.type(cursor.index(), cursor.end());
    cursor.moveTo(type.next());
    var typePosition = cursor.since(typeStart);
    boolean nullable = true;
    while (true) {
      if (cursor.accept("NOT", "NULL")) {
        nullable = false;
      } else if (cursor.is("PRIMARY", "KEY")) {
        once(cursor.peek());
        cursor.accept("PRIMARY", "KEY");
        cursor.accept("NOT", "ENFORCED");
        primaryKey.add(name);
        nullable = false;
      } else if (!nullable || !cursor.accept("NULL")) {
        break;
      }
    }
    if (!cursor.isSymbol(COMMA) && !cursor.isSymbol(RPAREN) && !cursor.atEnd()) {
      throw cursor.expected(
          "NOT NULL, PRIMARY KEY, \",\" or \")\" after the column \"" + name + "\"",
          List.of("NOT", "PRIMARY"));
    }
    columns.add(new Column(name, type.value(), nullable, typePosition));
  }

  private void tableKey() {
    once(cursor.peek());
    cursor.expect("PRIMARY", "KEY");
    cursor.expectSymbol(LPAREN, "\"(\" and key columns");
    do {
      primaryKey.add(cursor.name("a key column"));
    } while (cursor.acceptSymbol(COMMA));
    cursor.expectSymbol(RPAREN, "\",\" or \")\"");
    cursor.accept("NOT", "ENFORCED");
  }

  private void once(SqlToken place) {
    if (!primaryKey.isEmpty()) {
      throw cursor
          .error(ErrorCode.SYNTAX_ERROR, place.position(), "There is more than one PRIMARY KEY.")
          .mend("Name all key columns in one PRIMARY KEY (a, b).")
          .in(cursor.sql);
    }
  }

  private void keyColumn(Identifier key) {
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      if (column.name().name().equalsIgnoreCase(key.name())) {
        columns.set(i, new Column(column.name(), column.type(), false, column.typePosition()));
        return;
      }
    }
    List<String> names = columns.stream().map(column -> column.name().name()).toList();
    throw new LaminarException(
            ErrorCode.COLUMN_NOT_FOUND,
            "The PRIMARY KEY names the column \"" + key + "\", which is not declared.")
        .at(key.position())
        .mend(io.laminardb.core.error.Suggestions.didYouMean(key.name(), names))
        .in(cursor.sql);
  }

  private void readWatermark() {
    SqlToken first = cursor.peek();
    if (!watermarkAllowed || watermark != null) {
      throw cursor.error(
          ErrorCode.SYNTAX_ERROR,
          first.position(),
          watermarkAllowed ? "There is more than one WATERMARK." : "A table has no WATERMARK.");
    }
    cursor.expect("WATERMARK", "FOR");
    Identifier column = cursor.name("the time column");
    SqlNode expression = null;
    if (cursor.accept("AS")) {
      int end = endOfExpression();
      if (end == cursor.index()) {
        throw cursor.expected(
            "an expression such as " + column + " - INTERVAL '5' SECOND", List.of());
      }
      expression = cursor.grammar.expression(cursor.index(), end);
      cursor.moveTo(end);
    }
    watermark = new Watermark(column, expression, watermarkKey(), cursor.since(first));
  }

  private List<Identifier> watermarkKey() {
    if (!cursor.accept("PER", "KEY")) {
      return List.of();
    }
    boolean several = cursor.acceptSymbol(LPAREN);
    List<Identifier> key = new ArrayList<>();
    do {
      key.add(cursor.name("a key column"));
    } while (several && cursor.acceptSymbol(COMMA));
    if (several) {
      cursor.expectSymbol(RPAREN, "\",\" or \")\"");
    }
    return key;
  }

  /** The end of the element at the cursor, or PER KEY before it. */
  private int endOfExpression() {
    int end = endOfElement();
    for (int i = cursor.index(); i < end - 1; i++) {
      if (cursor.tokens.get(i).is("PER") && cursor.tokens.get(i + 1).is("KEY")) {
        return i;
      }
    }
    return end;
  }

  /** The comma or parenthesis that ends the element at the cursor. */
  private int endOfElement() {
    int depth = 0;
    for (int i = cursor.index(); i < cursor.end(); i++) {
      int kind = cursor.tokens.get(i).kind;
      if (depth == 0 && (kind == COMMA || kind == RPAREN)) {
        return i;
      }
      depth += kind == LPAREN ? 1 : kind == RPAREN ? -1 : 0;
    }
    return cursor.end();
  }

  private LaminarException error(Identifier place, String problem) {
    return cursor.error(ErrorCode.SYNTAX_ERROR, place.position(), problem);
  }

  List<Column> columns() {
    return columns;
  }

  List<Identifier> primaryKey() {
    return primaryKey;
  }

  /** Null when not declared. */
  Watermark watermark() {
    return watermark;
  }
}
