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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
    /** A backup could not be taken, and the database went on. */
    NO_BACKUP,
    /** A life ended with the machine. */
    CRASHED,
    /** A file was damaged between two lives. */
    DAMAGED
  }

  private static final Path DIRECTORY = Path.of("/data/db");
  private static final Path BACKUP = Path.of("/data/backup");
  private static final Set<ErrorCode> FAILURES =
      EnumSet.of(ErrorCode.IO_ERROR, ErrorCode.STATE_CORRUPT);
  private static final int LIVES = 3;
  private static final int STEPS = DatabaseSimulationTest.STEPS;

  private final Program program;
  private final Expected expected;
  private final Random random;
  private final Path written;
  private final SimulatedFileSystem files;
  private final StorageOptions sizes;
  private final Map<String, TreeMap<Long, String>> received = new HashMap<>();
  private final Map<String, Long> acknowledged = new HashMap<>();
  private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
  private String damage; // that was made last and is there yet, or null
  private boolean wasDamaged;
  private boolean sync;
  private int kept = -1;
  private Map<String, List<String>> backedUp; // what views held then, or null for no backup

  /**
   * @param written the file that the program's sink writes, on a disk that does as it is told
   */
  DatabaseLives(long seed, Program program, Expected expected, Path written) {
    this.written = written;
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
          wasDamaged = true;
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
      assertThat(e.code()).as(e.getMessage()).isIn(FAILURES);
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
    LaminarDB.Builder builder = builder(files, sizes, DIRECTORY, written);
    if (random.nextInt(3) == 0) {
      TestAccess.spillAlways(builder);
    }
    return builder.durability(sync ? DurabilityMode.SYNC : DurabilityMode.ASYNC).build();
  }

  private static LaminarDB.Builder builder(
      SimulatedFileSystem files, StorageOptions sizes, Path directory, Path written) {
    LaminarDB.Builder builder =
        LaminarDB.builder()
            .inline()
            .clock(() -> 0)
            .storageDir(directory)
            .variable("WRITTEN", written.toString())
            .checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
    return TestAccess.storage(builder, new SimulatedStorageProvider(files), sizes);
  }

  /**
   * A database that nothing happens to: in memory, or, as queries that are changed are rebuilt from
   * history, with files that do as they are told.
   */
  static LaminarDB undisturbed(Program program, Path written) {
    if (!program.retainsHistory()) {
      return LaminarDB.builder()
          .inline()
          .clock(() -> 0)
          .variable("WRITTEN", written.toString())
          .build();
    }
    SimulatedFileSystem files = new SimulatedFileSystem(0);
    createDirectory(files);
    StorageOptions sizes = StorageOptions.DEFAULT.withRetainHistory(Duration.ofDays(1));
    return builder(files, sizes, DIRECTORY, written).build();
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
    try {
      checkBackup();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    switch (random.nextInt(13)) {
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
      case 4 -> {
        if (backedUp == null && random.nextInt(4) == 0) {
          backUp(db);
        }
      }
      default -> {}
    }
  }

  /** Takes a backup, to be looked at when nothing goes wrong any more. */
  private void backUp(LaminarDB db) {
    Map<String, List<String>> views = DatabaseSimulationTest.views(program, db);
    try {
      db.backup(BACKUP);
      backedUp = views;
    } catch (LaminarException e) {
      assertThat(e.code())
          .as(e.getMessage())
          .isIn(damage == null ? EnumSet.of(ErrorCode.IO_ERROR) : FAILURES);
      count(Outcome.NO_BACKUP);
    }
  }

  /** A backup that was taken is there and holds what the database held then; another may be there. */
  private void checkBackup() throws IOException {
    if (damage == null && (backedUp != null || files.exists(BACKUP))) {
      assertThat(new SimulatedStorageProvider(files).check(BACKUP).damage()).isEmpty();
      Path elsewhere = written.resolveSibling("backup" + written.getFileName());
      try (LaminarDB copy = builder(files, sizes, BACKUP, elsewhere).build()) {
        assertThat(backedUp == null ? null : DatabaseSimulationTest.views(program, copy))
            .isEqualTo(backedUp);
      }
    }
    backedUp = null;
    for (String name : files.list(DIRECTORY.getParent())) {
      if (!DIRECTORY.endsWith(name)) {
        delete(DIRECTORY.resolveSibling(name));
      }
    }
  }

  private void delete(Path path) throws IOException {
    if (files.isDirectory(path)) {
      for (String name : files.list(path)) {
        delete(path.resolve(name));
      }
    }
    files.delete(path);
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
    if (program.writes()) {
      db.checkpoint(); // shows what the sink was given
    }
    // Who goes back behind damage to before the sink was created writes its rows once more.
    List<String> lines = DatabaseSimulationTest.written(program, written);
    assertThat(wasDamaged ? lines.stream().distinct().toList() : lines)
        .as("lines written")
        .isEqualTo(expected.written());
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
