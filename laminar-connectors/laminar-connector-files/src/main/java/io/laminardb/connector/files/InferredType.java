package io.laminardb.connector.files;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.text.TextParser;

/** The narrowest type that all values seen of one column fit. */
final class InferredType {
  private static final int BIGINT = 1;
  private static final int DOUBLE = 2;
  private static final int BOOLEAN = 4;
  private static final int DATE = 8;
  private static final int TIMESTAMP = 16;
  private static final int ALL = 31;
  private static final int TIMES = DATE | TIMESTAMP;

  private final TimestampText timestamps;
  private final TextParser parser = new TextParser();
  private int possible = ALL;
  private boolean any;
  private int fractionDigits;

  InferredType(TimestampText timestamps) {
    this.timestamps = timestamps;
  }

  /** A value that can only be text. */
  void seeText() {
    any = true;
    possible = 0;
  }

  /** A value in quotes: text, or a time. */
  void seeString(byte[] text) {
    possible &= TIMES;
    see(text, 0, text.length);
  }

  void see(byte[] bytes, int from, int to) {
    any = true;
    if (possible != 0) {
      possible &= typesOf(bytes, from, to);
    }
  }

  private int typesOf(byte[] bytes, int from, int to) {
    if (startsLikeCode(bytes, from, to)) {
      return 0;
    }
    int types = 0;
    if (parser.parseLong(bytes, from, to)) {
      types |= BIGINT | DOUBLE;
    } else if (parser.parseDouble(bytes, from, to)) {
      types |= DOUBLE;
    }
    boolean word = to - from > 3 && parser.parseBoolean(bytes, from, to);
    types |= word ? BOOLEAN : 0;
    if (parser.parseDate(bytes, from, to)) {
      types |= DATE;
    }
    if (types == 0 || types == DATE) {
      types |= timeOf(bytes, from, to);
    }
    return types;
  }

  private int timeOf(byte[] bytes, int from, int to) {
    DataType finest = DataType.timestamp(6);
    if (timestamps.isIso()) {
      boolean time = parser.parseTimestamp(bytes, from, to, finest);
      fractionDigits = time ? Math.max(fractionDigits, parser.fractionDigits()) : fractionDigits;
      return time ? TIMESTAMP : 0;
    }
    return timestamps.parse(bytes, from, to, finest, parser) ? TIMESTAMP : 0;
  }

  /** Whether digits start with a 0 that a number would lose, as in a postal code. */
  private static boolean startsLikeCode(byte[] bytes, int from, int to) {
    return to - from > 1
        && bytes[from] == '0'
        && bytes[from + 1] >= '0'
        && bytes[from + 1] <= '9'
        && (to - from < 5 || bytes[from + 4] != '-');
  }

  /** VARCHAR where nothing was seen. */
  DataType result() {
    if (!any || possible == 0) {
      return DataType.VARCHAR;
    }
    if ((possible & BIGINT) != 0) {
      return DataType.BIGINT;
    }
    if ((possible & DOUBLE) != 0) {
      return DataType.DOUBLE;
    }
    if ((possible & BOOLEAN) != 0) {
      return DataType.BOOLEAN;
    }
    if ((possible & DATE) != 0) {
      return DataType.DATE;
    }
    return DataType.timestamp(fractionDigits <= 3 ? 3 : fractionDigits <= 6 ? 6 : 9);
  }
}
