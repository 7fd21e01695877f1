package io.laminardb.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.NativeBuffer;
import io.laminardb.storage.file.SimulatedFileSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A journal with its threads on a disk that fails. The order of calls differs from run to run. */
@Timeout(300)
class JournalThreadsTest {
  private static final int MAX_LENGTH = 4000;
  private static final Path DIRECTORY = Path.of("/db/journal");
  private static final StorageOptions OPTIONS =
      new StorageOptions(20_000, 16_000, 1, Duration.ZERO, false);

  @AfterEach
  void allMemoryIsFreed() {
    assertThat(NativeBuffer.allocatedBytes()).isZero();
  }

  @Test
  void whatWasAcknowledgedToAnyThreadIsThereAfterACrash() throws InterruptedException {
    for (int seed = 1; seed <= 60; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      SimulatedFileSystem files = new SimulatedFileSystem(seed);
      AtomicLong acknowledged = new AtomicLong();
      long written = 0;
      for (int life = 0; life < 4; life++) {
        written = check(files, seed, acknowledged.get());
        FileJournal journal = JournalDirectory.open(files, DIRECTORY, OPTIONS).journal(0);
        files.crashIn(random.nextInt(100));
        write(journal, seed, acknowledged);
        files.restart();
      }
      assertThat(written).isNotNegative();
    }
  }

  @Test
  void whoWaitsIsToldThatTheDiskFailed() throws InterruptedException {
    SimulatedFileSystem files = new SimulatedFileSystem(1);
    FileJournal journal = JournalDirectory.open(files, DIRECTORY, OPTIONS).journal(0);
    AtomicLong told = new AtomicLong();
    journal.onDurable(told::incrementAndGet);
    Records.writeFully(journal, 1, MAX_LENGTH);
    journal.await(1);
    files.failForceIn(0);
    Records.writeFully(journal, 1, MAX_LENGTH);
    assertThatThrownBy(() -> journal.await(2))
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR))
        .hasMessageContaining(DIRECTORY.toString());
    assertThat(journal.durable()).isEqualTo(1);
    assertThat(journal.failure()).isNotNull();
    while (told.get() < 2) {
      Thread.yield(); // it is told behind who waits
    }
    assertThatThrownBy(() -> journal.claim(8)).hasMessageContaining("IO_ERROR");
    assertThatThrownBy(journal::close).hasMessageContaining("IO_ERROR");
    assertThat(journal.durable()).isEqualTo(1);
  }

  /** Writes until the disk fails, while another thread waits for durability. */
  private static void write(FileJournal journal, long seed, AtomicLong acknowledged)
      throws InterruptedException {
    AtomicLong committed = new AtomicLong(journal.position());
    Thread waiting =
        new Thread(
            () -> {
              try {
                while (journal.failure() == null) { // or closed
                  long position = committed.get();
                  journal.await(position);
                  acknowledged.accumulateAndGet(position, Math::max);
                }
              } catch (LaminarException failed) {
                // the disk has
              }
            });
    waiting.start();
    try {
      for (int i = 0; i < 2000; i++) {
        Records.writeFully(journal, seed, MAX_LENGTH);
        committed.set(journal.position());
      }
    } catch (LaminarException failed) {
      assertThat(failed.code()).isEqualTo(ErrorCode.IO_ERROR);
    }
    try {
      journal.close();
      acknowledged.accumulateAndGet(journal.position(), Math::max);
    } catch (LaminarException failed) {
      assertThat(failed.code()).isEqualTo(ErrorCode.IO_ERROR);
    }
    waiting.join();
  }

  private static long check(SimulatedFileSystem files, long seed, long acknowledged) {
    List<Long> positions = new ArrayList<>();
    JournalDirectory found = JournalDirectory.open(files, DIRECTORY, OPTIONS);
    try (JournalReader reader = found.read(0)) {
      while (reader.next()) {
        positions.add(reader.position());
        assertThat(reader.position()).isEqualTo(positions.size());
        assertThat(Records.current(reader))
            .isEqualTo(Records.bytes(seed, positions.size(), MAX_LENGTH));
      }
    }
    assertThat(positions.size()).as("seed " + seed).isGreaterThanOrEqualTo((int) acknowledged);
    return positions.size();
  }
}
