package io.laminardb.sql.parser;

import java.math.BigDecimal;

/**
 * Numbers of rows that say something more. The grammar has no words for distances in groups of peers
 * and for rows WITH TIES: their numbers are marked as the statement is read, by adding what no number
 * of rows can reach, and seen through by the planner.
 */
public final class MarkedNumbers {
  /** What is added. */
  private static final BigDecimal MARK = BigDecimal.TEN.pow(18);

  private static final int DIGITS = 15;

  private MarkedNumbers() {}

  /** A number marked, as text. */
  static String marked(String number) {
    return MARK.add(new BigDecimal(limited(number))).toPlainString();
  }

  /** A number of rows that could be taken for a marked one is as good as a smaller one. */
  public static String limited(String number) {
    boolean large = number.length() > DIGITS && number.chars().allMatch(Character::isDigit);
    return large ? "9".repeat(DIGITS) : number;
  }

  /** Whether a number was marked. */
  public static boolean isMarked(BigDecimal number) {
    BigDecimal rest = number.subtract(MARK);
    return rest.signum() >= 0 && rest.precision() - rest.scale() <= DIGITS;
  }

  /** The number that was marked, or the number itself. */
  public static BigDecimal unmarked(BigDecimal number) {
    return isMarked(number) ? number.subtract(MARK) : number;
  }
}
