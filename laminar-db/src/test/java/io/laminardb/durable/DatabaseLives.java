package io.laminardb.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.laminardb.CheckpointConfig;
import io.laminardb.DurableSubscription;
import io.laminardb.LaminarDB;
import io.laminardb.Row;
import io.laminardb.Subscriber;
import io.laminardb.TestAccess;
import io.laminardb.core.durable.DurabilityMode;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.durable.DatabaseSimulationTest.Expected;
import io.laminardb.storage.SimulatedStorageProvider;
import io.laminardb.storage.file.SimulatedFileSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** The lives of one database on a simulated disk: some in which things go wrong, and a last one. */
final class DatabaseLives {
  /** What has happened. */
  enum Outcome {
    /** The program has come to its end, with everything right. */
    FINISHED,
    /** Damage was made, the database was not opened, and said what is lost. */
    REFUSED,
    /** The disk failed, and the database said so. */
    FAILED,
    /** A checkpoint could not be written, and the database went on. */
    NO_CHECKPOINT,
    /** A life ended with the machine. */
    CRASHED,
    /** A file was damaged between two lives. */
    DAMAGED
  }

  private static final Path DIRECTORY = Path.of("/data/db");
  private static final int LIVES = 3;
  private static final int STEPS = DatabaseSimulationTest.STEPS;

  private final Program program;
  private final Expected expected;
  private final Random random;
  private final SimulatedFileSystem files;
  private final StorageOptions sizes;
  private final Map<String, TreeMap<Long, String>> received = new HashMap<>();
  private final Map<String, Long> acknowledged = new HashMap<>();
  private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
  private String damage; // that was made last and is there yet, or null
  private boolean sync;
  private int kept = -1;

  DatabaseLives(long seed, Program program, Expected expected) {
    this.program = program;
    this.expected = expected;
    this.random = new Random(seed);
    this.files = new SimulatedFileSystem(seed);
    this.sizes =
        new StorageOptions(
            1024 << random.nextInt(5),
            1024 << random.nextInt(5),
            1 + random.nextInt(3),
            program.retainsHistory() ? Duration.ofDays(1) : Duration.ZERO,
            false);
    createDirectory(files);
  }

