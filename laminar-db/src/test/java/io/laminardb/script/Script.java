package io.laminardb.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A test as text: statements, rows, watermarks, and the rows that must come out.
 *
 * <pre>
 * # A comment.
 * run     CREATE SOURCE trades (symbol VARCHAR, qty INT, ts TIMESTAMP)
 *         WITH (watermark = 'ts')
 * push    trades   A 5 00:00:10 | B 7 00:01:05
 * retract trades   A 5 00:00:10
 * mark    trades   00:01:00
 * end     trades
 * expect  volume   A 5 | B 7
 * </pre>
 *
 * <p>A line that begins with a blank continues the one before. Rows are separated by {@code |},
 * values by blanks; {@code 'single quotes'} hold texts with blanks, {@code NULL} is NULL, and a time
 * of day stands for that time on 1970-01-01 (as milliseconds in a BIGINT column).
 *
 * <table>
 * <caption>Commands</caption>
 * <tr><td>{@code run sql}</td><td>executes statements</td></tr>
 * <tr><td>{@code fail CODE[@line:column] sql [=> text]}</td><td>the statement must fail with this
 *     code, there, with a message that has this text, and change nothing</td></tr>
 * <tr><td>{@code push source rows}</td><td>feeds rows; consecutive ones are regrouped by mode</td></tr>
 * <tr><td>{@code retract source rows}</td><td>takes rows back</td></tr>
 * <tr><td>{@code refuse CODE source rows}</td><td>each push must fail with this code</td></tr>
 * <tr><td>{@code refuse_retract CODE source rows}</td><td>each retraction must fail so</td></tr>
 * <tr><td>{@code mark source time}</td><td>explicit watermark</td></tr>
 * <tr><td>{@code end source}</td><td>no more rows</td></tr>
 * <tr><td>{@code expect stream rows}</td><td>exactly these rows since the last expect, in any order;
 *     a changelog's rows begin with + or -, and what cancels out does not count</td></tr>
 * <tr><td>{@code changes stream rows}</td><td>exactly these changes in this order where rows are
 *     worked on one at a time, else as {@code expect}</td></tr>
 * <tr><td>{@code net stream rows}</td><td>all rows so far, insertions less retractions</td></tr>
 * <tr><td>{@code live name sql}</td><td>a live SELECT or SUBSCRIBE, to be expected from by name</td></tr>
 * <tr><td>{@code follow stream}</td><td>subscribes (anew) from here; streams are followed from their
 *     creation on else</td></tr>
 * <tr><td>{@code query sql => rows}</td><td>a statement's rows, in any order ({@code =>>} in
 *     order)</td></tr>
 * <tr><td>{@code contains sql => text | text}</td><td>a statement's rows as text have these texts</td></tr>
 * <tr><td>{@code metric object name value}</td><td>a counter</td></tr>
 * <tr><td>{@code advance seconds}</td><td>moves the virtual clock</td></tr>
 * <tr><td>{@code variable name value}</td><td>a {@code ${name}} of the database</td></tr>
 * <tr><td>{@code memory}</td><td>the database is in memory in every mode</td></tr>
 * <tr><td>{@code functions}</td><td>the database has those of {@link JavaFunctions}</td></tr>
 * </table>
 *
 * @param name for messages
 * @param commands in order
 */
record Script(String name, List<Command> commands) {
  /** One command: its line number, verb and the rest of the text. */
  record Command(int line, String verb, String text) {
    /** The first word of the text. */
    String subject() {
      int blank = blank();
      return blank < 0 ? text : text.substring(0, blank);
    }

    /** Everything behind the first word. */
    String rest() {
      int blank = blank();
      return blank < 0 ? "" : text.substring(blank).strip();
    }

    private int blank() {
      for (int i = 0; i < text.length(); i++) {
        if (Character.isWhitespace(text.charAt(i))) {
          return i;
        }
      }
      return -1;
    }
  }

  static Script read(Path file) {
    try {
      return parse(file.getFileName().toString(), Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Script parse(String name, String text) {
    List<Command> commands = new ArrayList<>();
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (Character.isWhitespace(line.charAt(0))) {
        Command last = commands.remove(commands.size() - 1);
        commands.add(
            new Command(last.line(), last.verb(), last.text() + "\n" + line.stripTrailing()));
        continue;
      }
      String[] words = line.strip().split("\\s+", 2);
      commands.add(new Command(number, words[0], words.length > 1 ? words[1] : ""));
    }
    return new Script(name, List.copyOf(commands));
  }

  /** Splits {@code a b | c 'd e'} into rows of tokens; quoted tokens keep a leading quote mark. */
  static List<List<String>> rows(String text) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (Character.isWhitespace(c)) {
        i++;
      } else if (c == '|') {
        rows.add(row);
        row = new ArrayList<>();
        i++;
      } else if (c == '\'') {
        StringBuilder quoted = new StringBuilder("'");
        i++;
        while (text.charAt(i) != '\'' || i + 1 < text.length() && text.charAt(i + 1) == '\'') {
          if (text.charAt(i) == '\'') {
            i++;
          }
          quoted.append(text.charAt(i++));
        }
        i++;
        row.add(quoted.toString());
      } else {
        int end = i;
        while (end < text.length()
            && !Character.isWhitespace(text.charAt(end))
            && text.charAt(end) != '|') {
          end++;
        }
        row.add(text.substring(i, end));
        i = end;
      }
    }
    if (!row.isEmpty() || !rows.isEmpty()) {
      rows.add(row);
    }
    return rows;
  }
}
