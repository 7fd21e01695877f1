package io.laminardb.core.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.text.RowText;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class BatchCodecTest {
  private static final Schema SCHEMA =
      Schema.changelog(
          Field.of("flag", DataType.BOOLEAN),
          Field.notNull("number", DataType.INTEGER),
          Field.of("price", DataType.decimal(38, 2)),
          Field.of("name", DataType.VARCHAR),
          Field.of("at", DataType.timestamp(3)));

  private static Batch random(Random random, int rows, BufferAllocator allocator) {
    Batch batch = new Batch(SCHEMA, rows, allocator);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < SCHEMA.size(); i++) {
        Column column = batch.column(i);
        if (SCHEMA.field(i).nullable() && random.nextInt(rows) < 3) {
          column.setNull(row);
        } else if (i == 0) {
          column.putBoolean(row, random.nextBoolean());
        } else if (i == 2) {
          column.putDecimal(row, random.nextLong(), random.nextLong() >> 8);
        } else if (i == 3) {
          byte[] text = "x".repeat(random.nextInt(40)).getBytes(StandardCharsets.UTF_8);
          column.putBytes(row, text, 0, text.length);
        } else {
          column.putLong(row, random.nextInt());
        }
      }
      batch.endRow(random.nextBoolean() ? 1 : -1);
    }
    return batch;
  }

  @Test
  void rowsComeBackAsTheyWereFromAnyPieceOfABatch() {
    long seed = 7;
    Random random = new Random(seed);
    try (BufferAllocator allocator = new RootAllocator()) {
      BatchCodec codec = new BatchCodec(SCHEMA);
      for (int round = 0; round < 300; round++) {
        int rows = 1 + random.nextInt(200);
        try (Batch batch = random(random, rows, allocator)) {
          int from = random.nextInt(rows);
          batch.range(from, from + 1 + random.nextInt(rows - from));
          int maxLength = codec.maxLength(batch);
          try (ArrowBuf bytes = allocator.buffer(maxLength)) {
            int length = codec.write(batch, bytes.memoryAddress());
            assertThat(length % 8).isZero();
            assertThat(length).isLessThanOrEqualTo(maxLength);
            assertThat(BatchCodec.length(bytes.memoryAddress())).isEqualTo(length);
            try (Batch copy = codec.read(bytes.memoryAddress(), length, allocator)) {
              assertThat(copy.size()).isEqualTo(batch.size());
              for (int row = 0; row < copy.size(); row++) {
                assertThat(RowText.of(copy, row))
                    .as("row %s of round %s, seed %s", row, round, seed)
                    .isEqualTo(RowText.of(batch, from + row));
                assertThat(copy.weight(row)).isEqualTo(batch.weight(from + row));
              }
            }
          }
        }
      }
    }
  }

  @Test
  void bytesThatAreCutOffAreRefused() {
    Random random = new Random(3);
    try (BufferAllocator allocator = new RootAllocator();
        Batch batch = random(random, 20, allocator)) {
      BatchCodec codec = new BatchCodec(SCHEMA);
      try (ArrowBuf bytes = allocator.buffer(codec.maxLength(batch))) {
        int length = codec.write(batch, bytes.memoryAddress());
        for (int cut = 0; cut < length; cut += 8) {
          int available = cut;
          assertThatThrownBy(() -> codec.read(bytes.memoryAddress(), available, allocator).close())
              .isInstanceOf(LaminarException.class);
        }
        Memory.putInt(bytes.memoryAddress(), 1 << 20);
        assertThatThrownBy(() -> codec.read(bytes.memoryAddress(), length, allocator).close())
            .isInstanceOf(LaminarException.class);
      }
    }
  }
}
