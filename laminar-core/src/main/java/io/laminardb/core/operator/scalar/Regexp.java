package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions of Java, and SIMILAR TO. Remembers the last pattern, so that a constant one is
 * compiled once. Where only the first match is asked for, texts without what each match contains are
 * passed by, and texts of ASCII are searched where they are.
 */
public final class Regexp {
  private byte[] lastPattern;
  private int lastFlags;
  private Matcher matcher;
  private RequiredText required;
  private final AsciiText ascii = new AsciiText();
  private boolean isAscii; // the text that was searched last

  /** Whether the pattern is found anywhere. */
  public boolean matches(Utf8 text, Utf8 pattern) {
    prepare(pattern, 0);
    return find(text);
  }

  /** As {@link #matches(Utf8, Utf8)} with options: i, c, s, n, m. */
  public boolean matches(Utf8 text, Utf8 pattern, Utf8 options) {
    prepare(pattern, flags(options.toString()));
    return find(text);
  }

  /** Whether the pattern matches the whole text. */
  public boolean fullMatch(Utf8 text, Utf8 pattern) {
    return matcher(text, pattern, 0).matches();
  }

  /** GLOB, see {@link Glob}: whether the pattern matches the whole text. */
  public boolean glob(Utf8 text, Utf8 pattern) {
    if (lastPattern == null || !LikePattern.same(lastPattern, pattern)) {
      matcher = compile(Glob.regex(pattern.toString()), Pattern.DOTALL).matcher("");
      lastPattern = LikePattern.bytes(pattern);
    }
    return matcher.reset(text.toString()).matches();
  }

  public boolean similar(Utf8 text, Utf8 pattern) {
    return prepareSimilar(text, pattern, "").matches();
  }

  public boolean similar(Utf8 text, Utf8 pattern, Utf8 escape) {
    return prepareSimilar(text, pattern, escape.toString()).matches();
  }

  public boolean notSimilar(Utf8 text, Utf8 pattern) {
    return !similar(text, pattern);
  }

  public boolean notSimilar(Utf8 text, Utf8 pattern, Utf8 escape) {
    return !similar(text, pattern, escape);
  }

  /** The first match, or an empty text; may be a view of the text. */
  public Utf8 extract(Utf8Buffer buffer, Utf8 text, Utf8 pattern) {
    return extract(buffer, text, pattern, 0);
  }

  /** A group of the first match, or an empty text; may be a view of the text. */
  public Utf8 extract(Utf8Buffer buffer, Utf8 text, Utf8 pattern, int group) {
    prepare(pattern, 0);
    requireGroup(pattern, group);
    Utf8 part = find(text) ? group(buffer, text, group) : null;
    return part == null ? buffer.setString("") : part;
  }

  /** A group of the match that was found, or null where it took no part. */
  private Utf8 group(Utf8Buffer buffer, Utf8 text, int group) {
    int start = matcher.start(group);
    if (start < 0) {
      return null;
    }
    return isAscii
        ? Texts.slice(buffer, text, start, matcher.end(group))
        : buffer.setString(matcher.group(group));
  }

  /** A matcher of a pattern that has a group. */
  Matcher matcher(Utf8 text, Utf8 pattern, int group, int flags) {
    prepare(pattern, flags);
    requireGroup(pattern, group);
    return matcher.reset(text.toString());
  }

  private void requireGroup(Utf8 pattern, int group) {
    int count = matcher.groupCount();
    if (group < 0 || group > count) {
      throw Failures.argument(
          "the pattern '" + pattern + "' has " + count + " groups, not " + group + ".");
    }
  }

  /** REGEXP_ESCAPE: a pattern that matches a text and nothing else. */
  public Utf8 escape(Utf8Buffer buffer, Utf8 text) {
    StringBuilder escaped = new StringBuilder();
    text.toString()
        .codePoints()
        .forEach(
            c -> {
              boolean plain = c == '_' || c >= 128 || Character.isLetterOrDigit(c);
              escaped.append(plain ? "" : "\\").appendCodePoint(c);
            });
    return buffer.setString(escaped.toString());
  }

  /** Replaces the first match; {@code \1} stands for a group. */
  public Utf8 replace(Utf8Buffer buffer, Utf8 text, Utf8 pattern, Utf8 with) {
    String replacement = replacement(with.toString());
    return buffer.setString(matcher(text, pattern, 0).replaceFirst(replacement));
  }

  /** As {@link #replace(Utf8Buffer, Utf8, Utf8, Utf8)}; the option g replaces all matches. */
  public Utf8 replace(Utf8Buffer buffer, Utf8 text, Utf8 pattern, Utf8 with, Utf8 options) {
    String all = options.toString();
    String replacement = replacement(with.toString());
    Matcher found = matcher(text, pattern, flags(all.replace("g", "")));
    return buffer.setString(
        all.contains("g") ? found.replaceAll(replacement) : found.replaceFirst(replacement));
  }

  /** The parts of a text between matches, of which an empty one takes a character apart. */
  public Utf8 split(DataType none, NestedWriter out, Utf8 text, Utf8 pattern) {
    return split(out, text.toString(), matcher(text, pattern, 0));
  }

