package io.laminardb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser.ParseContext;
import org.junit.jupiter.api.Test;

class SqlLineParserTest {
  private final SqlLineParser parser = new SqlLineParser();

  @Test
  void asksForMoreLinesUntilTheSemicolon() {
    assertThatThrownBy(() -> parser.parse("SELECT", 6, ParseContext.ACCEPT_LINE))
        .isInstanceOf(EOFError.class);
    assertThat(parser.parse("SELECT\n1;", 9, ParseContext.ACCEPT_LINE).words())
        .contains("SELECT", "1");
  }

  @Test
  void acceptsDotCommandsAndBlankLinesAtOnce() {
    assertThat(parser.parse(".tables", 7, ParseContext.ACCEPT_LINE).word()).isEqualTo(".tables");
    assertThat(parser.parse("  ", 2, ParseContext.ACCEPT_LINE).word()).isEmpty();
  }

  @Test
  void findsTheWordUnderTheCursor() {
    ParsedLine line = parser.parse("SELECT pri FROM trades", 9, ParseContext.COMPLETE);
    assertThat(line.word()).isEqualTo("pri");
    assertThat(line.wordIndex()).isEqualTo(1);
    assertThat(line.wordCursor()).isEqualTo(2);
  }

  @Test
  void completesAnEmptyWordBehindABlankOrAParenthesis() {
    assertThat(parser.parse("SELECT ", 7, ParseContext.COMPLETE).word()).isEmpty();
    assertThat(parser.parse("SELECT SUM(", 11, ParseContext.COMPLETE).word()).isEmpty();
  }
}
