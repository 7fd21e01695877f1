package io.laminardb.internal.row;

import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.memory.Memory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/** Between {@link BigDecimal} and the 16 bytes of a DECIMAL column. */
public final class Decimals {
  private static final BigInteger UNSIGNED_LONG =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private Decimals() {}

  /**
   * The unscaled value of {@code value} at the scale of {@code type}.
   *
   * @throws ArithmeticException if it has more digits than the type holds
   */
  public static BigInteger unscaled(DataType type, BigDecimal value) {
    BigDecimal scaled = value.setScale(type.scale(), RoundingMode.UNNECESSARY);
    if (scaled.precision() > type.precision()) {
      throw new ArithmeticException("too many digits");
    }
    return scaled.unscaledValue();
  }

  /** Writes an unscaled value. */
  static void put(long address, BigInteger unscaled) {
    Memory.putLong(address, unscaled.longValue());
    Memory.putLong(address + 8, unscaled.shiftRight(64).longValue());
  }

  /** The value of a row that is not NULL. */
  public static BigDecimal get(Column column, int row) {
    return of(column.getDecimalLow(row), column.getDecimalHigh(row), column.type().scale());
  }

  /** The value of an unscaled value's two halves. */
  static BigDecimal of(long low, long high, int scale) {
    if (high == low >> 63) {
      return BigDecimal.valueOf(low, scale);
    }
    BigInteger unscaled =
        BigInteger.valueOf(high).shiftLeft(64).or(BigInteger.valueOf(low).and(UNSIGNED_LONG));
    return new BigDecimal(unscaled, scale);
  }
}
