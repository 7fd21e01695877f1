package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.memory.Memory;
import io.laminardb.core.ring.ColumnarRing;
import io.laminardb.core.state.KeyWatermarks;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import java.util.Queue;

/** One handle's share of a source: its ring and its watermark. */
final class Partition {
  /**
   * Where a connector stands.
   *
   * @param position of the ring, which its next row has
   */
  record Offset(long position, byte[] bytes) {}

  /** The least watermark that says something. */
  private static final long LOWEST = Watermark.IDLE + 1;

  final ColumnarRing ring;
  int index; // among those of its source
  boolean hasHandle; // somebody may write to it
  boolean idle;
  boolean ended;
  byte[] offset; // of the connector that writes to it, as of its last record; or null
  long rowsBehindOffset; // that came since
  Queue<Offset> offsets; // that wait until the rows before them are taken; null where none are kept
  long lastRowEpochNs;
  long gatherNs; // how long the reactor waits for more rows before it takes a few
  private int timeColumn = -1;
  private long nanosPerUnit = 1;
  private long delayNs;
  private long delayUnits;
  private long maxUnits = Long.MIN_VALUE;
  private long lateUnits = Long.MIN_VALUE; // rows before it are behind the maximum by the delay
  private long stopUnits = Long.MAX_VALUE; // the first row behind it is the last one that is read
  private long explicitNs = Watermark.NONE;
  private long nullTimeRows;
  private volatile long filteredRows; // written by the producer

  Partition(ColumnarRing ring, long nowEpochNs) {
    this.ring = ring;
    this.lastRowEpochNs = nowEpochNs;
  }

  void timeAttribute(int column, long newNanosPerUnit, long newDelayNs) {
    timeColumn = column;
    nanosPerUnit = newNanosPerUnit;
    delayNs = newDelayNs;
    delayUnits = newDelayNs / newNanosPerUnit;
    maxUnits = Long.MIN_VALUE;
    lateUnits = Long.MIN_VALUE;
  }

  /** An explicit watermark; one that would go back changes nothing. */
  void raise(long watermarkNs) {
    explicitNs = Math.max(explicitNs, Math.min(watermarkNs, Watermark.END - 1));
  }

  /** Lets a scan end with the row that brings the watermark behind {@code limitNs}. */
  void stopBehind(long limitNs) {
    long times = limitNs > Long.MAX_VALUE - delayNs ? Long.MAX_VALUE : limitNs + delayNs;
    stopUnits = times == Long.MAX_VALUE ? times : Math.floorDiv(times, nanosPerUnit);
  }

  /** What no row of this partition comes before, as far as it is known. */
  long watermark() {
    if (maxUnits == Long.MIN_VALUE) {
      return explicitNs;
    }
    long ns = Math.min(TimeUnits.toNanos(maxUnits, nanosPerUnit), Watermark.END - 1);
    long behind = ns < LOWEST + delayNs ? LOWEST : ns - delayNs;
    return Math.max(explicitNs, behind);
  }

  /**
   * Moves the watermark over the rows of {@code batch}, up to before the first one that is behind a
   * watermark which has not been passed on yet.
   *
   * @return the rows before it
   */
  int scan(Batch batch, SourceTask source) {
    int from = batch.from();
    int to = batch.to();
    if (timeColumn < 0) {
      return to - from;
    }
    Column times = batch.column(timeColumn);
    long data = times.dataAddress();
    long validity = times.validityAddress();
    long delay = delayUnits;
    long max = maxUnits;
    long late = lateUnits;
    final long stop = stopUnits;
    int row = from;
    for (; row < to; row++) {
      if (validity != 0 && !Memory.getBit(validity, row)) {
        nullTimeRows++;
        continue;
      }
      long time = Memory.getLong(data + ((long) row << 3));
      if (time > max) {
        max = time;
        late = time - delay > time ? Long.MIN_VALUE : time - delay;
        if (time > stop) {
          row++;
          break;
        }
      } else if (time < late && row > from) {
        maxUnits = max;
        lateUnits = late;
        if (source.mustCut(this, TimeUnits.toNanos(time, nanosPerUnit))) {
          return row - from;
        }
      }
    }
    maxUnits = max;
    lateUnits = late;
    return row - from;
  }

  /**
   * As {@link #scan}, up to before the first row after one that moved the watermark to where somebody
   * acts on it: what stands for a row may be of any time.
   */
  int scanEach(Batch batch, SourceTask source) {
    int from = batch.from();
    int to = batch.to();
    if (timeColumn < 0) {
      return to - from;
    }
    Column times = batch.column(timeColumn);
    for (int row = from; row < to; row++) {
      if (row > from && source.mustCutAnyway(this)) {
        return row - from;
      }
      if (times.isNull(row)) {
        nullTimeRows++;
      } else if (times.getLong(row) > maxUnits) {
        long time = times.getLong(row);
        maxUnits = time;
        lateUnits = time - delayUnits > time ? Long.MIN_VALUE : time - delayUnits;
        if (time > stopUnits) {
          return row + 1 - from;
        }
      }
    }
    return to - from;
  }

  /** As {@link #scan}, where keys have watermarks of their own. */
  int scanKeys(Batch batch, SourceTask source, KeyWatermarks keys, long nowEpochNs) {
    int from = batch.from();
    int to = batch.to();
    Column times = batch.column(timeColumn);
    for (int row = from; row < to; row++) {
      if (times.isNull(row)) {
        nullTimeRows++;
        continue;
      }
      long time = times.getLong(row);
      if (row > from && source.mustCut(TimeUnits.toNanos(time, nanosPerUnit))) {
        return row - from;
      }
      keys.note(batch, row, time, nowEpochNs);
    }
    return to - from;
  }

  long nullTimeRows() {
    return nullTimeRows;
  }

  /** The producer has left out rows that nobody wants. */
  void filtered(long rows) {
    filteredRows = filteredRows + rows;
  }

  long filteredRows() {
    return filteredRows;
  }

  /** The state to be kept. */
  void snapshot(StateWriter writer) {
    writer.putLong(maxUnits);
    writer.putLong(explicitNs);
    writer.putLong(lastRowEpochNs);
    writer.putLong(nullTimeRows);
    writer.putByte(idle ? 1 : 0);
    writer.putByte(ended ? 1 : 0);
    writer.putBlock(offset);
    writer.putLong(rowsBehindOffset);
  }

  /** Becomes what was written. */
  void restore(StateReader reader) {
    maxUnits = reader.getLong();
    explicitNs = reader.getLong();
    lastRowEpochNs = reader.getLong();
    nullTimeRows = reader.getLong();
    idle = reader.getByte() != 0;
    ended = reader.getByte() != 0;
    offset = reader.getBlock();
    rowsBehindOffset = reader.getLong();
    long late = maxUnits - delayUnits;
    lateUnits = late > maxUnits ? Long.MIN_VALUE : late;
  }
}
