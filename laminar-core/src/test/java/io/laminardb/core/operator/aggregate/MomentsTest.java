package io.laminardb.core.operator.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MomentsTest {
  private static final int BYTES = 8 * Moments.WORDS;

  private BufferAllocator allocator;
  private ArrowBuf buffer;
  private long at;
  private long other;

  @BeforeEach
  void allocate() {
    allocator = new RootAllocator();
    buffer = allocator.buffer(2L * BYTES);
    buffer.setZero(0, buffer.capacity());
    at = buffer.memoryAddress();
    other = at + BYTES;
  }

  @AfterEach
  void free() {
    buffer.close();
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  private void add(long to, double... values) {
    for (double value : values) {
      Moments.add(to, value, 1);
    }
  }

  private void takeBack(double... values) {
    for (double value : values) {
      Moments.add(at, value, -1);
    }
  }

  @Test
  void givesTheVariancesOfASmallSample() {
    add(at, 2, 4, 4, 4, 5, 5, 7, 9);
    assertThat(Moments.variance(at, false)).isEqualTo(4);
    assertThat(Moments.variance(at, true)).isEqualTo(32 / 7.0);
    assertThat(Moments.deviation(at, false)).isEqualTo(2);
  }

  @Test
  void isNullForTooFewValues() {
    assertThat(Moments.isNull(at, false)).isTrue();
    add(at, 7);
    assertThat(Moments.isNull(at, false)).isFalse();
    assertThat(Moments.variance(at, false)).isZero();
    assertThat(Moments.isNull(at, true)).isTrue();
  }

  @Test
  void forgetsIntegersThatAreTakenBackEntirely() {
    double[] large = {1e15, -1e15 + 1, 123_456_789_012_345L, 3e9};
    add(at, 5, 5, 5);
    add(at, large);
    takeBack(large);
    assertThat(Moments.variance(at, true)).isZero();
    add(at, 6);
    assertThat(Moments.variance(at, true)).isEqualTo(0.25);
  }

  @Test
  void hasNoVarianceOverEqualValuesAfterRetractions() {
    Random random = new Random(20);
    double[] noise = random.doubles(1_000, -1e6, 1e6).toArray();
    add(at, noise);
    add(at, 0.1, 0.1, 0.1);
    takeBack(noise);
    assertThat(Moments.deviation(at, true)).isLessThan(1e-8);
    assertThat(Moments.variance(at, true)).isLessThan(1e-15);
  }

  @Test
  void tellsValuesFarFromZeroApart() {
    add(at, 1e12, 1e12 + 1, 1e12 + 2);
    assertThat(Moments.variance(at, true)).isEqualTo(1);
  }

  @Test
  void isNotANumberWhileAValueIsNotFiniteOrHuge() {
    double[] strange = {Double.NaN, Double.POSITIVE_INFINITY, -1e200};
    add(at, 1, 3);
    for (double value : strange) {
      add(at, value);
      assertThat(Moments.variance(at, true)).isNaN();
      takeBack(value);
      assertThat(Moments.variance(at, true)).isEqualTo(2);
    }
  }

  @Test
  void mergesAsIfTheValuesHadComeToOnePlace() {
    add(at, 1, 2);
    add(other, 30, 40, Double.NaN);
    Moments.merge(at, other);
    assertThat(Moments.variance(at, true)).isNaN();
    takeBack(Double.NaN);
    assertThat(Moments.variance(at, false)).isEqualTo(1172.75 / 4);
  }

  @Test
  void staysWithExactArithmeticOverRandomAdditionsAndRetractions() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      buffer.setZero(0, buffer.capacity());
      double scale = Math.pow(10, random.nextInt(8));
      List<Double> values = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        if (values.size() > 2 && random.nextInt(3) == 0) {
          takeBack(values.remove(random.nextInt(values.size())));
        } else {
          double value = 1e6 + random.nextGaussian() * scale;
          values.add(value);
          add(at, value);
        }
      }
      double expected = exactVariance(values);
      assertThat(Moments.variance(at, true))
          .as("seed %d", seed)
          .isCloseTo(expected, within(expected * 1e-14));
    }
  }

  private static double exactVariance(List<Double> values) {
    BigDecimal sum = BigDecimal.ZERO;
    BigDecimal squares = BigDecimal.ZERO;
    for (double value : values) {
      BigDecimal exact = new BigDecimal(value);
      sum = sum.add(exact);
      squares = squares.add(exact.multiply(exact));
    }
    BigDecimal count = BigDecimal.valueOf(values.size());
    return count
        .multiply(squares)
        .subtract(sum.multiply(sum))
        .divide(count.multiply(count.subtract(BigDecimal.ONE)), MathContext.DECIMAL128)
        .doubleValue();
  }
}
