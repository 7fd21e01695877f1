package io.laminardb.core.operator.scalar;

/** Reads dates and times from a text, from left to right. */
final class TimeReader {
  private final String text;
  private final String type;
  private int at;

  TimeReader(String text, String type) {
    this.text = text.strip();
    this.type = type;
  }

  /** Days since the epoch of {@code [-]y-m-d}. */
  long date() {
    boolean negative = take('-');
    long year = digits(1, 6);
    char separator = at < text.length() ? text.charAt(at) : 0;
    if (separator != '-' && separator != '/') {
      throw failure();
    }
    at++;
    int month = (int) digits(1, 2);
    expect(separator);
    int day = (int) digits(1, 2);
    year = negative ? -year : year;
    if (month < 1 || month > 12 || day < 1 || day > Calendar.daysOfMonth(year, month)) {
      throw failure();
    }
    return Calendar.days(year, month, day);
  }

  /** Nanoseconds since midnight of the time behind a blank or T, or 0 without one. */
  long optionalTime() {
    if (at == text.length()) {
      return 0;
    }
    if (!take('T') && !take('t')) {
      expect(' ');
      while (take(' ')) {
        continue;
      }
    }
    return time();
  }

  /** Nanoseconds since midnight of {@code h:m[:s[.fraction]]}. */
  long time() {
    long hour = digits(1, 2);
    expect(':');
    long minute = digits(1, 2);
    long second = take(':') ? digits(1, 2) : 0;
    long nanos = 0;
    if (take('.') || take(',')) {
      int start = at;
      while (at < text.length() && Character.isDigit(text.charAt(at))) {
        if (at - start < 9) {
          nanos = nanos * 10 + text.charAt(at) - '0';
        }
        at++;
      }
      for (int i = at - start; i < 9; i++) {
        nanos *= 10;
      }
      if (at == start) {
        throw failure();
      }
    }
    if (hour > 23 || minute > 59 || second > 59) {
      throw failure();
    }
    return (hour * 3600 + minute * 60 + second) * 1_000_000_000L + nanos;
  }

  /** Seconds east of UTC of Z, +hh, +hhmm or +hh:mm, or 0 without an offset. */
  long offset() {
    while (take(' ')) {
      continue;
    }
    if (at == text.length()) {
      return 0;
    }
    if (take('Z') || take('z') || text.startsWith("UTC", at) && (at += 3) > 0) {
      return 0;
    }
    boolean west = take('-');
    if (!west) {
      expect('+');
    }
    long hours = digits(2, 2);
    long minutes = 0;
    if (at < text.length()) {
      take(':');
      minutes = digits(2, 2);
    }
    if (hours > 18 || minutes > 59) {
      throw failure();
    }
    return (west ? -1 : 1) * (hours * 3600 + minutes * 60);
  }

  void end() {
    if (at != text.length()) {
      throw failure();
    }
  }

  private boolean take(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!take(c)) {
      throw failure();
    }
  }

  private long digits(int min, int max) {
    long value = 0;
    int start = at;
    while (at < text.length() && at - start < max) {
      char c = text.charAt(at);
      if (c < '0' || c > '9') {
        break;
      }
      value = value * 10 + c - '0';
      at++;
    }
    if (at - start < min) {
      throw failure();
    }
    return value;
  }

  private RuntimeException failure() {
    return Failures.cast(text, type);
  }
}
