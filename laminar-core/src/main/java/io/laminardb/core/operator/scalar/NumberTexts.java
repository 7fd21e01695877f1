package io.laminardb.core.operator.scalar;

import java.math.BigDecimal;

/**
 * Floating point numbers as DuckDB writes them: the shortest digits that read back as the same
 * number, with an exponent of two digits and more outside of 1e-5 .. 1e16.
 */
final class NumberTexts {
  private static final double LARGE = 1e16;
  private static final double SMALL = 1e-4;

  private NumberTexts() {}

  static String of(double value) {
    return special(value) != null ? special(value) : format(new BigDecimal(shortest(value)), value);
  }

  static String of(float value) {
    return special(value) != null
        ? special(value)
        : format(new BigDecimal(Float.toString(value)), value);
  }

  private static String special(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    return value == 0 ? (1 / value < 0 ? "-0.0" : "0.0") : null;
  }

  private static String format(BigDecimal digits, double value) {
    BigDecimal stripped = digits.stripTrailingZeros();
    double size = Math.abs(value);
    if (size >= SMALL && size < LARGE) {
      return (stripped.scale() < 1 ? stripped.setScale(1) : stripped).toPlainString();
    }
    String unscaled = stripped.unscaledValue().abs().toString();
    int exponent = unscaled.length() - 1 - stripped.scale();
    String mantissa =
        unscaled.length() == 1 ? unscaled : unscaled.charAt(0) + "." + unscaled.substring(1);
    String power = Math.abs(exponent) < 10 ? "0" + Math.abs(exponent) : "" + Math.abs(exponent);
    return (value < 0 ? "-" : "") + mantissa + "e" + (exponent < 0 ? "-" : "+") + power;
  }

  /** Before JDK 19 {@code Double.toString} sometimes has a digit too many. */
  private static String shortest(double value) {
    String text = Double.toString(value);
    BigDecimal digits = new BigDecimal(text);
    if (digits.precision() < 16) {
      return text;
    }
    for (int precision = 15; precision <= 17; precision++) {
      BigDecimal rounded = new BigDecimal(value).round(new java.math.MathContext(precision));
      if (rounded.doubleValue() == value) {
        return rounded.precision() < digits.precision() ? rounded.toString() : text;
      }
    }
    return text;
  }
}
