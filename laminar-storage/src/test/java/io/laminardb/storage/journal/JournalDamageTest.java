package io.laminardb.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.NativeBuffer;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of damage at every place of a journal that was closed: all is there, or it is refused. */
class JournalDamageTest {
  private static final int RECORDS = 60;
  private static final int MAX_LENGTH = 3000;
  private static final StorageOptions OPTIONS =
      new StorageOptions(6000, 32 << 10, 1, Duration.ZERO, false);

  @TempDir Path directory;

  @BeforeEach
  void writesAJournal() throws IOException {
    try (FileJournal journal = open().inlineJournal(0)) {
      for (int i = 0; i < RECORDS; i++) {
        Records.write(journal, Records.bytes(3, i + 1, MAX_LENGTH));
        if (i % 7 == 0) {
          journal.await(journal.position());
        }
      }
    }
    assertThat(segments()).hasSizeGreaterThan(2);
  }

  @AfterEach
  void allMemoryIsFreed() {
    assertThat(NativeBuffer.allocatedBytes()).isZero();
  }

  @Test
  void aFlippedBit() throws IOException {
    for (Path file : segments()) {
      byte[] bytes = Files.readAllBytes(file);
      for (int at = 0; at < bytes.length; at += at < Segment.HEADER ? 1 : 13) {
        bytes[at] ^= (byte) (1 << at % 8);
        Files.write(file, bytes);
        assertWholeOrRefused(file, "bit at byte " + at);
        bytes[at] ^= (byte) (1 << at % 8);
      }
      Files.write(file, bytes);
    }
  }

  @Test
  void aFileThatWasCut() throws IOException {
    for (Path file : segments()) {
      byte[] bytes = Files.readAllBytes(file);
      for (int size = 0; size < bytes.length; size += 29) {
        Files.write(file, Arrays.copyOf(bytes, size));
        assertRefused(file, "cut at byte " + size);
      }
      Files.write(file, bytes);
    }
  }

  @Test
  void aSectorOfZeros() throws IOException {
    for (Path file : segments()) {
      byte[] bytes = Files.readAllBytes(file);
      for (int at = 0; at < bytes.length; at += RecordFormat.SECTOR) {
        byte[] damaged = bytes.clone();
        Arrays.fill(damaged, at, Math.min(at + RecordFormat.SECTOR, bytes.length), (byte) 0);
        Files.write(file, damaged);
        assertWholeOrRefused(file, "zeros at byte " + at);
      }
      Files.write(file, bytes);
    }
  }

  @Test
  void aFileThatIsGone() throws IOException {
    for (Path file : segments().subList(1, segments().size())) {
      byte[] bytes = Files.readAllBytes(file);
      Files.delete(file);
      assertThatThrownBy(this::readAll).hasMessageContaining("STATE_CORRUPT");
      Files.write(file, bytes);
    }
    for (Path file : segments()) {
      Files.delete(file);
    }
    assertThatThrownBy(this::readAll).hasMessageContaining("records 1 to " + RECORDS);
  }

  @Test
  void withoutTheMarkTheRecordsTellWhatWasDurable() throws IOException {
    Files.delete(directory.resolve(DurableMark.NAME));
    List<Path> segments = segments();
    Path file = segments.get(segments.size() - 2);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, 800));
    assertRefused(file, "cut");
    Files.delete(file);
    assertThatThrownBy(this::readAll).hasMessageContaining("STATE_CORRUPT");
  }

  @Test
  void aDamagedMarkCostsNothing() throws IOException {
    Path file = directory.resolve(DurableMark.NAME);
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at < bytes.length; at++) {
      bytes[at] ^= 16;
      Files.write(file, bytes);
      readAll();
      bytes[at] ^= 16;
    }
  }

  @Test
  void damageThatACheckpointMakesUpForCostsNothing() throws IOException {
    Path file = segments().get(1);
    long first = Segment.firstPositionOf(file.getFileName().toString());
    byte[] bytes = Files.readAllBytes(file);
    bytes[Segment.HEADER + RecordFormat.HEADER + 1] ^= 1;
    Files.write(file, bytes);
    assertRefused(file, "bit in the first record");
    JournalDirectory found = open();
    try (JournalReader reader = found.read(first)) {
      long position = first;
      while (reader.next()) {
        assertThat(reader.position()).isEqualTo(++position);
        assertThat(Records.current(reader)).isEqualTo(Records.bytes(3, position, MAX_LENGTH));
      }
      assertThat(position).isEqualTo(RECORDS);
    }
    assertThat(found.warnings()).anyMatch(warning -> warning.contains(file.toString()));
    found.inlineJournal(first).close();
  }

  @Test
  void acceptedLossLeavesTheBeginningAndKeepsWhatWasDamaged() throws IOException {
    Path file = segments().get(1);
    byte[] bytes = Files.readAllBytes(file);
    bytes[Segment.HEADER + RecordFormat.HEADER + 1] ^= 1;
    Files.write(file, bytes);
    JournalDirectory found =
        JournalDirectory.open(FileSystem.DISK, directory, OPTIONS.withAcceptLoss(true));
    long first = Segment.firstPositionOf(file.getFileName().toString());
    try (FileJournal journal = found.inlineJournal(0)) {
      assertThat(journal.position()).isIn(first - 1, (long) RECORDS);
    }
    try (JournalReader reader = found.read(0)) {
      while (reader.next()) {
        assertThat(reader.position()).isLessThan(first);
      }
    }
  }

  private void assertWholeOrRefused(Path file, String damage) {
    try {
      readAll();
    } catch (LaminarException refused) {
      assertNames(refused, file, damage);
    }
  }

  private void assertRefused(Path file, String damage) {
    try {
      readAll();
    } catch (LaminarException refused) {
      assertNames(refused, file, damage);
      return;
    }
    throw new AssertionError(file + " " + damage + " was not noticed");
  }

  private static void assertNames(LaminarException refused, Path file, String damage) {
    assertThat(refused.code()).as(damage).isEqualTo(ErrorCode.STATE_CORRUPT);
    assertThat(refused.getMessage()).as(damage).contains("lost");
  }

  private void readAll() {
    long position = 0;
    try (JournalReader reader = open().read(0)) {
      while (reader.next()) {
        assertThat(reader.position()).isEqualTo(++position);
        assertThat(Records.current(reader)).isEqualTo(Records.bytes(3, position, MAX_LENGTH));
      }
    }
    assertThat(position).isEqualTo(RECORDS);
  }

  private JournalDirectory open() {
    return JournalDirectory.open(FileSystem.DISK, directory, OPTIONS);
  }

  private List<Path> segments() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> Segment.isName(file.getFileName().toString())).sorted().toList();
    }
  }
}
