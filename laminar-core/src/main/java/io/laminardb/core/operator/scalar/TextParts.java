package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;

/** More text functions, of places in a text. Positions count code points from 1. */
public final class TextParts {
  private TextParts() {}

  /** OVERLAY: {@code with} in place of as many code points as it has, from {@code from} on. */
  public static Utf8 overlay(Utf8Buffer buffer, Utf8 text, Utf8 with, int from) {
    return overlay(buffer, text, with, from, Texts.length(with));
  }

  /** As {@link #overlay(Utf8Buffer, Utf8, Utf8, int)}, in place of {@code count} code points. */
  public static Utf8 overlay(Utf8Buffer buffer, Utf8 text, Utf8 with, int from, int count) {
    if (from < 1) {
      throw Failures.argument("OVERLAY begins at character 1 or later, not at " + from + ".");
    }
    int head = Texts.byteOf(text, from - 1L);
    int tail = Texts.byteOf(text, Math.max(0, from - 1L + count));
    int length = Texts.size((long) head + with.length + text.length - tail);
    long to = buffer.reserve(length);
    Memory.copy(text.address, to, head);
    Memory.copy(with.address, to + head, with.length);
    Memory.copy(text.address + tail, to + head + with.length, text.length - tail);
    buffer.length = head + with.length + text.length - tail;
    return buffer;
  }

  /** Where {@code part} begins in {@code text} at {@code from} or later, or 0. */
  public static int position(Utf8 part, Utf8 text, int from) {
    if (from < 1) {
      return 0;
    }
    int start = Texts.byteOf(text, from - 1L);
    int at = Texts.indexOf(text, part, start);
    int position = from;
    for (int i = start; i < at; i++) {
      if ((Memory.getByte(text.address + i) & 0xc0) != 0x80) {
        position++;
      }
    }
    return at < 0 ? 0 : position;
  }

  /** SPLIT_INDEX of Flink: part {@code index} (from 0) between separators, or null. */
  public static Utf8 splitIndex(Utf8Buffer buffer, Utf8 text, Utf8 separator, int index) {
    if (index < 0 || separator.length == 0) {
      return null;
    }
    int from = 0;
    for (int part = 0; ; part++) {
      int at = Texts.indexOf(text, separator, from);
      if (part == index) {
        return Texts.slice(buffer, text, from, at < 0 ? text.length : at);
      }
      if (at < 0) {
        return null;
      }
      from = at + separator.length;
    }
  }

  /** The code point at a place, from the end where that is negative; empty where there is none. */
  public static Utf8 characterAt(Utf8Buffer buffer, Utf8 text, long place) {
    return slice(buffer, text, place, place);
  }

  /** From place to place, both included, from the end where they are negative: as of an ARRAY. */
  public static Utf8 slice(Utf8Buffer buffer, Utf8 text, long from, long to) {
    int count = from < 0 || to < 0 ? Texts.length(text) : 0;
    long first = from < 0 ? Math.max(1, count + from + 1) : Math.max(1, from);
    long last = to < 0 ? count + to + 1 : to;
    int start = Texts.byteOf(text, first - 1);
    return Texts.slice(buffer, text, start, Texts.byteOf(text, last));
  }

  public static int bitLength(Utf8 text) {
    return text.length * 8;
  }

  /** The first code point as a number; -1 for an empty text. */
  public static int unicode(Utf8 text) {
    return text.length == 0 ? -1 : Texts.ascii(text);
  }
}
