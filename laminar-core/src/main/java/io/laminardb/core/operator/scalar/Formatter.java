package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.util.Arrays;
import java.util.List;

/**
 * FORMAT and PRINTF: called with a pattern, then each argument, then for the result. Remembers the last
 * pattern, so that a constant one is read once. One thread.
 */
public final class Formatter {
  private enum Kind {
    WHOLE,
    FRACTION,
    SHORT_FRACTION,
    TRUTH,
    TEXT
  }

  private final Utf8Buffer buffer;
  private final StringBuilder out = new StringBuilder();
  private String lastPattern;
  private List<FormatPattern.Piece> pieces;
  private int count; // arguments so far
  private Kind[] kinds = new Kind[4];
  private long[] bits = new long[4]; // of numbers
  private Utf8[] texts = new Utf8[4];

  /** A formatter that writes into a buffer of its caller. */
  public Formatter(Utf8Buffer buffer) {
    this.buffer = buffer;
  }

  /** Begins with a pattern of FORMAT. */
  public Formatter format(Utf8 pattern) {
    return begin(pattern.toString(), true);
  }

  /** Begins with a pattern of PRINTF. */
  public Formatter printf(Utf8 pattern) {
    return begin(pattern.toString(), false);
  }

  private Formatter begin(String pattern, boolean braces) {
    if (!pattern.equals(lastPattern)) {
      pieces = braces ? FormatPattern.ofBraces(pattern) : FormatPattern.ofPercents(pattern);
      lastPattern = pattern;
    }
    count = 0;
    return this;
  }

  public Formatter add(long value) {
    return add(Kind.WHOLE, value, null);
  }

  public Formatter add(double value) {
    return add(Kind.FRACTION, Double.doubleToRawLongBits(value), null);
  }

  public Formatter add(float value) {
    return add(Kind.SHORT_FRACTION, Double.doubleToRawLongBits(value), null);
  }

  public Formatter add(boolean value) {
    return add(Kind.TRUTH, value ? 1 : 0, null);
  }

  /** Adds a text, which stays as it is until {@link #result}. */
  public Formatter add(Utf8 value) {
    return add(Kind.TEXT, 0, value);
  }

  private Formatter add(Kind kind, long number, Utf8 text) {
    if (count == kinds.length) {
      kinds = Arrays.copyOf(kinds, count * 2);
      bits = Arrays.copyOf(bits, count * 2);
      texts = Arrays.copyOf(texts, count * 2);
    }
    kinds[count] = kind;
    bits[count] = number;
    texts[count++] = text;
    return this;
  }

  /** The text. */
  public Utf8 result() {
    out.setLength(0);
    for (FormatPattern.Piece piece : pieces) {
      if (piece.spec() == null) {
        out.append(piece.text());
      } else if (piece.argument() < count) {
        write(piece.argument(), piece.spec());
      } else {
        throw Failures.argument(
            "the format '" + Failures.shortened(lastPattern) + "' has no value " + missing(piece));
      }
    }
    return buffer.setString(out.toString());
  }

  private String missing(FormatPattern.Piece piece) {
    return piece.argument() + 1 + ", " + count + (count == 1 ? " is" : " are") + " given.";
  }

  private void write(int argument, FormatSpec spec) {
    double number = Double.longBitsToDouble(bits[argument]);
    switch (kinds[argument]) {
      case WHOLE -> spec.whole(out, bits[argument]);
      case FRACTION -> spec.fraction(out, number, NumberTexts.of(number));
      case SHORT_FRACTION -> spec.fraction(out, number, NumberTexts.of((float) number));
      case TRUTH -> spec.truth(out, bits[argument] != 0);
      case TEXT -> spec.text(out, texts[argument].toString());
    }
  }
}
