package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.SourceConnector;
import io.laminardb.core.connector.SourceReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class FollowTest extends FilesFixture {
  private static final Schema EVENTS =
      schema(Field.of("id", DataType.BIGINT), Field.of("note", DataType.VARCHAR));

  private SourceReader follow(Path path, String... more) {
    String[] options = java.util.Arrays.copyOf(more, more.length + 2);
    options[more.length] = "follow";
    options[more.length + 1] = "true";
    return source(path, options).open(EVENTS);
  }

  @Test
  void givesOutLinesAsTheyAreCompleted() {
    Path path = file("t.csv", "id,no");
    try (SourceReader reader = follow(path)) {
      assertThat(rows(reader, EVENTS, 2)).isEmpty();
      append(path, "te\n1,a\n2,\"b");
      assertThat(rows(reader, EVENTS, 2)).containsExactly("1,a");
      append(path, "\nb\"\n3,c\n4,d\n5,e");
      assertThat(rows(reader, EVENTS, 2)).containsExactly("2,\"b\nb\"", "3,c", "4,d");
      append(path, "\n");
      assertThat(rows(reader, EVENTS, 2)).containsExactly("5,e");
      assertThat(rows(reader, EVENTS, 2)).isEmpty();
      assertThat(reader.bytesTotal()).isEqualTo(-1);
    }
  }

  @Test
  void waitsForAFileThatIsNotThereYetAndTakesUpNewOnesOfTheGlob() {
    try (SourceReader reader = follow(directory.resolve("*.csv"))) {
      assertThat(rows(reader, EVENTS, 10)).isEmpty();
      Path b = file("b.csv", "id,note\n1,b\n");
      assertThat(rows(reader, EVENTS, 10)).containsExactly("1,b");
      file("a.csv", "id,note\n2,a\n");
      append(b, "3,b\n");
      assertThat(rows(reader, EVENTS, 10)).containsExactlyInAnyOrder("2,a", "3,b");
    }
  }

  @Test
  void readsARotatedFileToItsEndAndTheNewOneFromItsStart() throws IOException {
    Path path = file("t.csv", "id,note\n1,a\n");
    try (SourceReader reader = follow(path)) {
      assertThat(rows(reader, EVENTS, 10)).containsExactly("1,a");
      append(path, "2,b\n3,c");
      Files.move(path, directory.resolve("t.csv.1"));
      assertThat(rows(reader, EVENTS, 10)).containsExactly("2,b");
      file("t.csv", "note,id\nd,4\n");
      assertThat(rows(reader, EVENTS, 10)).containsExactly("3,c", "4,d");
    }
  }

  @Test
  void readsAFileAnewThatBecameShorter() {
    Path path = file("t.csv", "id,note\n1,a\n2,b\n");
    try (SourceReader reader = follow(path)) {
      assertThat(rows(reader, EVENTS, 10)).containsExactly("1,a", "2,b");
      file("t.csv", "id,note\n3,c\n");
      assertThat(rows(reader, EVENTS, 10)).containsExactly("3,c");
    }
  }

  @Test
  void followsJsonLinesToo() {
    Path path = file("t.jsonl", "{\"id\":1,\"no");
    try (SourceReader reader = follow(path)) {
      assertThat(rows(reader, EVENTS, 10)).isEmpty();
      append(path, "te\":\"a\"}\n{\"id\":2}");
      assertThat(rows(reader, EVENTS, 10)).containsExactly("1,a");
      append(path, "\r\n");
      assertThat(rows(reader, EVENTS, 10)).containsExactly("2,");
    }
  }

  @Test
  void takesUpCompressedFilesThatAreMovedInWhole() throws IOException {
    Path staged = directory.resolve("x.csv.gz.part");
    try (SourceReader reader = follow(directory.resolve("*.csv.gz"))) {
      try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(staged))) {
        out.write("id,note\n1,a\n2,b".getBytes(StandardCharsets.UTF_8));
      }
      assertThat(rows(reader, EVENTS, 10)).isEmpty();
      Files.move(staged, directory.resolve("x.csv.gz"), StandardCopyOption.ATOMIC_MOVE);
      assertThat(rows(reader, EVENTS, 10)).containsExactly("1,a", "2,b");
      assertThat(rows(reader, EVENTS, 10)).isEmpty();
    }
  }

  @Test
  void goesOnWhereAnEarlierReaderStopped() {
    Path path = file("t.csv", "id,note\n1,a\n2,b\n3,");
    SourceConnector source = source(path, "follow", "true");
    byte[] offset;
    try (SourceReader reader = source.open(EVENTS);
        Batch one = new Batch(EVENTS, 1, allocator)) {
      assertThat(reader.read(one)).isEqualTo(1);
      offset = reader.offset();
    }
    append(path, "c\n");
    try (SourceReader reader = source.open(EVENTS)) {
      reader.seek(offset);
      assertThat(rows(reader, EVENTS, 10)).containsExactly("2,b", "3,c");
    }
    file("t.csv", "id,note\n9,a new file\n");
    try (SourceReader reader = source.open(EVENTS)) {
      reader.seek(offset);
      assertThat(rows(reader, EVENTS, 10)).containsExactly("9,a new file");
    }
  }
}
