package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** Whatever stands in a file: rows or a counted bad record, the same for every batching. */
class FuzzTest extends FilesFixture {
  private static final Schema SCHEMA =
      schema(
          Field.of("a", DataType.VARCHAR),
          Field.of("b", DataType.BIGINT),
          Field.notNull("c", DataType.BOOLEAN),
          Field.of("d", DataType.timestamp(3)));
  private static final String[] CSV = {
    "a", "1", ",", ",", ",", "\n", "\n", "\"", "true", "false", "x", "2024-01-01", "\r", "é", "-"
  };
  private static final String[] JSON = {
    "{",
    "}",
    "{\"c\":true",
    ",\"a\":",
    "\"b\":",
    "1",
    "\"x\"",
    "null",
    "[",
    "]",
    "}\n",
    "\n",
    "{\"c\":false}\n",
    "\\u0",
    "\"",
    "{\"d\":\"2024-01-01\",\"c\":1}\n",
    ",",
    "1e5",
    "é",
    "\0"
  };

  private static byte[] content(Random random, String header, String[] pieces) {
    StringBuilder text = new StringBuilder(header);
    for (int n = random.nextInt(200); n > 0; n--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    for (int n = random.nextInt(3); n > 0 && bytes.length > header.length(); n--) {
      int at = header.length() + random.nextInt(bytes.length - header.length());
      bytes[at] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  @Test
  void randomFilesAreReadTheSameInAnyBatching() throws IOException {
    long seed = Long.getLong("laminar.seed", 20_261_123);
    Random random = new Random(seed);
    long rows = 0;
    for (int i = 0; i < 500; i++) {
      boolean csv = random.nextBoolean();
      byte[] bytes = content(random, csv ? "a,b,c,d\n" : "", csv ? CSV : JSON);
      Path path = Files.write(directory.resolve(csv ? "t.csv" : "t.json"), bytes);
      SourceConnector source = source(path, "on_error", "skip");
      try (SourceReader one = source.open(SCHEMA);
          SourceReader many = source.open(SCHEMA)) {
        List<String> expected = rows(one, SCHEMA, 1);
        assertThat(rows(many, SCHEMA, 64)).as("seed " + seed + ", file " + i).isEqualTo(expected);
        assertThat(many.skippedRecords()).isEqualTo(one.skippedRecords());
        assertThat(one.bytesRead()).isEqualTo(bytes.length);
        rows += expected.size();
      }
    }
    assertThat(rows).as("seed " + seed).isGreaterThan(200);
  }

  @Test
  void damagedCompressedFilesAreAnError() throws IOException {
    byte[] whole = Files.readAllBytes(Path.of("../../examples/data/flights-200k.csv.gz"));
    Schema schema = schema(Field.of("origin", DataType.VARCHAR));
    Path cut = Files.write(directory.resolve("cut.csv.gz"), Arrays.copyOf(whole, 100_000));
    assertThatThrownBy(() -> rows(source(cut), schema))
        .hasMessageStartingWith(
            "IO_ERROR: file \"" + cut + "\" ends in the middle of its compressed data");
    whole[whole.length / 2] ^= 0x55;
    Path flipped = Files.write(directory.resolve("flipped.csv.gz"), whole);
    assertThatThrownBy(() -> rows(source(flipped), schema))
        .hasMessageContaining(flipped.toString());
    Path plain = file("plain.csv.gz", "origin\nLAX\n");
    assertThatThrownBy(() -> rows(source(plain), schema))
        .hasMessageStartingWith("IO_ERROR: file \"" + plain + "\" cannot be opened: ");
  }

  @Test
  void readingCsvAllocatesNothingPerRow() throws IOException {
    Path path = directory.resolve("flights.csv");
    try (GZIPInputStream in =
        new GZIPInputStream(
            Files.newInputStream(Path.of("../../examples/data/flights-200k.csv.gz")))) {
      Files.copy(in, path);
    }
    SourceConnector source = source(path);
    Schema schema = new Schema(source.inferSchema().orElseThrow(), false);
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (SourceReader reader = source.open(schema);
        Batch batch = new Batch(schema, Batch.DEFAULT_CAPACITY, allocator)) {
      int rows = 0;
      long before = 0;
      for (int read; (read = reader.read(batch)) > 0; batch.clear()) {
        rows += read;
        if (before == 0) {
          before = thread.getCurrentThreadAllocatedBytes();
        }
      }
      long allocated = thread.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated).isLessThan(rows / 10);
    }
  }
}
