package io.laminardb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.SimulatedFileSystem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Lives of a database on a disk that fails in all the ways of {@link SimulatedFileSystem}. Whatever was
 * acknowledged is there when it is opened again, or it is not opened and the damage is named.
 */
class SimulationTest {
  private static final int SEEDS = Integer.getInteger("laminar.simulation.seeds", 5_000);
  private static final int LIVES = 6;
  private static final Path DIRECTORY = Path.of("/data/db");
  private static final StorageOptions OPTIONS =
      new StorageOptions(2048, 16 << 10, 2, Duration.ZERO, false);

  private Random random;
  private SimulatedFileSystem files;

  /** The last position that was acknowledged, and the last that may be there. */
  private long durable;

  private long written;
  private int failures;
  private int refusals;
  private int fallbacks;
  private int retries;

  @Test
  void whatWasAcknowledgedIsThereOrItsDamageIsNamed() {
    long first = Long.getLong("laminar.seed", 20_261_123);
    for (long seed = first; seed < first + SEEDS; seed++) {
      try {
        run(seed);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("-Dlaminar.simulation.seeds=1 -Dlaminar.seed=" + seed, e);
      }
    }
    System.out.println(
        SEEDS
            + " seeds from "
            + first
            + ": "
            + failures
            + " failures, "
            + retries
            + " checkpoints at the second attempt, "
            + fallbacks
            + " fallbacks, "
            + refusals
            + " refusals");
    assertThat(failures).isPositive();
  }

  private void run(long seed) {
    random = new Random(seed);
    files = new SimulatedFileSystem(seed);
    durable = 0;
    written = 0;
    try {
      files.createDirectories(DIRECTORY);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    for (int life = 0; life < LIVES; life++) {
      inject();
      try (TestDatabase database = open()) {
        assertHolds(database);
        work(database);
      } catch (LaminarException e) {
        failures++;
        // What cannot be read is taken for damaged, and another life finds it whole.
        assertThat(e.code()).as(e.getMessage()).isIn(ErrorCode.IO_ERROR, ErrorCode.STATE_CORRUPT);
      }
      files.restart();
    }
    boolean damaged = random.nextBoolean();
    String damage = damaged ? files.flip() : null;
    try (TestDatabase database = open()) {
      assertHolds(database);
      if (!database.warnings().isEmpty()) {
        fallbacks++;
      }
      assertThat(database.warnings().isEmpty() || damaged)
          .as(() -> database.warnings() + check())
          .isTrue();
    } catch (LaminarException e) {
      refusals++;
      assertThat(damaged).as(() -> e.getMessage() + check()).isTrue();
      assertThat(e.code()).as(damage).isEqualTo(ErrorCode.STATE_CORRUPT);
      assertThat(e.getMessage()).as(damage).contains("lost");
    }
  }

  private TestDatabase open() {
    return TestDatabase.open(() -> new SimulatedStorageProvider(files).open(DIRECTORY, OPTIONS));
  }

  private String check() {
    return " " + new SimulatedStorageProvider(files).check(DIRECTORY);
  }

  private void inject() {
    int in = random.nextInt(400);
    switch (random.nextInt(6)) {
      case 0, 1 -> files.crashIn(in);
      case 2 -> files.fullIn(in / 4);
      case 3 -> files.failForceIn(in / 8);
      case 4 -> files.failIn(in);
      default -> {}
    }
  }

  private void work(TestDatabase database) {
    for (int i = random.nextInt(30); i >= 0; i--) {
      switch (random.nextInt(5)) {
        case 0 -> {
          checkpoint(database);
          durable = Math.max(durable, database.position());
        }
        case 1, 2 -> {
          database.sync();
          durable = Math.max(durable, database.position());
        }
        default -> {
          int records = random.nextInt(20);
          written = Math.max(written, database.position() + records);
          database.add(records, 8 + random.nextInt(200));
        }
      }
    }
  }

  /** One that fails may be tried again at once, unless it is the journal that has failed. */
  private void checkpoint(TestDatabase database) {
    try {
      database.checkpoint();
    } catch (LaminarException e) {
      failures++;
      database.checkpoint();
      retries++;
    }
  }

  private void assertHolds(TestDatabase database) {
    assertThat(database.position()).isBetween(durable, Math.max(durable, written));
    assertThat(database.sums()).isEqualTo(TestDatabase.expected(database.position()));
    durable = database.position();
    written = durable;
  }
}
