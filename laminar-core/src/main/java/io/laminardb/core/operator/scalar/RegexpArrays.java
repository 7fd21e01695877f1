package io.laminardb.core.operator.scalar;

import io.laminardb.core.batch.nested.NestedWriter;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.util.regex.Matcher;

/** Functions of regular expressions that give an ARRAY of texts. One thread. */
public final class RegexpArrays {
  private final Regexp regexp = new Regexp();
  private final Utf8Buffer part;
  private final NestedWriter out;

  /**
   * @param part where an element is made; the caller's
   * @param result takes the array; the caller's
   */
  public RegexpArrays(Utf8Buffer part, Utf8Buffer result) {
    this.part = part;
    this.out = new NestedWriter(result);
  }

  /** REGEXP_EXTRACT_ALL: all matches. */
  public Utf8 extractAll(Utf8 text, Utf8 pattern) {
    return extractAll(text, pattern, 0);
  }

  /** REGEXP_EXTRACT_ALL: a group of all matches, empty where it took no part. */
  public Utf8 extractAll(Utf8 text, Utf8 pattern, int group) {
    Matcher found = regexp.matcher(text, pattern, group, 0);
    out.start();
    while (found.find()) {
      String match = found.group(group);
      out.putText(part.setString(match == null ? "" : match));
    }
    return out.mark(NestedWriter.END).result();
  }
}
