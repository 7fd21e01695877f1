package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.runtime.SourceHandle;
import io.laminardb.core.time.TimeUnits;
import io.laminardb.core.time.Watermark;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Leaves out rows that nobody wants, and moves the watermark as they would have: before the next row
 * that is behind it, and at the end of a batch. A row without event time stays, so that it is counted.
 */
final class RowSieve implements AutoCloseable {
  /** The least watermark that says something. */
  private static final long LOWEST = Watermark.IDLE + 1;

  private final SourceHandle handle;
  private final KernelFilter filter;
  private final Batch kept;
  private final PumpDemand demand;
  private final long nanosPerUnit;
  private long latest; // event time of the rows left out, in units of its column
  private boolean anyTime; // left out, and not told yet

  RowSieve(SourceHandle handle, KernelFilter filter, PumpDemand demand, BufferAllocator allocator) {
    this.handle = handle;
    this.filter = filter;
    this.demand = demand;
    Schema schema = handle.schema();
    this.nanosPerUnit =
        demand.time() == null ? 1 : schema.field(demand.time().column()).type().nanosPerUnit();
    this.kept = new Batch(schema, Batch.DEFAULT_CAPACITY, allocator);
  }

  KernelFilter filter() {
    return filter;
  }

  /** Passes on the rows of a batch that somebody wants. */
  void append(Batch batch) {
    int rows = batch.rowCount();
    filter.evaluate(batch, rows);
    kept.clear();
    anyTime = false;
    int from = 0; // of a run of rows that stay
    int left = 0;
    for (int row = 0; row < rows; row++) {
      if (isLeftOut(batch, row)) {
        keep(batch, from, row);
        from = row + 1;
        left++;
        noteTime(batch, row);
      } else if (anyTime && isBehind(batch, row)) {
        keep(batch, from, row);
        from = row;
        tellTime();
      }
    }
    if (left == 0) {
      handle.append(batch);
      return;
    }
    keep(batch, from, rows);
    passOn();
    handle.filtered(left);
    if (anyTime) {
      tellTime();
    }
  }

  private boolean isLeftOut(Batch batch, int row) {
    boolean timeless = demand.time() != null && time(batch).isNull(row);
    return !timeless && !filter.isWanted(row);
  }

  private Column time(Batch batch) {
    return batch.column(demand.time().column());
  }

  private void keep(Batch batch, int from, int to) {
    if (from < to) {
      kept.append(batch, from, to);
    }
  }

  private void passOn() {
    if (kept.rowCount() > 0) {
      SourcePump.blank(kept, demand.wanted());
      handle.append(kept);
      kept.clear();
    }
  }

  private void noteTime(Batch batch, int row) {
    if (demand.time() != null) {
      long units = time(batch).getLong(row);
      latest = anyTime ? Math.max(latest, units) : units;
      anyTime = true;
    }
  }

  /** Whether a row comes behind the watermark, as rows that were left out have moved it. */
  private boolean isBehind(Batch batch, int row) {
    Column time = time(batch);
    return !time.isNull(row) && TimeUnits.toNanos(time.getLong(row), nanosPerUnit) < watermarkNs();
  }

  private long watermarkNs() {
    long ns = Math.min(TimeUnits.toNanos(latest, nanosPerUnit), Watermark.END - 1);
    long delayNs = demand.time().delayNs();
    return ns < LOWEST + delayNs ? LOWEST : ns - delayNs;
  }

  private void tellTime() {
    passOn();
    handle.watermark(watermarkNs());
    anyTime = false;
  }

  @Override
  public void close() {
    filter.close();
    kept.close();
  }
}
