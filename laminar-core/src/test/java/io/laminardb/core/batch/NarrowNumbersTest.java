package io.laminardb.core.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.memory.Memory;
import java.util.Random;
import java.util.function.LongSupplier;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class NarrowNumbersTest {
  private static final int ROWS = 1000;

  private final Random random = new Random(11);

  /** Bytes a row of a column that is written and read back, bit for bit. */
  private static double bytesPerRow(DataType type, LongSupplier values) {
    Schema schema = Schema.appendOnly(Field.notNull("v", type));
    BatchCodec codec = new BatchCodec(schema);
    try (BufferAllocator allocator = new RootAllocator();
        Batch batch = new Batch(schema, ROWS, allocator)) {
      int width = type.kind().width();
      long address = batch.column(0).dataAddress();
      for (int row = 0; row < ROWS; row++) {
        if (width == 8) {
          Memory.putLong(address + 8L * row, values.getAsLong());
        } else {
          Memory.putInt(address + 4L * row, (int) values.getAsLong());
        }
      }
      batch.rowCount(ROWS);
      try (ArrowBuf bytes = allocator.buffer(codec.maxLength(batch))) {
        int length = codec.write(batch, bytes.memoryAddress());
        try (Batch copy = codec.read(bytes.memoryAddress(), length, allocator)) {
          assertThat(Memory.equal(address, copy.column(0).dataAddress(), width * ROWS)).isTrue();
        }
        return (double) length / ROWS;
      }
    }
  }

  private double ofDoubles(double... some) {
    return bytesPerRow(
        DataType.DOUBLE, () -> Double.doubleToRawLongBits(some[random.nextInt(some.length)]));
  }

  @Test
  void numbersOfASmallRangeAreWrittenInFewBytes() {
    assertThat(bytesPerRow(DataType.BIGINT, () -> 7L)).isLessThan(0.1);
    assertThat(bytesPerRow(DataType.BIGINT, () -> 1L << 60 | random.nextInt(100))).isLessThan(1.1);
    assertThat(bytesPerRow(DataType.INTEGER, () -> random.nextInt(20_000))).isLessThan(2.1);
    assertThat(bytesPerRow(DataType.timestamp(3), () -> random.nextInt())).isLessThan(8.1);
    long[] time = {1_700_000_000_000L};
    assertThat(bytesPerRow(DataType.timestamp(3), () -> time[0] += 5)).isLessThan(2.1);
  }

  @Test
  void anyNumbersComeBack() {
    assertThat(bytesPerRow(DataType.BIGINT, random::nextLong)).isLessThan(8.1);
    assertThat(bytesPerRow(DataType.INTEGER, random::nextInt)).isLessThan(4.1);
    long[] ends = {Long.MIN_VALUE, Long.MAX_VALUE, 0, -1};
    bytesPerRow(DataType.BIGINT, () -> ends[random.nextInt(ends.length)]);
    for (int bits = 0; bits < 64; bits++) {
      long end = 1L << bits;
      bytesPerRow(DataType.BIGINT, () -> random.nextBoolean() ? end : end - 1);
      bytesPerRow(DataType.BIGINT, () -> random.nextBoolean() ? end : -end);
      bytesPerRow(DataType.INTEGER, () -> random.nextBoolean() ? end : -end);
    }
  }

  @Test
  void shortDecimalsAreWrittenAsWholeNumbers() {
    assertThat(ofDoubles(1.15, -2.3, 100.07, 0)).isLessThan(2.1);
    assertThat(ofDoubles(0.000001, 4)).isLessThan(4.1);
    assertThat(ofDoubles(5, 6, 7)).isLessThan(1.1);
  }

  @Test
  void doublesThatAreNoShortDecimalsComeBackBitForBit() {
    ofDoubles(-0.0, 1.5);
    ofDoubles(Double.NaN, Double.longBitsToDouble(0x7ff8000000000001L), 1);
    ofDoubles(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1);
    ofDoubles(Double.MAX_VALUE, Double.MIN_VALUE, 1 / 3.0);
    ofDoubles(0x1p51 + 0.5, -0x1p52 - 1, 0x1p53 + 2, 1e300, 9.3e18);
    for (int i = 0; i < 200; i++) {
      double value = random.nextInt(1 << 30) / 1e6;
      ofDoubles(value, Math.nextUp(value), value * (1 + random.nextDouble()));
      ofDoubles(Double.longBitsToDouble(random.nextLong()), value);
    }
  }
}
