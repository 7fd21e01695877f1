package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What a join keeps: the rows of both sides, and where an answer of those without a match stands. Keys
 * are forgotten when their time is over, or, with a time to live, when no row of either side has touched
 * them for so long.
 */
final class JoinState implements AutoCloseable {
  private static final int EXPIRIES_A_TTL = 16;

  private final JoinSpec spec;
  private final JoinRows[] sides = new JoinRows[2];
  private final JoinTimes times; // null where no time is among the keys
  private final long ttlNs; // 0 for ever
  private final long grainNs; // of the times at which keys are looked at again
  private final JoinTimes expiries; // of keys, in nanoseconds of processing time; or null
  private final int[][] free = new int[2][]; // while it is restored
  private final ArrowBuf keyAddress; // where a scan leaves the key it has come to
  private final int[] found = new int[1];
  private long sequence; // of the next key of a join by time
  private int scanPort;
  private long scanPosition;
  private long scanKey;
  private long scanRow;

  JoinState(JoinSpec spec, long ttlNs, BufferAllocator allocator) {
    this.spec = spec;
    this.ttlNs = ttlNs;
    this.grainNs = Math.max(1, ttlNs / EXPIRIES_A_TTL);
    this.expiries = ttlNs == 0 ? null : new JoinTimes(1);
    this.times = spec.time() == null ? null : new JoinTimes(spec.time().nanosPerUnit());
    for (int port = 0; port < 2; port++) {
      sides[port] =
          new JoinRows(
              spec.keepsRows(port),
              spec.input(port).isChangelog(),
              times != null || expiries != null,
              allocator);
    }
    keyAddress = StateMemory.allocate(allocator, 8);
  }

  JoinRows side(int port) {
    return sides[port];
  }

  /** Adds a row or takes it back; {@code time} is that of its key, where keys have one. */
  void change(int port, RowProbe probe, int weight, long matches, long time) {
    JoinRows rows = sides[port];
    long keys = rows.keys();
    long entry = rows.change(probe, weight, matches);
    if (times != null && rows.keys() > keys) {
      JoinRows.stamp(entry, time, sequence++);
      times.add(time, entry, port);
    }
  }

  /** As above, of keys that are forgotten some time after {@code nowNs}. */
  void touch(int port, RowProbe probe, int weight, long matches, long nowNs) {
    JoinRows rows = sides[port];
    long keys = rows.keys();
    long entry = rows.change(probe, weight, matches);
    boolean isNew = rows.keys() > keys;
    JoinRows.stamp(entry, nowNs, isNew ? sequence++ : JoinRows.sequence(entry));
    if (isNew) {
      expiries.add(expiry(nowNs), entry, port);
    }
  }

  /** When to look at a key again: times are rounded up, so that many keys share one. */
  private long expiry(long touchedNs) {
    return TimeUnits.endOf(touchedNs, ttlNs, grainNs);
  }

  /** When the first key may be forgotten, or NONE. */
  long firstExpiryNs() {
    return expiries == null || expiries.isEmpty() ? Watermark.NONE : expiries.firstNs();
  }

  /** Forgets keys that no row has touched for the time to live; answers how many rows that were. */
  long expire(long nowNs) {
    long before = rows();
    while (!expiries.isEmpty() && expiries.firstNs() <= nowNs) {
      LongList due = expiries.first();
      expiries.removeFirst();
      for (int i = 0; i < due.size(); i++) {
        int port = JoinTimes.port(due.get(i));
        long entry = JoinTimes.entry(due.get(i));
        long other = sides[1 - port].find(entry);
        long touched = JoinRows.time(entry);
        touched = other == 0 ? touched : Math.max(touched, JoinRows.time(other));
        long expiry = expiry(touched); // of both sides: they go together
        if (expiry <= nowNs) {
          sides[port].remove(entry);
        } else {
          expiries.add(expiry, entry, port);
        }
      }
    }
    return before - rows();
  }

  /** Whether there is a time of which no row can come once this watermark has. */
  boolean isDue(long watermarkNs) {
    return times != null && !times.isEmpty() && times.firstNs() < watermarkNs;
  }

  /** The first time of which there are rows, or NONE. */
  long firstTimeNs() {
    return times == null || times.isEmpty() ? Watermark.NONE : times.firstNs();
  }

  /** Forgets the rows of the first time. */
  void forgetFirst() {
    LongList gone = times.first();
    for (int i = 0; i < gone.size(); i++) {
      sides[JoinTimes.port(gone.get(i))].remove(JoinTimes.entry(gone.get(i)));
    }
    times.removeFirst();
    rewind();
  }

