package io.laminardb.sql.parser;

import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.COMMA;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.EQ;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.HOOK;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.LPAREN;
import static io.laminardb.sql.parser.impl.LaminarParserImplConstants.RPAREN;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.sql.parser.Statement.Conflict;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlDelete;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlInsert;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlSelect;
import org.apache.calcite.sql.SqlUpdate;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;

/** Reads INSERT, UPDATE and DELETE: the grammar's, and around it what is said of taken keys. */
final class DmlParser {
  private static final String RETURNING = "RETURNING";

  private DmlParser() {}

  static Statement dml(TokenCursor cursor) {
    int start = cursor.index();
    SqlToken first = cursor.peek();
    Conflict.Action or = or(cursor);
    if (or != null) {
      SourcePosition position = cursor.since(first);
      int end = find(cursor, start, RETURNING);
      SqlNode node = cursor.grammar.insert(start, cursor.index(), end);
      cursor.moveTo(end);
      return insert(cursor, node, new Conflict(List.of(), or, List.of(), null, position));
    }
    int returningAt = find(cursor, start, RETURNING);
    int conflictAt = Math.min(returningAt, find(cursor, start, "ON", "CONFLICT"));
    SqlNode node = cursor.grammar.dml(start, conflictAt);
    cursor.moveTo(conflictAt);
    Conflict conflict = conflictAt < returningAt ? conflict(cursor, returningAt) : null;
    if (node instanceof SqlInsert) {
      return insert(cursor, node, conflict);
    }
    if (conflict != null) {
      throw cursor.error(
          ErrorCode.SYNTAX_ERROR, conflict.position(), "ON CONFLICT belongs to an INSERT.");
    }
    if (node instanceof SqlUpdate update) {
      Identifier table = StatementParser.identifier(cursor, update.getTargetTable());
      return new Statement.Update(table, update, returning(cursor, table, update.getAlias()));
    }
    if (node instanceof SqlDelete delete) {
      Identifier table = StatementParser.identifier(cursor, delete.getTargetTable());
      return new Statement.Delete(table, delete, returning(cursor, table, delete.getAlias()));
    }
    throw cursor.error(
        ErrorCode.NOT_SUPPORTED,
        StatementParser.position(node),
        node.getKind() + " is not supported.");
  }

  /** What {@code INSERT OR ..} or UPSERT asks for, or null. */
  private static Conflict.Action or(TokenCursor cursor) {
    if (cursor.accept("INSERT", "OR", "REPLACE") || cursor.accept("UPSERT")) {
      return Conflict.Action.REPLACE;
    }
    return cursor.accept("INSERT", "OR", "IGNORE") ? Conflict.Action.NOTHING : null;
  }

  private static Statement insert(TokenCursor cursor, SqlNode node, Conflict conflict) {
    SqlInsert insert = (SqlInsert) node;
    SqlNodeList targets = insert.getTargetColumnList();
    List<Identifier> columns = new ArrayList<>();
    if (targets != null) {
      for (SqlNode target : targets) {
        columns.add(StatementParser.identifier(cursor, target));
      }
    }
    Identifier table = StatementParser.identifier(cursor, insert.getTargetTable());
    return new Statement.Insert(table, columns, insert, conflict, returning(cursor, table, null));
  }

  /** RETURNING as a query over the table; null where it is not said. */
  private static QuerySpec returning(TokenCursor cursor, Identifier table, SqlIdentifier alias) {
    SqlToken first = cursor.peek();
    if (!cursor.accept(RETURNING)) {
      return null;
    }
    for (int i = cursor.index(); i < cursor.end(); i++) {
      if (cursor.tokens.get(i).kind == HOOK) {
        throw cursor
            .error(
                ErrorCode.NOT_SUPPORTED,
                cursor.tokens.get(i).position(),
                "a question mark behind RETURNING is not supported.")
            .mend("Compute it of what is returned.");
      }
    }
    if (cursor.atEnd()) {
      throw cursor.expected("columns or *", List.of());
    }
    SqlSelect select = cursor.grammar.selectList(cursor.index(), cursor.end());
    cursor.moveTo(cursor.end());
    SqlParserPos position = select.getParserPosition();
    SqlNode from = new SqlIdentifier(table.name(), position);
    select.setFrom(alias == null ? from : SqlStdOperatorTable.AS.createCall(position, from, alias));
    return new QuerySpec(select, Options.NONE, null, null, null, cursor.since(first));
  }

