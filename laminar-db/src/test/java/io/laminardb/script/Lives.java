package io.laminardb.script;

import io.laminardb.CheckpointConfig;
import io.laminardb.LaminarDB;
import io.laminardb.TestAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The database of a test, started: in some modes it is in a directory and ends now and then as if its
 * process did, sometimes behind a checkpoint, and is opened again. One thread.
 *
 * <p>What was synced before is on disk then. {@code -Dlaminar.crash.every=n} lets it end at one of n
 * chances, at all of them where n is 1.
 */
public final class Lives implements AutoCloseable {
  private static final int EVERY = Integer.getInteger("laminar.crash.every", 4);
  private static final Path MEMORY = Path.of("/dev/shm"); // many small files, forced to disk often

  private final Mode mode;
  private final Consumer<LaminarDB.Builder> settings;
  private final Random random;
  private final Path directory; // or null
  private LaminarDB db;

  /**
   * @param settings beside those of the mode
   */
  public Lives(Mode mode, long seed, Consumer<LaminarDB.Builder> settings) {
    this.mode = mode;
    this.settings = settings;
    this.random = new Random(seed);
    this.directory = mode.crash() || mode.spill() ? directory() : null;
    open();
  }

  private static Path directory() {
    try {
      return Files.isWritable(MEMORY)
          ? Files.createTempDirectory(MEMORY, "laminar")
          : Files.createTempDirectory("laminar");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void open() {
    LaminarDB.Builder builder = LaminarDB.builder();
    if (!mode.threaded()) {
      builder.inline();
    }
    if (mode.tiny()) {
      builder.ringRows(4).batchRows(2);
    }
    if (mode.crash()) {
      builder.storageDir(directory).checkpoint(CheckpointConfig.every(Duration.ofDays(1)));
    } else if (directory != null) {
      builder.spillDir(directory);
    }
    if (mode.spill()) {
      TestAccess.spillAlways(builder);
    }
    settings.accept(builder);
    db = builder.build();
    db.start();
  }

  /** The database as it is now. */
  public LaminarDB db() {
    return db;
  }

  /** Whether it is to end now. */
  public boolean isDue() {
    return mode.crash() && random.nextInt(EVERY) == 0;
  }

  /** Chance that goes with the seed. */
  public Random random() {
    return random;
  }

  /** Ends it as if the process did, and opens it again. Subscriptions and sources are old then. */
  public void crash() {
    if (random.nextInt(3) == 0) {
      db.checkpoint();
    }
    TestAccess.crash(db);
    open();
  }

  @Override
  public void close() {
    try {
      db.close();
    } finally {
      if (directory != null) {
        delete();
      }
    }
  }

  private void delete() {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
