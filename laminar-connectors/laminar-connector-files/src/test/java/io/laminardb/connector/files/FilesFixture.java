package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.batch.text.RowFormat;
import io.laminardb.core.batch.text.TextWriter;
import io.laminardb.core.connector.ConnectorOptions;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A directory, an allocator that must end empty, and rows as CSV lines. */
abstract class FilesFixture {
  static final FilesConnector FILES = new FilesConnector();

  final BufferAllocator allocator = new RootAllocator();
  @TempDir Path directory;

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  Path file(String name, String content) {
    return write(directory.resolve(name), content, false);
  }

  static Path append(Path file, String content) {
    return write(file, content, true);
  }

  private static Path write(Path file, String content, boolean append) {
    try {
      byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
      return append
          ? Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND)
          : Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static SourceConnector source(Path path, String... options) {
    return FILES.source(options(path, options));
  }

  static ConnectorOptions options(Path path, String... keysAndValues) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("path", path.toString());
    for (int i = 0; i < keysAndValues.length; i += 2) {
      values.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return ConnectorOptions.of("FILES", values);
  }

  /** All rows of a bounded source, or those there are now of one that is followed. */
  List<String> rows(SourceReader reader, Schema schema, int batchRows) {
    List<String> lines = new ArrayList<>();
    RowFormat format = RowFormat.csv(schema, ',', '"', "");
    TextWriter text = new TextWriter();
    try (Batch batch = new Batch(schema, batchRows, allocator)) {
      while (reader.read(batch) > 0) {
        for (int row = 0; row < batch.rowCount(); row++) {
          text.clear();
          format.appendRow(batch, row, text);
          lines.add(text.toString().stripTrailing());
        }
        batch.clear();
      }
    }
    return lines;
  }

  List<String> rows(SourceConnector source, Schema schema) {
    try (SourceReader reader = source.open(schema)) {
      return rows(reader, schema, 3);
    }
  }

  static Schema schema(Field... fields) {
    return Schema.appendOnly(fields);
  }
}
