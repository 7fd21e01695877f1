package io.laminardb.core.operator.scalar;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/**
 * How FORMAT and PRINTF write one value. Numbers with fractions are rounded exactly, half to even.
 *
 * @param fill what fills the width
 * @param align {@code <}, {@code >}, {@code ^}, {@code =} for filling behind the sign, or 0 for texts to
 *     the left and numbers to the right
 * @param sign {@code +} or a blank before numbers that are not negative, or {@code -} for nothing
 * @param hash {@code 0x} before hexadecimal numbers, a point in every fraction, and their like
 * @param width least number of characters
 * @param group what stands between thousands, or 0
 * @param precision digits behind the point, or characters of a text; -1 where not said
 * @param type a letter as of C, or 0 for the one that fits the value
 * @param bits whether a negative number in hexadecimal digits and their like is that of its 64 bits
 */
record FormatSpec(
    char fill,
    char align,
    char sign,
    boolean hash,
    int width,
    char group,
    int precision,
    char type,
    boolean bits) {
  /** As {@code {}}. */
  static final FormatSpec PLAIN = new FormatSpec(' ', '\0', '-', false, 0, '\0', -1, '\0', false);

  private static final int DEFAULT_PRECISION = 6;
  private static final int GROUP_DIGITS = 3;
  private static final int LEAST_EXPONENT = -4; // of a number that is written without one

  FormatSpec aligned(char newFill, char newAlign) {
    return new FormatSpec(newFill, newAlign, sign, hash, width, group, precision, type, bits);
  }

  FormatSpec signed(char newSign) {
    return new FormatSpec(fill, align, newSign, hash, width, group, precision, type, bits);
  }

  FormatSpec alternate() {
    return new FormatSpec(fill, align, sign, true, width, group, precision, type, bits);
  }

  FormatSpec wide(int newWidth) {
    return new FormatSpec(fill, align, sign, hash, newWidth, group, precision, type, bits);
  }

  FormatSpec grouped(char newGroup) {
    return new FormatSpec(fill, align, sign, hash, width, newGroup, precision, type, bits);
  }

  FormatSpec precise(int newPrecision) {
    return new FormatSpec(fill, align, sign, hash, width, group, newPrecision, type, bits);
  }

  FormatSpec typed(char newType) {
    return new FormatSpec(fill, align, sign, hash, width, group, precision, newType, bits);
  }

  FormatSpec ofBits() {
    return new FormatSpec(fill, align, sign, hash, width, group, precision, type, true);
  }

  /** Appends a text. */
  void text(StringBuilder out, String value) {
    if (type != '\0' && type != 's') {
      throw misfit("a text");
    }
    boolean whole = precision < 0 || value.codePointCount(0, value.length()) <= precision;
    String part = whole ? value : value.substring(0, value.offsetByCodePoints(0, precision));
    pad(out, "", part, '<');
  }

  /** Appends a whole number. */
  void whole(StringBuilder out, long value) {
    switch (type) {
      case '\0', 'd' -> number(out, value < 0, "", grouped(unsigned(Long.toString(value))));
      case 'x' -> inBase(out, value, 16, "0x");
      case 'X' -> inBase(out, value, 16, "0X");
      case 'o' -> inBase(out, value, 8, "0");
      case 'b', 'B' -> inBase(out, value, 2, "0" + type);
      case 'c' -> character(out, value);
      case 's' -> text(out, Long.toString(value));
      default -> fraction(out, value, NumberTexts.of((double) value));
    }
  }

  private void inBase(StringBuilder out, long value, int base, String prefix) {
    String digits =
        bits ? Long.toUnsignedString(value, base) : unsigned(Long.toString(value, base));
    boolean capitals = type == 'X';
    number(
        out,
        !bits && value < 0,
        hash ? prefix : "",
        capitals ? digits.toUpperCase(Locale.ROOT) : digits);
  }

  /**
   * Appends a number with a fraction.
   *
   * @param shortest its digits where the type does not say how many
   */
  void fraction(StringBuilder out, double value, String shortest) {
    if (type == 's') {
      text(out, shortest);
      return;
    }
    if ("dxXobBc".indexOf(type) >= 0 && type != '\0') {
      throw misfit("a number with a fraction");
    }
    boolean negative = value < 0 || value == 0 && 1 / value < 0;
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      boolean zeros = fill == '0';
      (zeros ? aligned(' ', '>') : this)
          .number(out, negative, "", Double.isNaN(value) ? "nan" : "inf");
      return;
    }
    String digits =
        switch (type) {
          case 'f', 'F' -> fixed(exact(value), precision < 0 ? DEFAULT_PRECISION : precision);
          case 'e', 'E' -> scientific(exact(value), precision < 0 ? DEFAULT_PRECISION : precision);
          case 'g', 'G' -> general(exact(value), precision < 0 ? DEFAULT_PRECISION : precision);
          default -> precision < 0 ? unsigned(shortest) : general(exact(value), precision);
        };
    boolean capitals = type == 'E' || type == 'G';
    number(out, negative, "", grouped(capitals ? digits.toUpperCase(Locale.ROOT) : digits));
  }

  /** Appends TRUE or FALSE. */
  void truth(StringBuilder out, boolean value) {
    if (type == '\0' || type == 's') {
      text(out, Boolean.toString(value));
    } else {
      whole(out, value ? 1 : 0);
    }
  }

  private void character(StringBuilder out, long value) {
    if (value < 0 || value > Character.MAX_CODE_POINT) {
      throw Failures.argument("there is no character " + value + ".");
    }
    pad(out, "", Character.toString((int) value), '<');
  }

  private static String unsigned(String number) {
    return number.startsWith("-") ? number.substring(1) : number;
  }

  private static BigDecimal exact(double value) {
    return new BigDecimal(Math.abs(value));
  }

  private String fixed(BigDecimal value, int digits) {
    String text = value.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    return hash && digits == 0 ? text + "." : text;
  }

  private String scientific(BigDecimal value, int digits) {
    BigDecimal rounded = value.round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
    return mantissa(rounded, digits) + power(exponent(rounded));
  }

  private static int exponent(BigDecimal value) {
    return value.signum() == 0 ? 0 : value.precision() - value.scale() - 1;
  }

  private String mantissa(BigDecimal rounded, int digits) {
    return fixed(rounded.movePointLeft(exponent(rounded)), digits);
  }

  private static String power(int exponent) {
    int size = Math.abs(exponent);
    return (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + size;
  }

  /** So many digits in all, in the shorter of two forms. */
  private String general(BigDecimal value, int wanted) {
    int digits = Math.max(1, wanted);
    BigDecimal rounded = value.round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = exponent(rounded);
    return exponent >= LEAST_EXPONENT && exponent < digits
        ? stripped(fixed(rounded, digits - 1 - exponent))
        : stripped(mantissa(rounded, digits - 1)) + power(exponent);
  }

  private String stripped(String digits) {
    int end = digits.length();
    if (hash || digits.indexOf('.') < 0) {
      return digits;
    }
    while (digits.charAt(end - 1) == '0') {
      end--;
    }
    return digits.substring(0, digits.charAt(end - 1) == '.' ? end - 1 : end);
  }

  private String grouped(String digits) {
    int point = digits.indexOf('.');
    int end = point < 0 ? digits.length() : point;
    if (group == '\0' || digits.indexOf('e') >= 0) {
      return digits;
    }
    StringBuilder result = new StringBuilder(digits);
    for (int at = end - GROUP_DIGITS; at > 0; at -= GROUP_DIGITS) {
      result.insert(at, group);
    }
    return result.toString();
  }

  private void number(StringBuilder out, boolean negative, String prefix, String digits) {
    String before = negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
    pad(out, before + prefix, digits, '>');
  }

  private void pad(StringBuilder out, String before, String value, char usual) {
    int size = before.length() + value.codePointCount(0, value.length());
    int missing = Math.max(0, width - size);
    switch (align == '\0' ? usual : align) {
      case '<' -> fill(out.append(before).append(value), missing);
      case '^' -> {
        fill(out, missing / 2);
        fill(out.append(before).append(value), missing - missing / 2);
      }
      case '=' -> {
        fill(out.append(before), missing);
        out.append(value);
      }
      default -> {
        fill(out, missing);
        out.append(before).append(value);
      }
    }
  }

  private void fill(StringBuilder out, int count) {
    for (int i = 0; i < count; i++) {
      out.append(fill);
    }
  }

  private RuntimeException misfit(String what) {
    return Failures.argument("the type " + type + " of a format does not fit " + what + ".");
  }
}