  /** As {@link #split(DataType, NestedWriter, Utf8, Utf8)} with options. */
  public Utf8 split(DataType none, NestedWriter out, Utf8 text, Utf8 pattern, Utf8 options) {
    return split(out, text.toString(), matcher(text, pattern, flags(options.toString())));
  }

  private Utf8 split(NestedWriter out, String text, Matcher found) {
    out.start();
    int start = 0;
    while (start < text.length() && found.find(start)) {
      boolean apart = found.end() == start;
      int end = apart ? text.offsetByCodePoints(start, 1) : found.start();
      if (apart && end == text.length()) {
        break;
      }
      put(out, text.substring(start, end));
      start = apart ? end : found.end();
    }
    put(out, text.substring(start));
    return out.mark(NestedWriter.END).result();
  }

  private static void put(NestedWriter out, String part) {
    out.putText(part.getBytes(StandardCharsets.UTF_8));
  }

  /** REGEXP_COUNT: how often the pattern is found, matches not overlapping. */
  public int count(Utf8 text, Utf8 pattern) {
    Matcher found = matcher(text, pattern, 0);
    int count = 0;
    while (found.find()) {
      count++;
    }
    return count;
  }

  /** REGEXP_INSTR: where the first match begins, in code points from 1, or 0. */
  public int instr(Utf8 text, Utf8 pattern) {
    prepare(pattern, 0);
    if (!find(text)) {
      return 0;
    }
    int start = matcher.start();
    return 1 + (isAscii ? start : text.toString().codePointCount(0, start));
  }

  /** REGEXP_SUBSTR: the first match, or null; may be a view of the text. */
  public Utf8 substr(Utf8Buffer buffer, Utf8 text, Utf8 pattern) {
    prepare(pattern, 0);
    return find(text) ? group(buffer, text, 0) : null;
  }

  /** Groups are written {@code \1}; {@code $} is a plain character. */
  private static String replacement(String with) {
    StringBuilder result = new StringBuilder(with.length() + 8);
    for (int i = 0; i < with.length(); i++) {
      char c = with.charAt(i);
      if (c == '\\' && i + 1 < with.length()) {
        char next = with.charAt(++i);
        result.append(Character.isDigit(next) ? "$" : "\\").append(next);
      } else {
        result.append(c == '$' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return result.toString();
  }

  private static int flags(String options) {
    int flags = 0;
    for (char option : options.toCharArray()) {
      switch (option) {
        case 'i' -> flags |= Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
        case 's' -> flags |= Pattern.DOTALL;
        case 'm', 'n', 'p' -> flags |= Pattern.MULTILINE;
        case 'c' -> flags |= 0;
        default ->
            throw Failures.argument("'" + option + "' is no option of a regular expression.");
      }
    }
    return flags;
  }

  private Matcher matcher(Utf8 text, Utf8 pattern, int flags) {
    prepare(pattern, flags);
    return matcher.reset(text.toString());
  }

  private void prepare(Utf8 pattern, int flags) {
    if (lastPattern == null || lastFlags != flags || !LikePattern.same(lastPattern, pattern)) {
      String source = pattern.toString();
      matcher = compile(source, flags).matcher("");
      required =
          (flags & Pattern.CASE_INSENSITIVE) == 0 ? RequiredText.of(source) : RequiredText.NONE;
      lastPattern = LikePattern.bytes(pattern);
      lastFlags = flags;
    }
  }

  /** Whether the prepared pattern is found anywhere; the matcher then knows where. */
  private boolean find(Utf8 text) {
    int at = required.find(text);
    if (at < 0) {
      return false;
    }
    isAscii = Texts.isAscii(text);
    return isAscii
        ? matcher.reset(ascii.set(text)).find(required.earliestStart(at))
        : matcher.reset(text.toString()).find();
  }

  private Matcher prepareSimilar(Utf8 text, Utf8 pattern, String escape) {
    if (lastPattern == null || !LikePattern.same(lastPattern, pattern)) {
      matcher = compile(ofSimilar(pattern.toString(), escape), Pattern.DOTALL).matcher("");
      lastPattern = LikePattern.bytes(pattern);
    }
    return matcher.reset(text.toString());
  }

  private static Pattern compile(String pattern, int flags) {
    try {
      return Pattern.compile(pattern, flags);
    } catch (PatternSyntaxException e) {
      throw Failures.argument(
          "'" + pattern + "' is not a regular expression: " + e.getDescription() + ".");
    }
  }

  /** SIMILAR TO has % and _ for any text and any character, and | * + ? {} () [] as usual. */
  private static String ofSimilar(String pattern, String escape) {
    StringBuilder result = new StringBuilder();
    boolean inClass = false;
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (!escape.isEmpty() && c == escape.charAt(0) && i + 1 < pattern.length()) {
        result.append(Pattern.quote(String.valueOf(pattern.charAt(++i))));
      } else if (inClass) {
        inClass = c != ']';
        result.append(c == '\\' || c == '[' || c == '&' ? "\\" : "").append(c);
      } else if (c == '[') {
        inClass = true;
        result.append(c);
      } else if (c == '%') {
        result.append(".*");
      } else if (c == '_') {
        result.append('.');
      } else if (".^$\\".indexOf(c) >= 0) {
        result.append('\\').append(c);
      } else {
        result.append(c);
      }
    }
    return result.toString();
  }
}
