package io.laminardb.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.durable.Journal;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.NativeBuffer;
import io.laminardb.storage.file.FileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalTest {
  private static final int MAX_LENGTH = 20_000;
  private static final StorageOptions SMALL =
      new StorageOptions(64 << 10, 32 << 10, 2, Duration.ZERO, false);

  @TempDir Path directory;

  @AfterEach
  void allMemoryIsFreed() {
    assertThat(NativeBuffer.allocatedBytes()).isZero();
  }

  @Test
  void givesBackWhatWasWritten() {
    try (FileJournal journal = open().journal(0)) {
      for (int i = 0; i < 5000; i++) {
        Records.writeFully(journal, 1, MAX_LENGTH);
      }
      journal.await(journal.position());
      assertThat(journal.durable()).isEqualTo(5000);
    }
    assertRecords(1, 5000, 1);
    assertRecords(1234, 5000, 1);
  }

  @Test
  void closingMakesDurableWhatNobodyAskedFor() {
    try (FileJournal journal = open().journal(0)) {
      Records.writeFully(journal, 1, MAX_LENGTH);
      Records.writeFully(journal, 1, MAX_LENGTH);
    }
    assertRecords(1, 2, 1);
  }

  @Test
  void goesOnBehindTheLastRecord() {
    for (int round = 0; round < 20; round++) {
      try (FileJournal journal = open().journal(0)) {
        assertThat(journal.position()).isEqualTo(round * 100);
        for (int i = 0; i < 100; i++) {
          Records.writeFully(journal, 1, MAX_LENGTH);
        }
      }
    }
    assertRecords(1, 2000, 1);
  }

  @Test
  void readsAheadByOneRecord() {
    try (FileJournal journal = open().journal(0)) {
      for (int i = 0; i < 3; i++) {
        Memory.putLong(journal.claim(8), i);
        journal.commit();
      }
    }
    try (JournalReader reader = open().read(0)) {
      assertThat(reader.hasNext()).isTrue();
      assertThat(reader.next()).isTrue();
      assertThat(reader.hasNext()).isTrue();
      assertThat(Memory.getLong(reader.nextAddress())).isEqualTo(1);
      assertThat(reader.nextLength()).isEqualTo(8);
      assertThat(Memory.getLong(reader.address())).isZero();
      assertThat(reader.position()).isEqualTo(1);
      assertThat(reader.next() && reader.next()).isTrue();
      assertThat(reader.hasNext()).isFalse();
      assertThat(Memory.getLong(reader.address())).isEqualTo(2);
      assertThat(reader.next()).isFalse();
    }
  }

  @Test
  void aClaimOfTheSameSizeAnswersTheSamePlaceUntilItIsCommitted() {
    try (FileJournal journal = open().journal(0)) {
      long place = journal.claim(24);
      assertThat(journal.claim(24)).isEqualTo(place);
      assertThat(place % 8).isZero();
      assertThat(journal.claim(100_000)).isNotEqualTo(place);
      assertThat(journal.claim(24)).isEqualTo(place);
      journal.commit();
      assertThat(journal.claim(24)).isNotEqualTo(place);
      assertThatThrownBy(() -> journal.await(2)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void takesARecordLargerThanItsBufferWhenThatIsEmpty() {
    byte[] large = new byte[300_000];
    large[299_999] = 7;
    try (FileJournal journal = open().journal(0)) {
      Records.writeFully(journal, 1, MAX_LENGTH);
      journal.await(1);
      long address = journal.claim(large.length);
      assertThat(address).isNotEqualTo(Journal.FULL);
      Memory.copyFromHeap(large, 0, address, large.length);
      journal.commit();
      journal.await(2);
      Records.writeFully(journal, 1, MAX_LENGTH);
    }
    try (JournalReader reader = open().read(1)) {
      assertThat(reader.next()).isTrue();
      assertThat(Records.current(reader)).isEqualTo(large);
      assertThat(reader.next()).isTrue();
      assertThat(Records.current(reader)).isEqualTo(Records.bytes(1, 3, MAX_LENGTH));
    }
  }

  @Test
  void tellsWhoAsksWhenRecordsAreDurable() throws InterruptedException {
    try (FileJournal journal = open().journal(0)) {
      CountDownLatch told = new CountDownLatch(1);
      journal.onDurable(
          () -> {
            if (journal.durable() >= 1) {
              told.countDown();
            }
          });
      Records.writeFully(journal, 1, MAX_LENGTH);
      journal.request(1);
      assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void removesWholeFilesBehindAPositionButNoneYoungerThanATime() throws IOException {
    try (FileJournal journal = open().journal(0)) {
      for (int i = 0; i < 3000; i++) {
        Records.writeFully(journal, 1, MAX_LENGTH);
      }
      journal.await(3000);
      long filesBefore = segmentCount();
      journal.removeBefore(1500, Instant.EPOCH);
      assertThat(segmentCount()).isEqualTo(filesBefore);
      journal.removeBefore(1500, Instant.MAX);
      assertThat(segmentCount()).isLessThan(filesBefore);
      assertThat(journal.firstPosition()).isGreaterThan(1).isLessThanOrEqualTo(1500);
      journal.removeBefore(Long.MAX_VALUE, Instant.MAX);
      assertThat(segmentCount()).isEqualTo(1);
      try (JournalReader reader = journal.read(0)) {
        assertThat(reader.next()).isTrue();
        assertThat(reader.position()).isEqualTo(journal.firstPosition());
      }
    }
    JournalDirectory reopened = open();
    assertThatThrownBy(() -> reopened.read(1))
        .hasMessageContaining("STATE_CORRUPT")
        .hasMessageContaining("records 2 to " + (reopened.firstPosition() - 1));
    assertRecords(reopened.firstPosition(), 3000, 1);
  }

  @Test
  void isReadWhileItIsWritten() {
    try (FileJournal journal = open().journal(0)) {
      for (int i = 0; i < 1000; i++) {
        Records.writeFully(journal, 1, MAX_LENGTH);
      }
      journal.await(1000);
      Records.writeFully(journal, 1, MAX_LENGTH);
      try (JournalReader reader = journal.read(500)) {
        long durable = journal.durable();
        long position = 500;
        while (position < durable && reader.next()) {
          assertThat(reader.position()).isEqualTo(++position);
          assertThat(Records.current(reader)).isEqualTo(Records.bytes(1, position, MAX_LENGTH));
        }
        assertThat(position).isBetween(1000L, 1001L);
      }
    }
  }

  @Test
  void aBackupHoldsWhatWasDurableAndGoesOnByItself() throws IOException {
    Path copy = directory.resolve("copy");
    Path original = directory.resolve("original");
    long copied;
    try (FileJournal journal = open(original).journal(0)) {
      for (int i = 0; i < 1000; i++) {
        Records.writeFully(journal, 1, MAX_LENGTH);
      }
      journal.await(1000);
      copied = journal.backup(copy);
      for (int i = 0; i < 1000; i++) {
        Records.writeFully(journal, 1, MAX_LENGTH);
      }
    }
    try (FileJournal journal = open(copy).journal(0)) {
      assertThat(journal.position()).isEqualTo(copied).isEqualTo(1000);
      for (int i = 0; i < 500; i++) {
        Records.writeFully(journal, 1, MAX_LENGTH);
      }
    }
    assertRecords(copy, 1, 1500, 1);
    assertRecords(original, 1, 2000, 1);
  }

  @Test
  void isBegunAnewBehindACheckpointThatIsAheadOfIt() {
    try (FileJournal journal = open().journal(0)) {
      Records.writeFully(journal, 1, MAX_LENGTH);
    }
    JournalDirectory found = open();
    try (FileJournal journal = found.journal(100)) {
      assertThat(journal.position()).isEqualTo(100);
      assertThat(journal.durable()).isEqualTo(100);
      Records.writeFully(journal, 1, MAX_LENGTH);
    }
    assertThat(found.warnings()).anyMatch(warning -> warning.contains("begun anew"));
    assertRecords(101, 101, 1);
  }

  @Test
  void afterItIsClosedNothingIsTaken() {
    FileJournal journal = open().journal(0);
    journal.close();
    journal.close();
    assertThatThrownBy(() -> journal.claim(8))
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  private void assertRecords(long first, long last, long seed) {
    assertRecords(directory, first, last, seed);
  }

  private static void assertRecords(Path directory, long first, long last, long seed) {
    JournalDirectory found = open(directory);
    try (JournalReader reader = found.read(first - 1)) {
      long position = first - 1;
      while (reader.next()) {
        assertThat(reader.position()).isEqualTo(++position);
        assertThat(Records.current(reader)).isEqualTo(Records.bytes(seed, position, MAX_LENGTH));
      }
      assertThat(position).isEqualTo(last);
    }
    assertThat(found.lastPosition()).isEqualTo(last);
    assertThat(found.warnings()).isEmpty();
  }

  private JournalDirectory open() {
    return open(directory);
  }

  private static JournalDirectory open(Path directory) {
    return JournalDirectory.open(FileSystem.DISK, directory, SMALL);
  }

  private long segmentCount() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".journal")).count();
    }
  }
}
