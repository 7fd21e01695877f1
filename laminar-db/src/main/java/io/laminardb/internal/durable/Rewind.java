package io.laminardb.internal.durable;

import static java.util.Objects.requireNonNull;

import io.laminardb.ReplayStep;
import io.laminardb.core.durable.Checkpoint;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.History;
import io.laminardb.core.durable.JournalReader;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.Durability;
import io.laminardb.core.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * Has a past moment back, in an engine that writes nothing down: from the newest whole checkpoint at or
 * before the moment, or from the beginning, and the records behind it. Then it goes on record by record.
 */
public final class Rewind implements AutoCloseable {
  private static final long NS = 1_000_000_000;

  /** Where the engine's time comes from: the record under way, or the moment that was asked for. */
  public static final class MomentClock implements Clock {
    private volatile long nowNs;

    @Override
    public long epochNanos() {
      return nowNs;
    }

    void set(Instant now) {
      nowNs = nanos(now);
    }
  }

  private History history;
  private final Durability durability;
  private final Persistence.Statements statements;
  private final MomentClock clock;
  private JournalReader records;
  private ReplayStep last; // null before the first one
  private LaminarException failure; // in the middle of a record
  private long reached; // the last record that was taken in
  private Consumer<KeptStatement> executes;

  /**
   * @param history closed with this
   * @param durability of an engine in which there is nothing yet
   */
  public Rewind(
      History history,
      Durability durability,
      Persistence.Statements statements,
      MomentClock clock) {
    this.history = requireNonNull(history, "history");
    this.durability = requireNonNull(durability, "durability");
    this.statements = requireNonNull(statements, "statements");
    this.clock = requireNonNull(clock, "clock");
    this.executes = statements::executeAgain;
  }

  /** Lets somebody else execute statements of the journal again; those of a checkpoint are not among them. */
  public void executeBy(Consumer<KeptStatement> executor) {
    executes = executor;
  }

  // ---- To the moment; one of these is called once

  /** To the last record there is. */
  public void toEnd() {
    to(Long.MAX_VALUE, true);
  }

  /** To a record. Errors: INVALID_OPTION where it is not there, or cannot be reached. */
  public void to(long position) {
    to(position, true);
    requireReached(position);
  }

