package io.laminardb.core.operator.over;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.Column;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Computes the functions of one row after the other of a partition. Places count from the first row
 * that is still kept; where earlier ones are gone, the caller says how many, for the numbers. One
 * thread.
 */
final class OverEvaluator implements AutoCloseable {
  /** The frames of the present row. */
  final FrameBounds bounds;

  final FrameAggregate[] aggregates; // by frame; null where nothing is aggregated
  final int[] starts; // of frames, for the present row
  final int[] ends;

  /** Groups of peers before that of the present row. */
  long groupsBefore;

  private final OverSpec spec;
  private final RowCodec codec;
  private final int inputs;
  private final boolean numbersGroups;
  private long partition;
  private int count;
  private int place;
  private long wanted; // which of the rows that count, from the one looked at

  OverEvaluator(OverSpec spec, PartitionedRows rows, BufferAllocator allocator) {
    this.spec = spec;
    this.codec = rows.codec();
    this.inputs = spec.input().size();
    this.numbersGroups = spec.has(OverFunction.DENSE_RANK);
    this.bounds = new FrameBounds(spec, rows, allocator);
    this.aggregates = new FrameAggregate[spec.frames().size()];
    this.starts = new int[aggregates.length];
    this.ends = new int[aggregates.length];
    try {
      for (int i = 0; i < aggregates.length; i++) {
        if (spec.frames().get(i).kernels() != null) {
          aggregates[i] = new FrameAggregate(spec.frames().get(i), spec.input(), allocator);
        }
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** The result columns as bytes, for rows of the output's schema. */
  static RowCodec results(OverSpec spec, Schema output) {
    int[] columns = new int[spec.calls().size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = spec.input().size() + i;
    }
    return RowCodec.ofColumns(output, columns);
  }

  /** Begins at a place of a partition, with groups that hold nothing. */
  void begin(long newPartition, int newPlace) {
    open(newPartition);
    groupsBefore = 0;
    if (numbersGroups) {
      for (int at = 0; newPlace > 0 && at < PartitionedRows.peersStart(partition, newPlace); ) {
        at = PartitionedRows.peersEnd(partition, at);
        groupsBefore++;
      }
    }
    for (FrameAggregate aggregate : aggregates) {
      if (aggregate != null) {
        aggregate.target = aggregate.target == 0 ? aggregate.create() : aggregate.target;
        aggregate.reset(0);
      }
    }
    groupsBefore--; // the first row counts as a new group
  }

  /** Begins with a partition; the groups are the caller's affair. */
  void open(long newPartition) {
    partition = newPartition;
    count = PartitionedRows.count(newPartition);
    bounds.begin(newPartition);
  }

  /** Goes to the next row and finds its frames. */
  void move(int newPlace) {
    place = newPlace;
    if (bounds.move(newPlace)) {
      groupsBefore++;
    }
    List<OverSpec.FrameSpec> frames = spec.frames();
    for (int i = 0; i < starts.length; i++) {
      Frame frame = frames.get(i).frame();
      starts[i] = bounds.start(frame);
      ends[i] = bounds.end(frame, starts[i]);
    }
  }

  /** The least place where a frame of the present row, or of one behind it, begins. */
  int startEver(int frame) {
    return starts[frame] == 0 ? 0 : bounds.startEver(spec.frames().get(frame).frame());
  }

  /**
   * Writes the results of the present row.
   *
   * @param gone rows of the partition before its first place
   * @return why one has none, such as a sum that does not fit; null where all are written. The row of
   *     the target is then as it was
   */
  RuntimeException write(long gone, Batch target, int row) {
    for (int i = 0; i < aggregates.length; i++) {
      if (aggregates[i] != null) {
        aggregate(i);
      }
    }
    List<OverSpec.Call> calls = spec.calls();
    try {
      for (int i = 0; i < calls.size(); i++) {
        write(calls.get(i), gone, target.column(inputs + i), row);
      }
      return null;
    } catch (RuntimeException e) {
      for (int i = 0; i < calls.size(); i++) {
        long validity = target.column(inputs + i).validityAddress();
        if (validity != 0) {
          Memory.setBit(validity, row);
        }
      }
      return e;
    }
  }

  private void aggregate(int index) {
    Frame frame = spec.frames().get(index).frame();
    int start = starts[index];
    int end = ends[index];
    if (!frame.excludes()) {
      aggregates[index].moveTo(partition, start, end);
      return;
    }
    int gap = within(start, gapStart(frame), end);
    int behind = within(gap, gapEnd(frame), end);
    aggregates[index].moveAround(partition, start, end, gap, behind, kept(frame, gap, behind));
  }

  private static int within(int least, int place, int most) {
    return Math.max(least, Math.min(place, most));
  }

  /** The first place that the frame leaves out. */
  private int gapStart(Frame frame) {
    return frame.without() == Frame.Exclusion.CURRENT_ROW ? place : bounds.peersStart;
  }

  /** The place behind those. */
  private int gapEnd(Frame frame) {
    return frame.without() == Frame.Exclusion.CURRENT_ROW ? place + 1 : bounds.peersEnd;
  }

  /** The present row where it stays among those, or -1. */
  private int kept(Frame frame, int gap, int behind) {
    boolean stays = frame.without() == Frame.Exclusion.TIES && place >= gap && place < behind;
    return stays ? place : -1;
  }

  private void write(OverSpec.Call call, long gone, Column target, int row) {
    switch (call.function()) {
      case ROW_NUMBER -> target.putLong(row, gone + place + 1);
      case RANK -> target.putLong(row, gone + bounds.peersStart + 1);
      case DENSE_RANK -> target.putLong(row, groupsBefore + 1);
      case PERCENT_RANK ->
          target.putDouble(row, count < 2 ? 0 : (double) bounds.peersStart / (count - 1));
      case CUME_DIST -> target.putDouble(row, (double) bounds.peersEnd / count);
      case NTILE -> target.putLong(row, bucket(call.count()));
      case LAG -> neighbour(call, back(call), target, row);
      case LEAD -> neighbour(call, ahead(call), target, row);
      case FIRST_VALUE, LAST_VALUE, NTH_VALUE -> {
        int at = valueAt(call);
        if (at < 0) {
          target.setNull(row);
        } else {
          codec.readValue(bytes(at), call.argument(), target, row);
        }
      }
      case AGGREGATE -> aggregates[call.frame()].write(call.result(), target, row);
    }
  }

  private long bytes(int at) {
    return PartitionedRows.bytesOf(PartitionedRows.row(partition, at));
  }

  private boolean counts(OverSpec.Call call, int at) {
    return !call.ignoreNulls() || !RowCodec.isNull(bytes(at), call.argument());
  }

  private long bucket(long buckets) {
    long size = count / buckets;
    long larger = count % buckets;
    long inLarger = larger * (size + 1);
    return place < inLarger ? place / (size + 1) + 1 : larger + (place - inLarger) / size + 1;
  }

  private int back(OverSpec.Call call) {
    if (!call.ignoreNulls() || call.count() == 0) {
      return call.count() > place ? -1 : (int) (place - call.count());
    }
    long left = call.count();
    for (int at = place - 1; at >= 0; at--) {
      if (counts(call, at) && --left == 0) {
        return at;
      }
    }
    return -1;
  }

  private int ahead(OverSpec.Call call) {
    if (!call.ignoreNulls() || call.count() == 0) {
      return call.count() >= count - place ? -1 : (int) (place + call.count());
    }
    long left = call.count();
    for (int at = place + 1; at < count; at++) {
      if (counts(call, at) && --left == 0) {
        return at;
      }
    }
    return -1;
  }

  private void neighbour(OverSpec.Call call, int at, Column target, int row) {
    if (at >= 0) {
      codec.readValue(bytes(at), call.argument(), target, row);
    } else if (call.otherwise() >= 0) {
      codec.readValue(bytes(place), call.otherwise(), target, row);
    } else {
      target.setNull(row);
    }
  }

  /** The place of the row whose value FIRST_VALUE and its kin give, or -1. */
  private int valueAt(OverSpec.Call call) {
    int start = starts[call.frame()];
    int end = ends[call.frame()];
    Frame frame = spec.frames().get(call.frame()).frame();
    int gap = frame.excludes() ? within(start, gapStart(frame), end) : end;
    int behind = frame.excludes() ? within(gap, gapEnd(frame), end) : end;
    int kept = kept(frame, gap, behind);
    if (call.function() == OverFunction.LAST_VALUE) {
      int last = lastCounting(call, behind, end);
      last = last < 0 && kept >= 0 ? lastCounting(call, kept, kept + 1) : last;
      return last < 0 ? lastCounting(call, start, gap) : last;
    }
    wanted = call.function() == OverFunction.FIRST_VALUE ? 1 : call.count();
    int found = nextCounting(call, start, gap);
    found = found < 0 && kept >= 0 ? nextCounting(call, kept, kept + 1) : found;
    return found < 0 ? nextCounting(call, behind, end) : found;
  }

  /** The last of rows {@code [from, to)} that counts, or -1. */
  private int lastCounting(OverSpec.Call call, int from, int to) {
    for (int at = to - 1; at >= from; at--) {
      if (counts(call, at)) {
        return at;
      }
    }
    return -1;
  }

  /** The row of {@code [from, to)} that is the one {@link #wanted} of those that count, or -1. */
  private int nextCounting(OverSpec.Call call, int from, int to) {
    if (!call.ignoreNulls()) {
      int count = Math.max(0, to - from);
      if (wanted <= count) {
        return (int) (from + wanted - 1);
      }
      wanted -= count;
      return -1;
    }
    for (int at = from; at < to; at++) {
      if (counts(call, at) && --wanted == 0) {
        return at;
      }
    }
    return -1;
  }

  long bytes() {
    long bytes = 0;
    for (FrameAggregate aggregate : aggregates) {
      bytes += aggregate == null ? 0 : aggregate.bytes();
    }
    return bytes;
  }

  @Override
  public void close() {
    for (FrameAggregate aggregate : aggregates) {
      if (aggregate != null) {
        aggregate.close();
      }
    }
    bounds.close();
  }
}
