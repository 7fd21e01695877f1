package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Answers of a table outside by key, those without rows, too. An answer stays as long as rows wait for
 * it or have to be joined with it; beyond that, until it is too old, or there is no more room and it has
 * not been used for some time (the clock algorithm: a hand goes round and takes what was not used since
 * it came by). Off the heap; one thread.
 *
 * <p>It is state, so that after a restore the same keys are asked for.
 *
 * <p>An entry of {@link JoinRows} has two words of ours. One holds, of what is asked, whether its answer
 * has begun, and of an answer, until when it is right. The other one: {@code [pins | used | state]}.
 */
final class LookupCache implements AutoCloseable {
  private static final long STATE = 3;
  private static final long NEW = 0; // nobody has been asked yet
  private static final long ASKED = 1;
  private static final long KNOWN = 2;
  private static final long FAILED = 3;
  private static final long ANSWERING = 1; // the other word, of what is asked
  private static final long USED = 4;
  private static final long PIN = 8;
  private static final int SCANNED = 64;

  private final JoinRows rows;
  private final ArrowBuf scanned;
  private final int[] found = new int[1];
  private final long capacity;
  private final long ttlNs;
  private long size; // rows of answers; one without any counts as one
  private long hand;

  /**
   * @param capacity rows that are kept beyond those that are needed now
   * @param ttlNs for how long an answer is right, nanoseconds
   */
  LookupCache(long capacity, long ttlNs, BufferAllocator allocator) {
    this.capacity = ttlNs <= 0 ? 0 : capacity;
    this.ttlNs = ttlNs;
    this.rows = new JoinRows(true, false, true, allocator);
    this.scanned = StateMemory.allocate(allocator, 8L * SCANNED);
  }

  /** The entry of a key whose answer is there and right, or 0. */
  long known(long keySource, long nowNs) {
    long entry = rows.find(keySource);
    if (entry == 0 || !isKnown(entry) || !isRight(entry, nowNs)) {
      return 0;
    }
    flags(entry, flags(entry) | USED);
    return entry;
  }

  /** The entry of a key, made where there is none; without an answer that is too old. */
  long entry(long keySource, long nowNs) {
    long entry = rows.findOrInsert(keySource);
    if (isKnown(entry) && !isRight(entry, nowNs)) {
      remove(entry);
      entry = rows.findOrInsert(keySource);
    }
    flags(entry, flags(entry) | USED);
    return entry;
  }

  /** The entry of a key that a row waits for, whatever its age. */
  long wanted(long keySource) {
    return rows.find(keySource);
  }

  /** An answer that rows wait for is right for those that come, too, until they have gone. */
  private boolean isRight(long entry, long nowNs) {
    return JoinRows.time(entry) > nowNs || flags(entry) >= PIN;
  }

  boolean isNew(long entry) {
    return (flags(entry) & STATE) == NEW;
  }

  /** Whether the answer is there. */
  boolean isKnown(long entry) {
    return (flags(entry) & STATE) == KNOWN;
  }

  boolean isFailed(long entry) {
    return (flags(entry) & STATE) == FAILED;
  }

  private static long flags(long entry) {
    return JoinRows.sequence(entry);
  }

  private static void flags(long entry, long flags) {
    JoinRows.stamp(entry, JoinRows.time(entry), flags);
  }

  private static void state(long entry, long state, long word) {
    JoinRows.stamp(entry, word, flags(entry) & ~STATE | state);
  }

  /** A row waits for the answer. */
  void pin(long entry) {
    flags(entry, flags(entry) + PIN);
  }

  /** A row does no more; answers whether the entry is gone now. */
  boolean unpin(long entry, long nowNs) {
    flags(entry, flags(entry) - PIN);
    boolean ended = (flags(entry) & STATE) >= KNOWN;
    if (flags(entry) < PIN
        && ended
        && (capacity == 0 || isFailed(entry) || JoinRows.time(entry) <= nowNs)) {
      remove(entry);
      return true;
    }
    return false;
  }

  /** It is asked for. */
  void asked(long entry) {
    state(entry, ASKED, 0);
  }

  boolean isAsked(long entry) {
    return (flags(entry) & STATE) == ASKED;
  }

  /** Begins with the answer for a key; its entry, or 0 where nobody waits for it. */
  long answering(long keySource) {
    long entry = rows.find(keySource);
    if (entry == 0 || !isAsked(entry)) {
      return 0;
    }
    state(entry, ASKED, ANSWERING);
    return entry;
  }

  /** Adds a row to the answer that has begun for its key; other rows are left out. */
  void add(RowProbe probe) {
    long entry = rows.find(probe.key());
    if (entry != 0 && isAsked(entry) && JoinRows.time(entry) == ANSWERING) {
      rows.change(probe, 1, 0);
    }
  }

  /** All rows of an answer are there. */
  void answered(long entry, long nowNs) {
    long until = nowNs + ttlNs;
    state(entry, KNOWN, until < nowNs ? Long.MAX_VALUE : until);
    size += weight(entry);
  }

  /** There is no answer. */
  void failed(long entry) {
    state(entry, FAILED, 0);
    size += weight(entry);
  }

  private static long weight(long entry) {
    return Math.max(1, JoinRows.total(entry));
  }

  /** Forgets answers that are not needed now, as long as there are too many. */
  void evict() {
    int turns = 0;
    while (capacity > 0 && size > capacity && turns < 3) {
      hand = rows.scan(hand, scanned.memoryAddress(), SCANNED, found);
      for (int i = 0; i < found[0] && size > capacity; i++) {
        long entry = Memory.getLong(scanned.memoryAddress() + 8L * i);
        if ((flags(entry) & USED) != 0) {
          flags(entry, flags(entry) & ~USED);
        } else if (flags(entry) < PIN && isKnown(entry)) {
          remove(entry);
        }
      }
      if (hand < 0) {
        hand = 0;
        turns++;
      }
    }
  }

  private void remove(long entry) {
    size -= weight(entry);
    rows.remove(entry);
  }

  /** The first row of an answer, or 0. */
  static long first(long entry) {
    return JoinRows.first(entry);
  }

  /** Writes everything: a section that begins with {@code tag}, pages, and one that begins with {@code clock}. */
  void snapshot(StateWriter writer, long tag, long clock) {
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(tag);
    rows.writeHeader(writer);
    rows.writePages(writer);
    writer.section(StateWriter.NO_KEY_GROUP);
    writer.putLong(clock);
    writer.putLong(size);
    writer.putLong(hand);
  }

  /** Reads the section behind the tag; {@link io.laminardb.core.state.TablePages} reads the pages. */
  void restore(StateReader reader) {
    rows.readHeader(reader);
  }

  /** Reads the section that is there once. */
  void restoreClock(StateReader reader) {
    size = reader.getLong();
    hand = reader.getLong();
  }

  /** Ends a restore. */
  void finishRestore() {
    rows.finishRestore();
  }

  long rows() {
    return rows.rows();
  }

  long bytes() {
    return rows.bytes();
  }

  @Override
  public void close() {
    rows.close();
    scanned.close();
  }
}
