package io.laminardb.core.operator.scalar;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Patterns of GLOB as regular expressions: {@code *} is any text, {@code ?} any code point, {@code [a-c]}
 * one of a list, {@code [!a-c]} one that is not in it, and a backslash takes the meaning from what is
 * behind it. A list that is not closed matches nothing.
 */
final class Glob {
  private static final String NOTHING = "(?!)";

  private final int[] points;
  private final StringBuilder regex = new StringBuilder();

  private Glob(String pattern) {
    points = pattern.codePoints().toArray();
  }

  /** The regular expression that matches the same whole texts, with {@link Pattern#DOTALL}. */
  static String regex(String pattern) {
    return new Glob(pattern).translated();
  }

  private String translated() {
    for (int i = 0; i < points.length; i++) {
      switch (points[i]) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        case '[' -> {
          int close = close(i);
          if (close < 0) {
            return NOTHING;
          }
          list(i + 1, close);
          i = close;
        }
        case '\\' -> {
          if (++i == points.length) {
            return NOTHING;
          }
          plain(points[i]);
        }
        default -> plain(points[i]);
      }
    }
    return regex.toString();
  }

  /** Where the list that opens at {@code open} closes, or -1; its first code point is in it. */
  private int close(int open) {
    int first = open + 1 < points.length && points[open + 1] == '!' ? open + 2 : open + 1;
    for (int i = first + 1; i < points.length; i++) {
      if (points[i] == ']') {
        return i;
      }
    }
    return -1;
  }

  private void list(int from, int to) {
    boolean not = points[from] == '!';
    List<String> ranges = new ArrayList<>();
    for (int i = not ? from + 1 : from; i < to; i++) {
      boolean range = i + 2 < to && points[i + 1] == '-';
      int last = range ? points[i + 2] : points[i];
      if (points[i] <= last) {
        ranges.add(String.format("[\\x{%x}-\\x{%x}]", points[i], last));
      }
      i += range ? 2 : 0;
    }
    String any = ranges.isEmpty() ? NOTHING : "(?:" + String.join("|", ranges) + ")";
    regex.append(not ? "(?!" + any + ")." : any);
  }

  private void plain(int point) {
    regex.append(Pattern.quote(Character.toString(point)));
  }
}
