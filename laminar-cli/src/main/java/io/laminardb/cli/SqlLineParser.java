package io.laminardb.cli;

import java.util.ArrayList;
import java.util.List;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;

/** Tells the editor whether Enter ends the input, and which word the cursor is in. */
final class SqlLineParser implements Parser {
  /**
   * The line in words.
   *
   * @param wordCursor the cursor within the word
   * @param cursor the cursor within the line
   */
  record Words(
      String word, int wordCursor, int wordIndex, List<String> words, String line, int cursor)
      implements CompletingParsedLine {
    /** A name is inserted as it is: nothing in it needs an escape. */
    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
      return candidate;
    }

    @Override
    public int rawWordCursor() {
      return wordCursor;
    }

    @Override
    public int rawWordLength() {
      return word.length();
    }
  }

  @Override
  public ParsedLine parse(String line, int cursor, ParseContext context) {
    boolean ends = line.isBlank() || Shell.isDotCommand(line) || StatementSplitter.isComplete(line);
    if (context == ParseContext.ACCEPT_LINE && !ends) {
      throw new EOFError(-1, cursor, "the statement is not finished", ";");
    }
    return words(line, cursor);
  }

  private static Words words(String line, int cursor) {
    List<String> words = new ArrayList<>();
    int wordIndex = -1;
    int wordCursor = 0;
    int at = 0;
    while (at <= line.length()) {
      int end = at;
      while (end < line.length() && isWord(line.charAt(end))) {
        end++;
      }
      if (wordIndex < 0 && cursor <= end) {
        wordIndex = words.size();
        wordCursor = Math.max(0, cursor - at);
        words.add(line.substring(at, end));
      } else if (end > at) {
        words.add(line.substring(at, end));
      }
      at = end + 1;
    }
    return new Words(words.get(wordIndex), wordCursor, wordIndex, words, line, cursor);
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c == '.';
  }
}
