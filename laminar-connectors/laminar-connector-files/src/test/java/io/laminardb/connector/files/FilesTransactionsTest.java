package io.laminardb.connector.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.Field;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.connector.TransactionalWriter;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Commits that were cut off anywhere, and are done again. */
class FilesTransactionsTest extends FilesFixture {
  private static final Schema ROWS = schema(Field.of("n", DataType.BIGINT));

  private TransactionalWriter writer(Path path, String mode) {
    return FILES.sink(options(path, "mode", mode)).openTransactional(ROWS);
  }

  private void write(TransactionalWriter writer, long from, long to) {
    try (Batch batch = new Batch(ROWS, (int) (to - from), allocator)) {
      for (long n = from; n < to; n++) {
        batch.column(0).putLong(batch.rowCount(), n);
        batch.endRow();
      }
      writer.write(batch, 0, batch.rowCount());
    }
  }

  /** A transaction of rows, pre-committed. */
  private byte[] preCommitted(TransactionalWriter writer, long from, long to) {
    write(writer, from, to);
    byte[] transaction = writer.preCommit();
    writer.begin();
    return transaction;
  }

  private TransactionalWriter opened(Path path, String mode, byte[]... named) {
    TransactionalWriter writer = writer(path, mode);
    Arrays.stream(named).forEach(writer::recoverCommit);
    writer.abort();
    writer.begin();
    return writer;
  }

  private static String rows(long to) {
    StringBuilder rows = new StringBuilder("n\n");
    for (long n = 0; n < to; n++) {
      rows.append(n).append('\n');
    }
    return rows.toString();
  }

  @Test
  void anAdditionThatWasCutOffAnywhereIsFinished() throws IOException {
    Path file = directory.resolve("t.csv");
    byte[] second;
    try (TransactionalWriter writer = opened(file, "append")) {
      writer.commit(preCommitted(writer, 0, 20));
      second = preCommitted(writer, 20, 40);
      write(writer, 40, 50); // never committed
      writer.flush();
    }
    byte[] base = Files.readAllBytes(file);
    Path staged = directory.resolve("t.csv.2.part");
    byte[] rows = Files.readAllBytes(staged);
    for (int cut = 0; cut <= rows.length; cut++) {
      for (boolean garbage : new boolean[] {false, true}) {
        byte[] torn = Arrays.copyOf(base, base.length + cut);
        System.arraycopy(rows, 0, torn, base.length, garbage ? cut / 2 : cut);
        Files.write(file, torn);
        Files.write(staged, rows);
        for (int times = 0; times < 2; times++) {
          try (TransactionalWriter writer = opened(file, "append", second)) {
            assertThat(Files.readString(file)).as("cut at %d", cut).isEqualTo(rows(40));
            assertThat(writer).isNotNull();
          }
        }
        assertThat(directory.toFile().list()).containsExactly("t.csv");
      }
    }
  }

  @Test
  void rowsThatAnOlderCheckpointDoesNotKnowAreNotAddedTwice() throws IOException {
    for (int half = 0; half < 4; half++) {
      Path file = directory.resolve("t" + half + ".csv");
      byte[] first;
      try (TransactionalWriter writer = opened(file, "append")) {
        first = preCommitted(writer, 0, 20);
        writer.commit(first);
        writer.commit(preCommitted(writer, 20, 40));
      }
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length - half));
      try (TransactionalWriter writer = opened(file, "append", first)) {
        write(writer, 20, 33);
        write(writer, 33, 45);
        writer.commit(writer.preCommit());
      }
      assertThat(Files.readString(file)).as("without %d bytes", half).isEqualTo(rows(45));
    }
  }

  @Test
  void severalTransactionsAreCommittedInTheirOrder() throws IOException {
    Path file = file("t.csv", "n\n0");
    byte[] first;
    byte[] second;
    try (TransactionalWriter writer = opened(file, "append")) {
      first = preCommitted(writer, 1, 5);
      second = preCommitted(writer, 5, 9);
      writer.commit(first);
      assertThat(Files.readString(file)).isEqualTo(rows(5));
    }
    opened(file, "append", first, second).close();
    assertThat(Files.readString(file)).isEqualTo(rows(9));
  }

  @Test
  void aReplacedFileIsShownWholeAndGoesOnFromThere() throws IOException {
    Path file = file("t.csv", "old");
    byte[] first;
    byte[] shown;
    try (TransactionalWriter writer = opened(file, "overwrite")) {
      first = preCommitted(writer, 0, 10);
      writer.commit(first);
      assertThat(Files.readString(file)).isEqualTo("old");
      write(writer, 10, 20);
      writer.flush();
    }
    try (TransactionalWriter again = opened(file, "overwrite", first)) {
      write(again, 10, 12);
      again.finish();
      shown = again.preCommit();
      again.commit(shown);
    }
    assertThat(Files.readString(file)).isEqualTo(rows(12));
    for (int times = 0; times < 2; times++) {
      try (TransactionalWriter writer = opened(file, "overwrite", shown)) {
        write(writer, 12, 15);
        writer.preCommit();
      }
      assertThat(Files.readString(file)).isEqualTo(rows(12));
    }
    Files.writeString(file, "n\n");
    Files.delete(directory.resolve("t.csv.part"));
    assertThatThrownBy(() -> opened(file, "overwrite", shown))
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR));
  }
}
