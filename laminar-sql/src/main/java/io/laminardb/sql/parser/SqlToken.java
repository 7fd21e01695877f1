package io.laminardb.sql.parser;

import io.laminardb.core.error.SourcePosition;
import io.laminardb.sql.parser.impl.LaminarParserImplConstants;
import io.laminardb.sql.parser.impl.Token;

/** A token that knows its place in the text and in the list of tokens. */
final class SqlToken extends Token {
  /** Index in the token list. */
  final int index;

  /** First character in the text. */
  final int begin;

  /** One past the last character in the text. */
  final int end;

  SqlToken(int index, int kind, String image, int begin, int end) {
    this.index = index;
    this.kind = kind;
    this.image = image;
    this.begin = begin;
    this.end = end;
  }

  /** The same token without links to others, as another kind and image. */
  SqlToken copy(int newKind, String newImage) {
    SqlToken copy = new SqlToken(index, newKind, newImage, begin, end);
    copy.beginLine = beginLine;
    copy.beginColumn = beginColumn;
    copy.endLine = endLine;
    copy.endColumn = endColumn;
    return copy;
  }

  SourcePosition position() {
    return new SourcePosition(beginLine, beginColumn, endLine, endColumn);
  }

  /** A keyword or an unquoted name. */
  boolean isWord() {
    return kind != LaminarParserImplConstants.EOF
        && !isQuotedKind()
        && (Character.isLetter(image.charAt(0)) || image.charAt(0) == '_');
  }

  /** The unquoted word {@code word}, whatever its case. */
  boolean is(String word) {
    return image.equalsIgnoreCase(word) && isWord();
  }

  boolean isQuotedName() {
    return kind == LaminarParserImplConstants.QUOTED_IDENTIFIER
        || kind == LaminarParserImplConstants.BACK_QUOTED_IDENTIFIER;
  }

  boolean isEnd() {
    return kind == LaminarParserImplConstants.EOF;
  }

  private boolean isQuotedKind() {
    return switch (kind) {
      case LaminarParserImplConstants.PREFIXED_STRING_LITERAL,
          LaminarParserImplConstants.UNICODE_STRING_LITERAL,
          LaminarParserImplConstants.C_STYLE_ESCAPED_STRING_LITERAL,
          LaminarParserImplConstants.BINARY_STRING_LITERAL,
          LaminarParserImplConstants.UNICODE_QUOTED_IDENTIFIER ->
          true;
      default -> false;
    };
  }
}
