package io.laminardb.connector.files;

import java.util.Arrays;

/**
 * Finds the fields of a CSV record in bytes, as RFC 4180 lays them out: a field that starts with a
 * quote ends with one, a doubled quote inside stands for itself, and a record ends with CR LF, LF or
 * CR. A quote inside a bare field is an ordinary character. One thread; no allocation per record.
 */
final class CsvSplitter {
  /** The record does not end in the bytes given. */
  static final int INCOMPLETE = -1;

  private final byte delimiter;
  private final byte quote;
  private int[] starts = new int[32];
  private int[] ends = new int[32];
  private byte[] kinds = new byte[32];
  private int count;
  private int lineBreaks;
  private String problem;

  private static final byte BARE = 0;
  private static final byte QUOTED = 1;
  private static final byte ESCAPED = 2; // quoted, with doubled quotes inside

  CsvSplitter(byte delimiter, byte quote) {
    this.delimiter = delimiter;
    this.quote = quote;
  }

  /** Fields of the record found last. */
  int count() {
    return count;
  }

  /** First byte of a field, behind an opening quote. */
  int start(int field) {
    return starts[field];
  }

  /** Behind the last byte of a field, on a closing quote. */
  int end(int field) {
    return ends[field];
  }

  boolean isQuoted(int field) {
    return kinds[field] != BARE;
  }

  /** Whether {@link #unescape} is needed to read the field. */
  boolean isEscaped(int field) {
    return kinds[field] == ESCAPED;
  }

  /** Lines the record takes. */
  int lines() {
    return lineBreaks;
  }

  /** What breaks the rules in the record, or null. */
  String problem() {
    return problem;
  }

  /**
   * Splits the record that starts at {@code from}.
   *
   * @param last whether nothing comes behind {@code limit}, so that the end of the bytes ends the
   *     record
   * @return where the next record starts, or {@link #INCOMPLETE}
   */
  int split(byte[] bytes, int from, int limit, boolean last) {
    count = 0;
    lineBreaks = 1;
    problem = null;
    int i = from;
    while (true) {
      if (count == starts.length) {
        grow();
      }
      if (i < limit && bytes[i] == quote) {
        i = quoted(bytes, i + 1, limit, last);
      } else {
        i = bare(bytes, i, limit);
      }
      count++;
      if (i < 0 || (i == limit && !last)) {
        return INCOMPLETE;
      }
      if (i == limit) {
        return limit;
      }
      byte end = bytes[i++];
      if (end == delimiter) {
        continue;
      }
      if (end == '\r') {
        if (i == limit) {
          return last ? limit : INCOMPLETE; // a line feed may follow
        }
        return bytes[i] == '\n' ? i + 1 : i;
      }
      return i;
    }
  }

  /** Splits the next record of {@code input}, filling it as needed; see {@link #split}. */
  int splitNext(FileInput input) {
    while (true) {
      boolean last = input.isLast();
      if (input.position < input.limit) {
        int end = split(input.bytes, input.position, input.limit, last);
        if (end >= 0) {
          return end;
        }
      }
      if (last || (!input.fill() && !input.isLast())) {
        return INCOMPLETE;
      }
    }
  }

  private int bare(byte[] bytes, int from, int limit) {
    byte fieldEnd = delimiter;
    int i = from;
    while (i < limit) {
      byte b = bytes[i];
      if (b == fieldEnd || b == '\n' || b == '\r') {
        break;
      }
      i++;
    }
    starts[count] = from;
    ends[count] = i;
    kinds[count] = BARE;
    return i;
  }

  private int quoted(byte[] bytes, int from, int limit, boolean last) {
    starts[count] = from;
    kinds[count] = QUOTED;
    int i = from;
    while (i < limit) {
      byte b = bytes[i];
      if (b == quote) {
        if (i + 1 == limit || bytes[i + 1] != quote) {
          break;
        }
        kinds[count] = ESCAPED;
        i++;
      } else if (b == '\n') {
        lineBreaks++;
      } else if (b == '\r' && i + 1 < limit && bytes[i + 1] != '\n') {
        lineBreaks++;
      }
      i++;
    }
    ends[count] = i;
    if (i == limit) {
      problem = "a quote is opened and never closed";
      return last ? limit : INCOMPLETE;
    }
    int behind = i + 1;
    int end = behind;
    while (end < limit && bytes[end] != delimiter && bytes[end] != '\n' && bytes[end] != '\r') {
      end++;
    }
    if (end > behind) {
      problem = "text stands behind a closing quote";
    }
    return end;
  }

  /** Copies an escaped field to {@code target} with single quotes; returns its length. */
  int unescape(byte[] bytes, int field, byte[] target) {
    int length = 0;
    for (int i = starts[field]; i < ends[field]; i++) {
      target[length++] = bytes[i];
      if (bytes[i] == quote) {
        i++;
      }
    }
    return length;
  }

  private void grow() {
    starts = Arrays.copyOf(starts, count * 2);
    ends = Arrays.copyOf(ends, count * 2);
    kinds = Arrays.copyOf(kinds, count * 2);
  }
}
