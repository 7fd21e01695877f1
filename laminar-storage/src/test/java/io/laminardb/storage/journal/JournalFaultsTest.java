package io.laminardb.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.memory.NativeBuffer;
import io.laminardb.storage.file.SimulatedFileSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Lives of a journal on a disk that fails: each seed opens, checks, writes, asks for durability, removes
 * and crashes a few times. What is found is always what was written, without a gap, at least up to what
 * was durable; or the damage is refused by name, and only where there was some.
 */
class JournalFaultsTest {
  private static final int SEEDS = Integer.getInteger("laminar.simulation.seeds", 5_000);
  private static final long FIRST_SEED = Long.getLong("laminar.seed", 1);
  private static final int MAX_LENGTH = 4000;
  private static final Path DIRECTORY = Path.of("/db/journal");

  @AfterEach
  void allMemoryIsFreed() {
    assertThat(NativeBuffer.allocatedBytes()).isZero();
  }

  @Test
  void aCrashLosesNothingThatWasDurable() {
    int lives = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      lives += run(seed, false);
    }
    assertThat(lives).isGreaterThan(SEEDS);
  }

  @Test
  void bitRotIsNeverMistakenForTheEnd() {
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      run(seed, true);
    }
  }

  private static int run(long seed, boolean rot) {
    Life life = new Life(seed, rot);
    try {
      while (life.next()) {
        // one after the other
      }
      return life.lives;
    } catch (AssertionError | RuntimeException failed) {
      throw new AssertionError(
          "-Dlaminar.simulation.seeds=1 -Dlaminar.seed="
              + seed
              + ", life "
              + life.lives
              + ": "
              + failed,
          failed);
    }
  }

  /** One seed: what should be there, beside the files. */
  private static final class Life {
    private final SplittableRandom random;
    private final SimulatedFileSystem files;
    private final boolean rot;
    private final List<byte[]> written = new ArrayList<>(); // the record at position i + 1
    private final StorageOptions options;
    private long durable;
    private long removed;
    private String damage;
    private boolean faulty;
    private int lives;

    Life(long seed, boolean rot) {
      this.random = new SplittableRandom(seed);
      this.files = new SimulatedFileSystem(seed);
      this.rot = rot;
      this.options =
          new StorageOptions(
              random.nextInt(2000, 20_000), random.nextInt(1024, 16_000), 1, Duration.ZERO, false);
    }

    boolean next() {
      if (++lives > 6) {
        return false;
      }
      if (random.nextInt(4) == 0) {
        files.crashIn(random.nextInt(40)); // while it is opened
      }
      FileJournal journal = open();
      if (journal == null) {
        return damage == null && restart();
      }
      plan();
      try (journal) {
        write(journal);
        assertThat(journal.durable()).isGreaterThanOrEqualTo(durable);
        durable = journal.durable();
      } catch (LaminarException failed) {
        assertThat(failed.code()).isIn(ErrorCode.IO_ERROR);
        durable = Math.max(durable, journal.durable());
      }
      durable = Math.max(durable, journal.durable());
      // A process may also end without the machine, and what a force failed for is still to be
      // seen.
      return random.nextInt(5) == 0 && !files.hasCrashed() || restart();
    }

    private boolean restart() {
      files.restart();
      faulty = false;
      if (rot && random.nextInt(2) == 0) {
        damage = random.nextInt(3) == 0 ? files.scribble() : files.flip();
      }
      return true;
    }

    private void plan() {
      faulty = true;
      switch (random.nextInt(6)) {
        case 0 -> files.failForceIn(random.nextInt(10));
        case 1 -> files.fullIn(random.nextInt(30));
        case 2 -> files.failIn(random.nextInt(60));
        default -> files.crashIn(random.nextInt(120));
      }
    }

    private void write(FileJournal journal) {
      assertThat(journal.position()).isEqualTo(written.size());
      for (int i = random.nextInt(150); i > 0; i--) {
        byte[] bytes = Records.bytes(random.nextLong(), 0, MAX_LENGTH);
        Records.write(journal, bytes);
        written.add(bytes);
        long before = durable;
        switch (random.nextInt(20)) {
          case 0, 1, 2 -> {
            journal.await(journal.position());
            durable = written.size();
          }
          case 3 -> journal.request(random.nextLong(journal.position()) + 1);
          case 4 -> {
            long position = random.nextLong(durable + 1);
            removed = Math.max(removed, position);
            journal.removeBefore(position, Instant.MAX);
            assertThat(journal.firstPosition()).isLessThanOrEqualTo(Math.max(1, removed));
          }
          default -> {}
        }
        assertThat(journal.durable()).isGreaterThanOrEqualTo(before);
        durable = Math.max(durable, journal.durable());
      }
    }

    /** Opens and reads it; null where that cannot be. */
    private FileJournal open() {
      try {
        JournalDirectory found = JournalDirectory.open(files, DIRECTORY, options);
        long position = found.firstPosition() - 1;
        assertThat(position).isLessThanOrEqualTo(removed);
        try (JournalReader reader = found.read(0)) {
          while (reader.next()) {
            assertThat(reader.position()).isEqualTo(++position);
            assertThat(position).isLessThanOrEqualTo(written.size());
            assertThat(Records.current(reader)).isEqualTo(written.get((int) position - 1));
          }
        }
        assertThat(position).as("last record").isGreaterThanOrEqualTo(durable);
        while (written.size() > position) {
          written.remove(written.size() - 1);
        }
        FileJournal journal = found.inlineJournal(0);
        durable = journal.durable();
        assertThat(durable).isEqualTo(position);
        damage = null;
        return journal;
      } catch (LaminarException failed) {
        if (failed.code() == ErrorCode.STATE_CORRUPT) {
          assertThat(damage).as("refused without damage: " + failed.getMessage()).isNotNull();
          String file = damage.substring(0, damage.indexOf(' '));
          assertThat(failed.getMessage()).contains(file).contains("lost");
          salvage();
        } else {
          assertThat(failed.code()).isEqualTo(ErrorCode.IO_ERROR);
          assertThat(faulty || files.hasCrashed()).as(failed.getMessage()).isTrue();
        }
        return null;
      }
    }

    /** Accepts the loss: what is left is a beginning of what was written. */
    private void salvage() {
      files.crashIn(Integer.MAX_VALUE);
      JournalDirectory found =
          JournalDirectory.open(files, DIRECTORY, options.withAcceptLoss(true));
      long position = found.firstPosition() - 1;
      try (JournalReader reader = found.read(0)) {
        while (reader.next()) {
          assertThat(reader.position()).isEqualTo(++position);
          assertThat(Records.current(reader)).isEqualTo(written.get((int) position - 1));
        }
      }
      assertThat(found.warnings()).isNotEmpty();
      found.inlineJournal(0).close();
      JournalDirectory again = JournalDirectory.open(files, DIRECTORY, options);
      assertThat(again.lastPosition()).isEqualTo(position);
    }
  }
}