  /**
   * The next row without a match of a side that answers those, of the first time where keys have one;
   * or 0 when all have been seen. Nothing may change in between.
   */
  long nextUnmatched() {
    while (true) {
      if (scanRow != 0) {
        scanRow = JoinRows.next(scanRow);
      }
      while (scanRow == 0) {
        if (!nextKey()) {
          return 0;
        }
      }
      if (!hasMatch(scanRow)) {
        return scanRow;
      }
    }
  }

  /** What is done with a row that is kept, and the entry of its key. */
  interface RowAction {
    void take(long entry, long row);
  }

  /** Goes through the rows of a side, none of which may come or go meanwhile. */
  void forEach(int port, RowAction action) {
    for (long at = 0; at >= 0; ) {
      at = sides[port].scan(at, keyAddress.memoryAddress(), 1, found);
      long entry = found[0] == 0 ? 0 : Memory.getLong(keyAddress.memoryAddress());
      for (long kept = JoinRows.first(entry); kept != 0; kept = JoinRows.next(kept)) {
        action.take(entry, kept);
      }
    }
  }

  /** The side of the row that {@link #nextUnmatched} answered last. */
  int unmatchedPort() {
    return scanPort;
  }

  private boolean nextKey() {
    for (; scanPort < 2; scanPort++, scanPosition = 0) {
      if (spec.type().keepsUnmatched(scanPort)
          && (times == null ? scanKey() : nextKeyOf(times.first()))) {
        scanRow = JoinRows.first(scanKey);
        return true;
      }
    }
    return false;
  }

  private boolean scanKey() {
    if (scanPosition < 0) {
      return false;
    }
    scanPosition = sides[scanPort].scan(scanPosition, keyAddress.memoryAddress(), 1, found);
    scanKey = Memory.getLong(keyAddress.memoryAddress());
    return found[0] == 1;
  }

  private boolean nextKeyOf(LongList keys) {
    while (scanPosition < keys.size()) {
      long key = keys.get((int) scanPosition++);
      if (JoinTimes.port(key) == scanPort) {
        scanKey = JoinTimes.entry(key);
        return true;
      }
    }
    return false;
  }

  private boolean hasMatch(long row) {
    return spec.condition() != null
        ? JoinRows.matches(row) > 0
        : JoinRows.total(sides[1 - scanPort].find(scanKey)) > 0;
  }

  private void rewind() {
    scanPort = 0;
    scanPosition = 0;
    scanKey = 0;
    scanRow = 0;
  }

  /** Forgets all rows. */
  void clear() {
    sides[0].clear();
    sides[1].clear();
    if (times != null) {
      times.clear();
    }
    if (expiries != null) {
      expiries.clear();
    }
    rewind();
  }

  long rows() {
    return sides[0].rows() + sides[1].rows();
  }

  long bytes() {
    return sides[0].bytes() + sides[1].bytes();
  }

  void snapshot(StateWriter writer) {
    sides[0].snapshot(writer, 0);
    sides[1].snapshot(writer, 1);
  }

  /** Reads a section of {@link #snapshot}. */
  void restore(int keyGroup, StateReader reader) {
    int port = (int) reader.getLong();
    if (keyGroup == StateWriter.NO_KEY_GROUP) {
      free[port] = sides[port].readHeader(reader);
    } else {
      sides[port].readGroup(reader);
    }
  }

  /** Ends a restore. */
  void finishRestore() {
    List<Long> keys = new ArrayList<>();
    for (int port = 0; port < 2; port++) {
      if (free[port] != null) {
        sides[port].finish(free[port]);
      }
      long at = times == null && expiries == null ? -1 : 0;
      while (at >= 0) {
        at = sides[port].scan(at, keyAddress.memoryAddress(), 1, found);
        if (found[0] == 1) {
          keys.add(Memory.getLong(keyAddress.memoryAddress()) | port);
        }
      }
    }
    keys.sort(Comparator.comparingLong(key -> JoinRows.sequence(JoinTimes.entry(key))));
    for (long key : keys) {
      long entry = JoinTimes.entry(key);
      if (times != null) {
        times.add(JoinRows.time(entry), entry, JoinTimes.port(key));
      } else {
        expiries.add(expiry(JoinRows.time(entry)), entry, JoinTimes.port(key));
      }
      sequence = JoinRows.sequence(entry) + 1;
    }
  }

  @Override
  public void close() {
    sides[0].close();
    sides[1].close();
    keyAddress.close();
  }
}
