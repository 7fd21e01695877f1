package io.laminardb.core.operator.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Regular expressions beside Java's own. */
class RegexpTest {
  private static final long SEED = 11;

  private static final String[] PARTS = {
    "a", "b", "ab", "ba", "bab", "é", "(", ")", "(?:", "(?i)", "|", "*", "+", "?", "{2}", "{0,1}",
    "{1,}", "[ab]", "[^a]", "[]b]", "[a&&b]", "[&a]", ".", "^", "$", "\\b", "\\w", "\\.", "\\Q",
    "*?", "\\1", "]", "}", "\n"
  };
  private static final String[] PIECES = {
    "a", "b", "ab", "bab", "B", ".", "]", "}", "é", "\n", "&"
  };

  private final RootAllocator allocator = new RootAllocator();

  @AfterEach
  void allMemoryIsFreed() {
    allocator.close();
  }

  @Test
  void findsWhatJavaFinds() {
    Random random = new Random(SEED);
    int compared = 0;
    try (Utf8Buffer text = new Utf8Buffer(allocator);
        Utf8Buffer pattern = new Utf8Buffer(allocator);
        Utf8Buffer buffer = new Utf8Buffer(allocator)) {
      while (compared < 5_000) {
        String source = any(random, PARTS, 7);
        Pattern compiled;
        try {
          compiled = Pattern.compile(source);
        } catch (PatternSyntaxException e) {
          continue;
        }
        Regexp regexp = new Regexp();
        pattern.setString(source);
        for (int i = 0; i < 5; i++, compared++) {
          String searched = any(random, PIECES, 12);
          text.setString(searched);
          Matcher found = compiled.matcher(searched);
          boolean any = found.find();
          String where = "'" + source + "' in '" + searched + "', seed " + SEED;
          assertThat(regexp.matches(text, pattern)).as(where).isEqualTo(any);
          assertThat(regexp.instr(text, pattern))
              .as(where)
              .isEqualTo(any ? searched.codePointCount(0, found.start()) + 1 : 0);
          int group = random.nextInt(found.groupCount() + 1);
          String part = any ? found.group(group) : null;
          assertThat(regexp.extract(buffer, text, pattern, group).toString())
              .as(where)
              .isEqualTo(part == null ? "" : part);
          Utf8 first = regexp.substr(buffer, text, pattern);
          assertThat(first == null ? null : first.toString())
              .as(where)
              .isEqualTo(any ? found.group() : null);
        }
      }
    }
  }

  @Test
  void knowsATextThatEachMatchContains() {
    try (Utf8Buffer text = new Utf8Buffer(allocator)) {
      RequiredText required = RequiredText.of("(&|^)channel_id=([^&]*)");
      assertThat(required.find(text.setString("https://there/?query=1&channel_id=7")))
          .isEqualTo(23);
      assertThat(required.earliestStart(23)).isEqualTo(22);
      assertThat(required.find(text.setString("https://there/?query=1&channel="))).isEqualTo(-1);
      assertThat(required.find(text.setString(""))).isEqualTo(-1);
      assertThat(RequiredText.of("a+bc|bcd")).isSameAs(RequiredText.NONE);
    }
  }

  private static String any(Random random, String[] parts, int most) {
    StringBuilder result = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      result.append(parts[random.nextInt(parts.length)]);
    }
    return result.toString();
  }
}
