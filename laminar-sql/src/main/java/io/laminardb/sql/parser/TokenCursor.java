package io.laminardb.sql.parser;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.error.SourcePosition;
import io.laminardb.sql.parser.impl.LaminarParserImplConstants;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.sql.parser.SqlParserUtil;

/** Walks the tokens of one statement; a step that cannot be taken is an error with its place. */
final class TokenCursor {
  final String sql;
  final List<SqlToken> tokens;
  final Variables variables;
  final GrammarParser grammar;
  private final int from;
  private final int to;
  private int next;

  /** A cursor over {@code tokens[from, to)}, which is not empty. */
  TokenCursor(String sql, List<SqlToken> tokens, int from, int to, Variables variables) {
    this.sql = sql;
    this.tokens = tokens;
    this.from = from;
    this.to = to;
    this.next = from;
    this.variables = variables;
    this.grammar = new GrammarParser(sql, tokens, variables);
  }

  int index() {
    return next;
  }

  int end() {
    return to;
  }

  boolean atEnd() {
    return next >= to;
  }

  void moveTo(int index) {
    next = index;
  }

  SqlToken peek() {
    return peek(0);
  }

  /** The token {@code ahead} of the next one, or the end. */
  SqlToken peek(int ahead) {
    int index = next + ahead;
    return index < to ? tokens.get(index) : GrammarParser.endToken(tokens, from, to);
  }

  SqlToken last() {
    return tokens.get(Math.max(from, next - 1));
  }

  /** Whether the next tokens are these words. */
  boolean is(String... words) {
    for (int i = 0; i < words.length; i++) {
      if (!peek(i).is(words[i])) {
        return false;
      }
    }
    return true;
  }

  boolean isSymbol(int kind) {
    return peek().kind == kind;
  }

  /** Steps over these words if they are next. */
  boolean accept(String... words) {
    if (!is(words)) {
      return false;
    }
    next += words.length;
    return true;
  }

  boolean acceptSymbol(int kind) {
    if (!isSymbol(kind)) {
      return false;
    }
    next++;
    return true;
  }

  void expect(String... words) {
    for (String word : words) {
      if (!accept(word)) {
        throw expected(word, List.of(word));
      }
    }
  }

  void expectSymbol(int kind, String phrase) {
    if (!acceptSymbol(kind)) {
      throw expected(phrase, List.of());
    }
  }

  void expectEnd(String... alternatives) {
    if (!atEnd()) {
      List<String> said = new java.util.ArrayList<>(List.of(alternatives));
      said.add("the end of the statement");
      throw expected(SyntaxErrors.joined(said), List.of(alternatives));
    }
  }

  /** The error of finding the next token where {@code phrase} had to be. */
  LaminarException expected(String phrase, List<String> words) {
    return SyntaxErrors.expected(phrase, peek(), words).in(sql);
  }

  LaminarException error(ErrorCode code, SourcePosition position, String problem) {
    return new LaminarException(code, problem).at(position).in(sql);
  }

  /** A simple name; {@code what} says which, for the error: {@code a source name}. */
  Identifier name(String what) {
    SqlToken token = peek();
    if (!isName(token)) {
      throw SyntaxErrors.expectedName(what, token).in(sql);
    }
    next++;
    if (isSymbol(LaminarParserImplConstants.DOT)) {
      throw expected("one simple name", List.of())
          .mend("Names have no schema; if the dot belongs to the name, quote it.")
          .in(sql);
    }
    return new Identifier(text(token), token.isQuotedName(), token.position());
  }

  boolean isName(SqlToken token) {
    if (token.isQuotedName() || token.kind == LaminarParserImplConstants.IDENTIFIER) {
      return true;
    }
    return token.isWord()
        && !token.is("EMIT")
        && (SoftKeywords.isSoft(token.image.toUpperCase(Locale.ROOT))
            || NonReserved.contains(token.kind));
  }

  /** The characters of a name or word, quotes removed. */
  static String text(SqlToken token) {
    String image = token.image;
    if (!token.isQuotedName()) {
      return image;
    }
    String quote = image.substring(0, 1);
    return image.substring(1, image.length() - 1).replace(quote + quote, quote);
  }

  /** A plain string literal with its variables replaced. */
  String string(String what) {
    SqlToken token = peek();
    if (token.kind != LaminarParserImplConstants.QUOTED_STRING) {
      throw expected(what, List.of());
    }
    next++;
    return SqlParserUtil.parseString(variables.replacedImage(token, sql));
  }

  /** From the first character of {@code first} to the last one consumed. */
  SourcePosition since(SqlToken first) {
    SqlToken last = last();
    return new SourcePosition(first.beginLine, first.beginColumn, last.endLine, last.endColumn);
  }

  /** The index of the parenthesis that closes the one at {@code open}, or the end. */
  int closing(int open) {
    int depth = 0;
    for (int i = open; i < to; i++) {
      int kind = tokens.get(i).kind;
      if (kind == LaminarParserImplConstants.LPAREN) {
        depth++;
      } else if (kind == LaminarParserImplConstants.RPAREN && --depth == 0) {
        return i;
      }
    }
    return to;
  }
}
