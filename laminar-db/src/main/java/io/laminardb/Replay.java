package io.laminardb;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.error.LaminarException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * A past moment of a durable database, to be looked at: what it had then is had again from a checkpoint
 * and the journal behind it.
 *
 * <pre>{@code
 * try (LaminarDB then = LaminarDB.replay(dir).until(Instant.parse("2026-11-23T12:00:00Z")).open()) {
 *   then.query("SELECT * FROM positions").drain();
 *   then.subscribe("alerts", row -> System.out.println(row));
 *   while (then.step() != null) {
 *     // record by record, with a breakpoint where it went wrong
 *   }
 * }
 * }</pre>
 *
 * <p>The database that is opened runs inline, in memory, and only to be read: nothing is written to the
 * directory, pushed, or handed to sinks, and sources of connectors are not read. Its clock stands at the
 * moment. One thread.
 */
public final class Replay {
  private final Path directory;
  private final LaminarDB.Builder settings = LaminarDB.builder();
  private Long position;
  private Instant moment;

  Replay(Path directory) {
    this.directory = requireNonNull(directory, "directory");
  }

  /** Everything that came in up to a moment of processing time, this one included. */
  public Replay until(Instant newMoment) {
    moment = requireNonNull(newMoment, "moment");
    position = null;
    return this;
  }

  /**
   * Everything up to a record of the journal, this one included: 0 for nothing at all. {@link
   * ReplayStep#position} tells them.
   */
  public Replay until(long newPosition) {
    if (newPosition < 0) {
      throw new IllegalArgumentException("position is " + newPosition + ", must not be negative");
    }
    position = newPosition;
    moment = null;
    return this;
  }

  /**
   * Sets what the program had set when it opened the database: functions, connectors, variables. A
   * directory, a clock and when things are written have no meaning here.
   */
  public Replay configure(Consumer<LaminarDB.Builder> settingsOfProgram) {
    settingsOfProgram.accept(settings);
    return this;
  }

  /**
   * Opens the database as it was; without {@code until} as it was left. The directory is held until it
   * is closed.
   *
   * @throws LaminarException STATE_DIR_LOCKED where it is open: take a backup and replay that;
   *     INVALID_OPTION where what is kept does not reach back to the moment, or ends before it;
   *     STATE_CORRUPT; IO_ERROR where there is no such directory
   */
  public LaminarDB open() {
    return settings.replay(directory, position, moment);
  }
}
