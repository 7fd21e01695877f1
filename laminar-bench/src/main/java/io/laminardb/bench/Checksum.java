package io.laminardb.bench;

/** An order-independent checksum of result rows, so that engines with other orders compare equal. */
final class Checksum {
  private Checksum() {}

  /** Spreads a value's bits; sums of spread rows do not cancel out by accident. */
  static long mix(long value) {
    long h = value * 0x9E3779B97F4A7C15L;
    h ^= h >>> 32;
    h *= 0xD6E8FEB86659FD93L;
    return h ^ h >>> 29;
  }

  /** One row: a short text's bytes as a word, and two values. */
  static long row(long textWord, long first, long second) {
    return mix(textWord + mix(first + mix(second)));
  }
}
