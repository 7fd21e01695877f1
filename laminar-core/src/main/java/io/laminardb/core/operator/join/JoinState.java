package io.laminardb.core.operator.join;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.operator.OperatorContext;
import io.laminardb.core.operator.aggregate.LongList;
import io.laminardb.core.state.RowCursor;
import io.laminardb.core.state.RowProbe;
import io.laminardb.core.state.Spill;
import io.laminardb.core.state.StateMemory;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;

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
  private final ArrowBuf keyAddress; // where a scan leaves the key it has come to
  private final int[] found = new int[1];
  private long sequence; // of the next key of a join by time
  private int scanPort;
  private int scanPosition; // among the keys of a time
  private RowCursor scan; // of the keys of a side, while it is under way; else null
  private long scanKey;
  private long scanRow;

  /**
   * @param spill where keys go when memory is short, or null; of keys that are not noted by their addresses for
   *     the time at which they are forgotten
   */
  JoinState(JoinSpec spec, long ttlNs, OperatorContext context, Spill spill) {
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
              context.allocator(),
              context.tracksChanges(),
              spill);
    }
    keyAddress = StateMemory.allocate(context.allocator(), 8);
  }

  JoinRows side(int port) {
    return sides[port];
  }

  /** The entry of the key of a row in a side that the row is joined with, or 0. */
  long find(int port, RowProbe probe) {
    long entry = sides[port].find(probe.key());
    if (entry != 0 && spec.condition() != null) {
      sides[port].touch(entry); // its rows count their matches
    } else if (entry != 0) {
      sides[port].lookedAt(entry);
    }
    return entry;
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
    try (RowCursor cursor = sides[port].cursor()) {
      while (cursor.next(keyAddress.memoryAddress(), 1) > 0) {
        long entry = Memory.getLong(keyAddress.memoryAddress());
        for (long kept = JoinRows.first(entry); kept != 0; kept = JoinRows.next(kept)) {
          action.take(entry, kept);
        }
        sides[1 - port].keepRoom(); // what came back to match them
      }
    }
  }

  /** Lets keys leave that were not looked up for long, where memory is short; addresses end. */
  void keepRoom() {
    sides[0].keepRoom();
    sides[1].keepRoom();
  }

  /** Lets all keys leave, and frees their memory; addresses end. */
  void leaveAll() {
    sides[0].leaveAll();
    sides[1].leaveAll();
  }

  /** The side of the row that {@link #nextUnmatched} answered last. */
  int unmatchedPort() {
    return scanPort;
  }

  private boolean nextKey() {
    for (; scanPort < 2; scanPort++, rewindSide()) {
      if (spec.type().keepsUnmatched(scanPort)
          && (times == null ? scanKey() : nextKeyOf(times.first()))) {
        scanRow = JoinRows.first(scanKey);
        return true;
      }
    }
    return false;
  }

  private boolean scanKey() {
    if (scan == null) {
      scan = sides[scanPort].cursor();
    }
    sides[1 - scanPort].keepRoom(); // what came back to be counted
    boolean found = scan.next(keyAddress.memoryAddress(), 1) > 0;
    scanKey = Memory.getLong(keyAddress.memoryAddress());
    return found;
  }

  private boolean nextKeyOf(LongList keys) {
    while (scanPosition < keys.size()) {
      long key = keys.get(scanPosition++);
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
    rewindSide();
    scanKey = 0;
    scanRow = 0;
  }

  private void rewindSide() {
    scanPosition = 0;
    if (scan != null) {
      scan.close();
      scan = null;
    }
  }

  /** Forgets all rows. */
  void clear() {
    rewind(); // what it goes through lies in the sides
    sides[0].clear();
    sides[1].clear();
    if (times != null) {
      times.clear();
    }
    if (expiries != null) {
      expiries.clear();
    }
  }

  long rows() {
    return sides[0].rows() + sides[1].rows();
  }

  long bytes() {
    return sides[0].bytes() + sides[1].bytes();
  }

  /** Writes what is no key into the present section, and sections of keys behind it. */
  void snapshot(StateWriter writer) {
    for (JoinRows side : sides) {
      side.writeHeader(writer);
    }
    for (JoinRows side : sides) {
      side.writePages(writer);
    }
  }

  /** Reads the first section of {@link #snapshot}; {@link io.laminardb.core.state.TablePages} reads the others. */
  void readHeader(StateReader reader) {
    for (JoinRows side : sides) {
      side.readHeader(reader);
    }
  }

  /** Ends a restore. */
  void finishRestore() {
    List<Long> keys = new ArrayList<>();
    for (int port = 0; port < 2; port++) {
      sides[port].finishRestore();
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
    rewind();
    sides[0].close();
    sides[1].close();
    keyAddress.close();
  }
}