  /** To a record, from the beginning of all: no checkpoint is used. */
  public void fromBeginning(long position) {
    if (!beginsAtTheBeginning()) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION,
              "history is not kept from the beginning: the journal begins with record "
                  + history.firstPosition()
                  + ".")
          .mend("Keep it from the first day on: LaminarDB.builder().retainHistory(..).");
    }
    to(position, false);
    requireReached(position);
  }

  /** To the last record at or before a moment of processing time. */
  public void to(Instant moment) {
    to(positionAt(moment), true);
    clock.set(moment);
  }

  private void to(long target, boolean withCheckpoints) {
    Checkpoint checkpoint = withCheckpoints ? newest(target) : null;
    if (checkpoint == null && !beginsAtTheBeginning()) {
      throw tooFarBack("record " + target);
    }
    begin(checkpoint);
    goOn(history, target, false);
  }

  private void begin(Checkpoint checkpoint) {
    if (checkpoint != null) {
      reached = checkpoint.info().position();
      clock.set(checkpoint.info().takenAt());
      Persistence.restore(Persistence.parts(checkpoint), durability, statements);
    }
  }

  /**
   * To where history begins: before the first record ever, or to the oldest checkpoint that is whole and
   * from which records go on; {@link #goOn} goes on from there.
   *
   * @return whether that is the beginning of all
   * @throws LaminarException INVALID_OPTION where there is no such checkpoint
   */
  public boolean toOldest() {
    boolean first = beginsAtTheBeginning();
    begin(first ? null : oldest());
    return first;
  }

  /**
   * Goes on to a record, or to the end.
   *
   * @param newer of the same directory, opened since; closed with this, the former now
   * @param withoutInput whether only what was made and dropped is of interest
   */
  public void goOn(History newer, long target, boolean withoutInput) {
    if (newer != history) {
      history.close();
      history = newer;
    }
    records = history.read(reached);
    while (reached < target && records.next()) {
      if (!withoutInput || !Durability.isInput(records)) {
        take();
      }
      reached = records.position();
    }
  }

  /** The position of the last record that was taken in, or of the checkpoint this began with. */
  public long reached() {
    return reached;
  }

  /** When that was. */
  public Instant now() {
    return instant(clock.epochNanos());
  }

  private void requireReached(long position) {
    if (reached < position) {
      throw new LaminarException(
              ErrorCode.INVALID_OPTION,
              "there is no record " + position + ": the journal ends with record " + reached + ".")
          .mend("Name one up to there.");
    }
  }

  /** The newest checkpoint that is whole, is not behind {@code target}, and from which records go on. */
  private Checkpoint newest(long target) {
    List<CheckpointInfo> infos = history.checkpoints();
    LaminarException damaged = null;
    for (int i = infos.size() - 1; i >= 0; i--) {
      CheckpointInfo info = infos.get(i);
      boolean goesOn = info.position() == target || info.position() + 1 >= history.firstPosition();
      if (info.position() <= target && goesOn) {
        try {
          return history.checkpoint(info.id());
        } catch (LaminarException e) {
          damaged = e; // an older one and more of the journal do as well
        }
      }
    }
    if (damaged != null && !beginsAtTheBeginning()) {
      throw damaged;
    }
    return null;
  }

  private Checkpoint oldest() {
    LaminarException damaged = null;
    for (CheckpointInfo info : history.checkpoints()) {
      if (info.position() + 1 >= history.firstPosition()) {
        try {
          return history.checkpoint(info.id());
        } catch (LaminarException e) {
          damaged = e; // a newer one reaches less far
        }
      }
    }
    throw damaged != null ? damaged : tooFarBack("a checkpoint");
  }

  /** Whether records reach back to the first one ever. */
  private boolean beginsAtTheBeginning() {
    if (history.firstPosition() != 1) {
      return false;
    }
    try (JournalReader all = history.read(0)) {
      return history.checkpoints().isEmpty() || all.hasNext();
    }
  }

  private long positionAt(Instant moment) {
    long momentNs = nanos(moment);
    long found = -1;
    boolean later = false;
    try (JournalReader all = history.read(0)) {
      while (!later && all.next()) {
        later = Durability.timeOf(all) > momentNs;
        found = later ? found : all.position();
      }
    }
    if (found >= 0) {
      return found;
    }
    if (later && history.firstPosition() == 1) {
      return 0;
    }
    // Nothing came in between a checkpoint and the first record there is, or the end.
    long before = later ? history.firstPosition() - 1 : Long.MAX_VALUE;
    for (CheckpointInfo info : history.checkpoints()) {
      if (info.position() == before || before == Long.MAX_VALUE) {
        if (!info.takenAt().isAfter(moment)) {
          return info.position();
        }
      }
    }
    if (!later && history.checkpoints().isEmpty()) {
      return 0;
    }
    throw tooFarBack(moment.toString());
  }

  private LaminarException tooFarBack(String moment) {
    List<CheckpointInfo> infos = history.checkpoints();
    String reach =
        infos.isEmpty()
            ? "the journal begins with record " + history.firstPosition()
            : "the oldest checkpoint is of record "
                + infos.get(0).position()
                + ", taken at "
                + infos.get(0).takenAt();
    return new LaminarException(
            ErrorCode.INVALID_OPTION,
            "what is kept does not reach back to " + moment + ": " + reach + ".")
        .mend("Keep more: LaminarDB.builder().retainHistory(..).");
  }

  // ---- Record by record

  /**
   * Takes in the next record; null at the end.
   *
   * @throws LaminarException BACKPRESSURE where a subscription is full; it cannot go on then
   */
  public synchronized ReplayStep step() {
    return records.next() ? take() : null;
  }

  /** The record that was taken in last, or null where none was since the checkpoint. */
  public synchronized ReplayStep last() {
    return last;
  }

  private ReplayStep take() {
    if (failure != null) {
      throw failure;
    }
    try {
      Instant at = instant(Durability.timeOf(records));
      byte[] statement = Durability.statement(records);
      String what =
          statement == null ? durability.describe(records) : KeptStatement.of(statement).text();
      clock.set(at);
      durability.replayOne(records, bytes -> executes.accept(KeptStatement.of(bytes)));
      last = new ReplayStep(records.position(), at, what);
      return last;
    } catch (LaminarException e) {
      failure = e;
      throw e;
    }
  }

  private static long nanos(Instant instant) {
    try {
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), NS), (long) instant.getNano());
    } catch (ArithmeticException outOfRange) {
      return instant.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  private static Instant instant(long epochNs) {
    return Instant.ofEpochSecond(Math.floorDiv(epochNs, NS), Math.floorMod(epochNs, NS));
  }

  /** Lets the directory go. */
  @Override
  public void close() {
    history.close();
  }
}
