package io.laminardb.core.batch.nested;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.NestedParser;
import io.laminardb.core.batch.text.NestedText;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NestedBytesTest {
  private static final List<DataType> SCALARS =
      List.of(
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
          DataType.time(6),
          DataType.timestamp(3),
          DataType.timestampLtz(9));

  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void freesAllMemory() {
    allocator.close();
  }

  @Test
  void everyValueIsReadBackFromItsTextWithTheSameBytes() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    try (NestedWriter out = writer();
        NestedParser parser = new NestedParser(allocator)) {
      for (int i = 0; i < 2_000; i++) {
        DataType type = nestedType(random, 3);
        nested(type, random, out.start());
        Utf8 value = out.result();
        String text = NestedText.of(type, value);
        assertThat(NestedBytes.afterValue(type, value.address))
            .as("seed %s: %s %s", seed, type, text)
            .isEqualTo(value.address + value.length);
        byte[] json = text.getBytes(StandardCharsets.UTF_8);
        Utf8 parsed = parser.parse(type, json, 0, json.length);
        assertThat(parsed).as("seed %s: %s %s", seed, type, text).isNotNull();
        assertThat(parsed.sameAs(value)).as("seed %s: %s %s", seed, type, text).isTrue();
      }
    }
  }

  @Test
  void everyValueComesThroughAColumn() {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    Utf8 view = new Utf8();
    for (DataType type : SCALARS) {
      try (NestedWriter out = writer();
          NestedWriter again = writer();
          Utf8Buffer scratch = new Utf8Buffer(allocator);
          Batch batch = new Batch(Schema.appendOnly(Field.of("c", type)), 1, allocator)) {
        for (int i = 0; i < 200; i++) {
          batch.clear();
          item(type, random, out.start());
          Utf8 item = out.result();
          NestedCodec.read(item.address, type, batch.column(0), 0, view, scratch);
          NestedCodec.append(batch.column(0), 0, view, again.start());
          assertThat(again.result().sameAs(item)).as("seed %s: %s", seed, type).isTrue();
        }
      }
    }
  }

  @Test
  void bytesAreInTheOrderOfValues() {
    double[] doubles = {Double.NEGATIVE_INFINITY, -1.5, -0.0, 1e-300, 2, 1e300, Double.NaN};
    long[] longs = {Long.MIN_VALUE, -256, -1, 0, 1, 255, 256, Long.MAX_VALUE};
    String[] texts = {"", "\0", "\0a", "a", "a\0", "a\0b", "aa", "b", "é", "\ud83d\ude00"};
    List<byte[]> ordered = new ArrayList<>();
    try (NestedWriter out = writer();
        Utf8Buffer text = new Utf8Buffer(allocator)) {
      for (double value : doubles) {
        ordered.add(copy(out.start().putDouble(value).mark(NestedWriter.END).result()));
      }
      ordered.add(copy(out.start().putNull(DataType.DOUBLE).result()));
      assertOrdered(ordered);
      ordered.clear();
      for (long value : longs) {
        ordered.add(copy(out.start().putLong(value, 8).result()));
      }
      assertOrdered(ordered);
      ordered.clear();
      for (String value : texts) {
        ordered.add(copy(out.start().putText(text.setString(value)).putLong(5, 4).result()));
      }
      ordered.add(copy(out.start().putNull(DataType.VARCHAR).putLong(0, 4).result()));
      assertOrdered(ordered);
      assertThat(copy(out.start().putDouble(0.0).result()))
          .isEqualTo(copy(out.start().putDouble(-0.0).result()));
    }
  }

  @Test
  void mapsAreInTheOrderOfTheirKeys() {
    DataType type = DataType.map(DataType.INTEGER, DataType.VARCHAR);
    try (NestedWriter out = writer();
        NestedParser parser = new NestedParser(allocator)) {
      byte[] json = "{\"3\":\"c\",\"-1\":null,\"20\":\"a\"}".getBytes(StandardCharsets.UTF_8);
      Utf8 map = parser.parse(type, json, 0, json.length);
      assertThat(NestedText.of(type, map)).isEqualTo("{\"-1\":null,\"3\":\"c\",\"20\":\"a\"}");
      out.start().putLong(1, 4).putNull(DataType.VARCHAR).putLong(1, 4).putNull(DataType.VARCHAR);
      assertThatThrownBy(() -> NestedMaps.finish(type, out, 0, NestedMaps.Duplicates.REFUSED))
          .isInstanceOf(LaminarException.class)
          .hasMessageContaining("a MAP has a key twice");
    }
  }

  @Test
  void textThatIsNoValueIsRefused() {
    DataType row = DataType.row(List.of(Field.of("a", DataType.array(DataType.INTEGER))));
    try (NestedParser parser = new NestedParser(allocator)) {
      for (String text :
          List.of(
              "",
              "[",
              "{",
              "{\"a\"}",
              "{\"a\":[1,]}",
              "{\"a\":[1 2]}",
              "{\"a\":1}",
              "[1]",
              "{\"a\":[1.5]}",
              "{\"a\":[]}x",
              "{\"a\":[],\"a\":[]}",
              "{\"a\":\"\\u12\"}",
              "nul",
              "{\"b\":}",
              "{\"b\":[}",
              "{\"a\":[\"\\ud800\"]}",
              "[".repeat(1000))) {
        byte[] json = text.getBytes(StandardCharsets.UTF_8);
        assertThat(parser.parse(row, json, 0, json.length)).as(text).isNull();
      }
      byte[] more =
          "{\"b\":[{\"x\":\"]\"},1], \"a\" : [ 1 , null ]}".getBytes(StandardCharsets.UTF_8);
      assertThat(NestedText.of(row, parser.parse(row, more, 0, more.length)))
          .isEqualTo("{\"a\":[1,null]}");
    }
  }

  private NestedWriter writer() {
    return new NestedWriter(new Utf8Buffer(allocator));
  }

  private static byte[] copy(Utf8 value) {
    byte[] bytes = new byte[value.length];
    io.laminardb.core.memory.Memory.copyToHeap(value.address, bytes, 0, bytes.length);
    return bytes;
  }

  private static void assertOrdered(List<byte[]> values) {
    for (int i = 1; i < values.size(); i++) {
      assertThat(java.util.Arrays.compareUnsigned(values.get(i - 1), values.get(i)))
          .as("value %s", i)
          .isNegative();
    }
  }

  private static DataType type(Random random, int depth) {
    return depth == 0 || random.nextInt(3) > 0
        ? SCALARS.get(random.nextInt(SCALARS.size()))
        : nestedType(random, depth);
  }

  private static DataType nestedType(Random random, int depth) {
    switch (random.nextInt(3)) {
      case 0 -> {
        return DataType.array(type(random, depth - 1));
      }
      case 1 -> {
        return DataType.map(type(random, depth - 1), type(random, depth - 1));
      }
      default -> {
        List<Field> fields = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
          fields.add(Field.of("f" + i, type(random, depth - 1)));
        }
        return DataType.row(fields);
      }
    }
  }

  private void nested(DataType type, Random random, NestedWriter out) {
    int start = out.length();
    switch (type.kind()) {
      case ARRAY -> {
        for (int i = random.nextInt(4); i > 0; i--) {
          item(type.element(), random, out);
        }
        out.mark(NestedWriter.END);
      }
      case MAP -> {
        for (int i = random.nextInt(4); i > 0; i--) {
          int key = out.length();
          do {
            out.truncate(key);
            item(type.element(), random, out);
          } while (NestedBytes.isNull(out.address() + key));
          item(type.mapValue(), random, out);
        }
        NestedMaps.finish(type, out, start, NestedMaps.Duplicates.LAST_WINS);
      }
      default -> type.children().forEach(field -> item(field.type(), random, out));
    }
  }

  private void item(DataType type, Random random, NestedWriter out) {
    if (random.nextInt(6) == 0) {
      out.putNull(type);
      return;
    }
    boolean extreme = random.nextInt(4) == 0;
    switch (type.kind()) {
      case BOOLEAN -> out.putBoolean(random.nextBoolean());
      case TINYINT -> out.putLong(extreme ? Byte.MIN_VALUE : (byte) random.nextInt(), 1);
      case SMALLINT -> out.putLong(extreme ? Short.MIN_VALUE : (short) random.nextInt(), 2);
      case INTEGER -> out.putLong(extreme ? Integer.MIN_VALUE : random.nextInt(), 4);
      case BIGINT -> out.putLong(extreme ? Long.MIN_VALUE : random.nextLong(), 8);
      case DATE -> out.putLong(random.nextInt(40_000) - 20_000, 4);
      case TIME -> out.putLong(random.nextLong(86_400_000_000L), 8);
      case TIMESTAMP, TIMESTAMP_LTZ -> out.putLong(random.nextLong() >> 20, 8);
      case REAL -> out.putFloat(extreme ? Float.NaN : Float.intBitsToFloat(random.nextInt()));
      case DOUBLE ->
          out.putDouble(
              extreme ? Double.POSITIVE_INFINITY : Double.longBitsToDouble(random.nextLong()));
      case DECIMAL -> out.putDecimal(random.nextLong(), random.nextLong() >> 4);
      case VARCHAR -> {
        try (Utf8Buffer text = new Utf8Buffer(allocator)) {
          out.putText(text.setString(extreme ? "\0\"\\\n\0" : "t\ud83d\ude00é" + random.nextInt()));
        }
      }
      case VARBINARY -> {
        byte[] bytes = new byte[random.nextInt(5)];
        random.nextBytes(bytes);
        try (Utf8Buffer text = new Utf8Buffer(allocator)) {
          out.putText(text.setBytes(extreme ? new byte[3] : bytes));
        }
      }
      default -> {
        out.mark(NestedWriter.VALUE);
        nested(type, random, out);
      }
    }
  }
}
