package io.laminardb.core.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowText;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViewContentTest {
  private static final Schema SCHEMA =
      Schema.changelog(
          Field.of("name", DataType.VARCHAR),
          Field.of("flag", DataType.BOOLEAN),
          Field.of("small", DataType.SMALLINT),
          Field.of("price", DataType.DOUBLE),
          Field.of("amount", DataType.decimal(30, 2)));

  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void everythingIsFreed() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void countsRowsLikeAMapThroughInsertsRetractionsAndRestores(long seed) {
    Random random = new Random(seed);
    TreeMap<Integer, Integer> model = new TreeMap<>();
    ViewContent content = new ViewContent("v", SCHEMA, allocator);
    try (Batch batch = new Batch(SCHEMA, 50, allocator)) {
      for (int round = 0; round < 400; round++) {
        batch.clear();
        while (!batch.isFull()) {
          int id = random.nextInt(3000);
          boolean retract = model.getOrDefault(id, 0) > 0 && random.nextInt(20) < 11;
          write(batch, id, retract ? -1 : 1);
          model.merge(id, retract ? -1 : 1, Integer::sum);
          if (random.nextInt(3) > 0 && !batch.isFull() && !retract) {
            write(batch, id, -1);
            model.merge(id, -1, Integer::sum);
          }
        }
        content.offer(batch);
        if (round % 100 == 50) {
          StateWriter writer = new StateWriter();
          content.snapshot(writer);
          ViewContent restored = new ViewContent("v", SCHEMA, allocator);
          restored.restore(new StateReader(writer.toBytes()));
          content.close();
          content = restored;
        }
        assertThat(content.rows()).as("seed %d", seed).isEqualTo(sum(model));
      }
      List<String> expected = new ArrayList<>();
      model.forEach(
          (id, count) -> {
            for (int i = 0; i < count; i++) {
              expected.add(text(id));
            }
          });
      assertThat(read(content)).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
    } finally {
      content.close();
    }
  }

  private static long sum(TreeMap<Integer, Integer> model) {
    return model.values().stream().mapToLong(Integer::intValue).sum();
  }

  private List<String> read(ViewContent content) {
    List<String> rows = new ArrayList<>();
    for (Batch batch : content.copy(allocator)) {
      try (batch) {
        for (int row = 0; row < batch.to(); row++) {
          assertThat(batch.weight(row)).isEqualTo(1);
          rows.add(RowText.of(batch, row));
        }
      }
    }
    return rows;
  }

  private String text(int id) {
    try (Batch batch = new Batch(SCHEMA, 1, allocator)) {
      write(batch, id, 1);
      return RowText.of(batch, 0);
    }
  }

  private static void write(Batch batch, int id, int weight) {
    int row = batch.rowCount();
    if (id % 10 == 0) {
      batch.column(0).setNull(row);
    } else {
      byte[] name = "n".repeat(id % 30).concat("" + id).getBytes(StandardCharsets.UTF_8);
      batch.column(0).putBytes(row, name, 0, name.length);
    }
    batch.column(1).putBoolean(row, id % 2 == 0);
    if (id % 3 == 0) {
      batch.column(2).setNull(row);
    } else {
      batch.column(2).putLong(row, id - 1500);
    }
    batch.column(3).putDouble(row, id % 7 == 0 ? Double.NaN : id / 8.0);
    batch.column(4).putDecimal(row, -id, -1);
    batch.endRow(weight);
  }
}