  private static void createDirectory(SimulatedFileSystem files) {
    try {
      files.createDirectories(DIRECTORY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How often what has happened. */
  Map<Outcome, Integer> run() {
    for (int life = random.nextInt(LIVES); life < LIVES; life++) {
      inject();
      if (!live(random.nextInt(3) == 0 ? STEPS : random.nextInt(STEPS), true)) {
        return outcomes;
      }
      if (random.nextInt(6) == 0) {
        damage = random.nextBoolean() ? files.flip() : files.scribble();
        if (damage != null) {
          count(Outcome.DAMAGED);
        }
      }
    }
    if (live(STEPS, false)) {
      count(Outcome.FINISHED);
    }
    return outcomes;
  }

  private void count(Outcome outcome) {
    outcomes.merge(outcome, 1, Integer::sum);
  }

  private void inject() {
    int in = random.nextInt(random.nextBoolean() ? 60 : 600);
    switch (random.nextInt(6)) {
      case 0, 1 -> files.crashIn(in);
      case 2 -> files.fullIn(in / 3);
      case 3 -> files.failForceIn(in / 6);
      case 4 -> files.failIn(in);
      default -> {}
    }
  }

  /** A life up to a step; false where the database is not opened any more. */
  private boolean live(int until, boolean faults) {
    sync = random.nextInt(3) == 0;
    LaminarDB db = null;
    try {
      db = open();
      work(db, until, faults);
    } catch (LaminarException e) {
      assertThat(e.code()).as(e.getMessage()).isIn(ErrorCode.IO_ERROR, ErrorCode.STATE_CORRUPT);
      boolean refused = e.code() == ErrorCode.STATE_CORRUPT && damage != null;
      if (!faults || refused && !files.hasCrashed()) {
        return refused(e);
      }
      count(Outcome.FAILED);
    } finally {
      end(db);
    }
    if (damage != null && isWhole()) {
      damage = null;
    }
    return true;
  }

  /** Whether nothing is left of the damage: no file is kept that was hit. */
  private boolean isWhole() {
    return new SimulatedStorageProvider(files).check(DIRECTORY).damage().isEmpty();
  }

  private boolean refused(LaminarException e) {
    assertThat(damage).as(e.getMessage()).isNotNull();
    assertThat(e.code()).as(damage).isEqualTo(ErrorCode.STATE_CORRUPT);
    assertThat(e.getMessage()).as(damage).contains("lost");
    count(Outcome.REFUSED);
    return false;
  }

  private LaminarDB open() {
    return open(files, sizes, sync);
  }

  private static LaminarDB open(SimulatedFileSystem files, StorageOptions sizes, boolean sync) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .inline()
            .clock(() -> 0)
            .storageDir(DIRECTORY)
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)))
            .durability(sync ? DurabilityMode.SYNC : DurabilityMode.ASYNC);
    return TestAccess.storage(builder, new SimulatedStorageProvider(files), sizes).build();
  }

  /**
   * A database that nothing happens to: in memory, or, as queries that are changed are rebuilt from
   * history, with files that do as they are told.
   */
  static LaminarDB undisturbed(Program program) {
    if (!program.retainsHistory()) {
      return LaminarDB.builder().inline().clock(() -> 0).build();
    }
    SimulatedFileSystem files = new SimulatedFileSystem(0);
    createDirectory(files);
    return open(files, StorageOptions.DEFAULT.withRetainHistory(Duration.ofDays(1)), false);
  }

  /** The machine crashes, or the process does, or the database is closed. */
  private void end(LaminarDB db) {
    if (files.hasCrashed() || random.nextBoolean()) {
      files.crashIn(0);
      count(Outcome.CRASHED);
    }
    if (db != null) {
      try {
        if (files.hasCrashed() || random.nextBoolean()) {
          TestAccess.crash(db);
        } else {
          db.close();
        }
      } catch (LaminarException e) {
        assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.IO_ERROR);
      }
    }
    files.restart();
  }

  private void work(LaminarDB db, int until, boolean faults) {
    program.define(db);
    Map<String, DurableSubscription> subscriptions = new HashMap<>();
    for (String name : program.names()) {
      DurableSubscription subscription = db.subscribe(name, Subscriber.durable("of_" + name));
      assertThat(subscription.acknowledged())
          .as("acknowledged of " + name)
          .isGreaterThanOrEqualTo(acknowledged.getOrDefault(name, 0L));
      subscriptions.put(name, subscription);
    }
    db.start();
    int last = Program.last(db);
    assertThat(last).as("the last step there is").isGreaterThanOrEqualTo(kept);
    for (int step = Program.next(db); step < until; step++) {
      boolean written = program.step(db, step);
      if (written) {
        last = step;
        kept = sync ? step : kept;
      }
      between(db, last, subscriptions);
    }
    if (until == STEPS && (!faults || random.nextBoolean())) {
      Program.end(db);
      subscriptions.forEach(this::receive);
    }
    if (!faults) {
      compare(db);
    }
  }

  /** What comes between two steps, now and then. */
  private void between(LaminarDB db, int last, Map<String, DurableSubscription> subscriptions) {
    switch (random.nextInt(12)) {
      case 0 -> {
        db.sync();
        kept = last;
      }
      case 1 -> {
        try {
          db.checkpoint();
          kept = last;
        } catch (LaminarException e) {
          assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.IO_ERROR);
          count(Outcome.NO_CHECKPOINT);
        }
      }
      case 2, 3 -> subscriptions.forEach(this::receive);
      default -> {}
    }
  }

  private void receive(String name, DurableSubscription subscription) {
    TreeMap<Long, String> rows = received.computeIfAbsent(name, any -> new TreeMap<>());
    for (Row row = subscription.poll(); row != null; row = subscription.poll()) {
      long number = subscription.sequence();
      String text = KilledProcess.text(row);
      String before = rows.put(number, text);
      assertThat(number)
          .as("row of %s behind the acknowledgement", name)
          .isGreaterThan(acknowledged.getOrDefault(name, 0L));
      assertThat(rows.lastKey()).as("numbers of %s without a gap", name).isEqualTo(rows.size());
      assertThat(before == null ? text : before).as("row %s of %s", number, name).isEqualTo(text);
      if (random.nextInt(6) == 0) {
        subscription.ack();
        acknowledged.put(name, number);
      }
    }
  }

  private void compare(LaminarDB db) {
    for (String name : program.names()) {
      assertThat(List.copyOf(received.getOrDefault(name, new TreeMap<>()).values()))
          .as("rows of " + name)
          .isEqualTo(expected.rows().get(name));
    }
    if (random.nextInt(4) == 0) {
      assertThat(DatabaseSimulationTest.views(program, db)).isEqualTo(expected.views());
    }
  }
}
