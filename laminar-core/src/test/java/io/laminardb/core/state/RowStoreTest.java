package io.laminardb.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;

class RowStoreTest {
  private static final long SEED = 20240607;
  private static final int ROWS = 200;
  private static final DataType[] TYPES = {
    DataType.BOOLEAN,
    DataType.TINYINT,
    DataType.SMALLINT,
    DataType.INTEGER,
    DataType.BIGINT,
    DataType.REAL,
    DataType.DOUBLE,
    DataType.decimal(38, 4),
    DataType.VARCHAR,
    DataType.VARBINARY,
    DataType.DATE,
    DataType.timestamp(6)
  };

  @Test
  void rowsComeBackAsTheyWentInWhateverWasFreedBetween() {
    for (int round = 0; round < 50; round++) {
      Random random = new Random(SEED + round);
      Schema schema = schema(random);
      try (BufferAllocator allocator = new RootAllocator()) {
        int[] all = IntStream.range(0, schema.size()).toArray();
        try (Batch batch = batch(schema, random, allocator);
            Batch read = new Batch(schema, ROWS, allocator);
            RowStore store = new RowStore(schema, all, 2, allocator)) {
          int[] selected = IntStream.range(0, ROWS).filter(i -> random.nextInt(4) > 0).toArray();
          long[] rows = new long[ROWS];
          store.add(batch, selected, selected.length, rows);
          for (int i = 0; i < selected.length; i += 2) {
            store.doom(rows[i]);
          }
          store.freeDoomed();
          store.add(batch, selected, selected.length, rows);
          StateWriter writer = new StateWriter();
          writer.section(StateWriter.NO_KEY_GROUP);
          store.write(rows[0], writer);
          StateReader reader = new StateReader(writer.toBytes());
          reader.section();
          rows[0] = store.read(reader);

          for (int place = 0; place < all.length; place++) {
            store.format().read(place, rows, selected.length, read.column(place), 0, 0);
          }
          read.rowCount(selected.length);
          for (int i = 0; i < selected.length; i++) {
            assertThat(bytes(read, i, allocator))
                .as("seed %d row %d of %s", SEED + round, i, schema)
                .isEqualTo(bytes(batch, selected[i], allocator));
          }
        }
        assertThat(allocator.getAllocatedMemory()).isZero();
      }
    }
  }

  @Test
  void keysThatAreEqualHaveOneEntry() {
    Schema schema =
        Schema.appendOnly(Field.of("d", DataType.DOUBLE), Field.of("t", DataType.VARCHAR));
    try (BufferAllocator allocator = new RootAllocator();
        Batch batch = new Batch(schema, 4, allocator);
        StateHeap heap = new StateHeap(allocator);
        KeySources keys =
            new KeySources(schema, new int[] {0, 1}, new boolean[] {false, true}, allocator);
        KeyedTable table = new KeyedTable(keys.format().layout(1), heap, allocator)) {
      String text = "a text of more than twelve bytes";
      put(batch, 0.0, text);
      put(batch, -0.0, text);
      put(batch, 0.0, null);
      put(batch, null, text);
      long[] entries = new long[4];
      keys.read(batch, new int[] {0, 1, 2, 3}, 4, entries);
      table.findOrInsert(entries, 4);
      assertThat(entries[0]).isNotZero().isEqualTo(entries[1]).isNotEqualTo(entries[2]);
      assertThat(entries[2]).isNotZero();
      assertThat(entries[3]).as("NULL equals nothing").isZero();
    }
  }

  private static void put(Batch batch, Double value, String text) {
    int row = batch.rowCount();
    if (value == null) {
      batch.column(0).setNull(row);
    } else {
      batch.column(0).putDouble(row, value);
    }
    putText(batch.column(1), row, text);
    batch.endRow();
  }

  private static void putText(Column column, int row, String text) {
    if (text == null) {
      column.setNull(row);
    } else {
      byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      column.putBytes(row, bytes, 0, bytes.length);
    }
  }

  private static Schema schema(Random random) {
    Field[] fields = new Field[1 + random.nextInt(90)];
    for (int i = 0; i < fields.length; i++) {
      DataType type = TYPES[random.nextInt(TYPES.length)];
      fields[i] = random.nextBoolean() ? Field.of("c" + i, type) : Field.notNull("c" + i, type);
    }
    return Schema.appendOnly(fields);
  }

  private static Batch batch(Schema schema, Random random, BufferAllocator allocator) {
    Batch batch = new Batch(schema, ROWS, allocator);
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < schema.size(); i++) {
        Column column = batch.column(i);
        Field field = schema.field(i);
        if (field.nullable() && random.nextInt(3) == 0) {
          column.setNull(row);
          continue;
        }
        switch (field.type().kind()) {
          case VARCHAR, VARBINARY -> putText(column, row, "x".repeat(random.nextInt(30)));
          case REAL, DOUBLE -> column.putDouble(row, random.nextGaussian());
          case DECIMAL -> column.putDecimal(row, random.nextLong(), random.nextInt());
          case BOOLEAN -> column.putBoolean(row, random.nextBoolean());
          default -> column.putLong(row, random.nextLong());
        }
      }
      batch.endRow();
    }
    return batch;
  }

  private static String bytes(Batch batch, int row, BufferAllocator allocator) {
    RowCodec codec = new RowCodec(batch.schema());
    int length = (int) codec.length(batch, row);
    try (ArrowBuf buffer = allocator.buffer(length)) {
      codec.write(batch, row, buffer.memoryAddress());
      byte[] bytes = new byte[length];
      buffer.getBytes(0, bytes);
      return Arrays.toString(bytes);
    }
  }
}