  private static Conflict conflict(TokenCursor cursor, int end) {
    SqlToken first = cursor.peek();
    cursor.expect("ON", "CONFLICT");
    List<Identifier> columns = new ArrayList<>();
    if (cursor.acceptSymbol(LPAREN)) {
      do {
        columns.add(cursor.name("a key column"));
      } while (cursor.acceptSymbol(COMMA));
      cursor.expectSymbol(RPAREN, "\",\" or \")\"");
    }
    cursor.expect("DO");
    if (cursor.accept("NOTHING")) {
      return new Conflict(columns, Conflict.Action.NOTHING, List.of(), null, cursor.since(first));
    }
    if (!cursor.accept("UPDATE", "SET")) {
      throw cursor.expected("NOTHING or UPDATE SET", List.of("NOTHING", "UPDATE"));
    }
    SourcePosition position = cursor.since(first);
    int where = Math.min(end, find(cursor, cursor.index(), "WHERE"));
    List<Conflict.Assignment> assignments = new ArrayList<>();
    do {
      if (cursor.isSymbol(LPAREN)) {
        assignRow(cursor, assignments);
      } else {
        Identifier column = cursor.name("a column");
        cursor.expectSymbol(EQ, "=");
        assignments.add(new Conflict.Assignment(column, expression(cursor, where)));
      }
    } while (cursor.acceptSymbol(COMMA));
    SqlNode condition = null;
    if (cursor.accept("WHERE")) {
      condition = expression(cursor, end);
    }
    return new Conflict(columns, Conflict.Action.UPDATE, assignments, condition, position);
  }

  /** {@code (a, b) = (x, y)}. */
  private static void assignRow(TokenCursor cursor, List<Conflict.Assignment> assignments) {
    List<Identifier> columns = CreateParser.names(cursor);
    cursor.expectSymbol(EQ, "=");
    cursor.accept("ROW");
    cursor.expectSymbol(LPAREN, "\"(\" and values");
    int close = cursor.closing(cursor.index() - 1);
    for (int i = 0; i < columns.size(); i++) {
      if (i > 0) {
        cursor.expectSymbol(COMMA, "\",\" and a value for each column");
      }
      assignments.add(new Conflict.Assignment(columns.get(i), expression(cursor, close)));
    }
    cursor.expectSymbol(RPAREN, "\")\": there is a value for each column");
  }

  /** The expression at the cursor, up to a comma that is not inside parentheses. */
  private static SqlNode expression(TokenCursor cursor, int end) {
    int at = cursor.index();
    for (int depth = 0; at < end; at++) {
      int kind = cursor.tokens.get(at).kind;
      if (depth == 0 && kind == COMMA) {
        break;
      }
      depth += kind == LPAREN ? 1 : kind == RPAREN ? -1 : 0;
    }
    if (at == cursor.index()) {
      throw cursor.expected("an expression", List.of());
    }
    SqlNode expression = cursor.grammar.expression(cursor.index(), at);
    cursor.moveTo(at);
    return expression;
  }

  /** Where words stand one after the other outside of all parentheses; the end where nowhere. */
  private static int find(TokenCursor cursor, int from, String... words) {
    int depth = 0;
    for (int i = from; i + words.length <= cursor.end(); i++) {
      int kind = cursor.tokens.get(i).kind;
      depth += kind == LPAREN ? 1 : kind == RPAREN ? -1 : 0;
      boolean found = depth == 0;
      for (int word = 0; found && word < words.length; word++) {
        found = cursor.tokens.get(i + word).is(words[word]);
      }
      if (found) {
        return i;
      }
    }
    return cursor.end();
  }
}
