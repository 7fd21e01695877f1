package io.laminardb.core.operator.over;

import io.laminardb.core.batch.DataType;
import io.laminardb.core.batch.RowCodec;
import io.laminardb.core.operator.over.Frame.Kind;
import io.laminardb.core.operator.scalar.Times;
import io.laminardb.core.state.StateMemory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Finds the places of frames in a partition. {@link #move} says which row it is about; both bounds only
 * move on from one row to the next, but for distances of months: a month before March 29, 01:00 can be
 * earlier than one before March 28, 23:00. One thread.
 */
final class FrameBounds implements AutoCloseable {
  /** How many days the 31st moves at most where a month is shorter. */
  private static final int DAYS_CUT = 3;

  private static final long NANOS_PER_DAY = 86_400_000_000_000L;

  private final RowCodec codec;
  private final OrderCodec order;
  private final int valueColumn; // the one sort column, where frames measure it
  private final boolean isApproximate;
  private final boolean isDecimal;
  private final long unitsPerDay; // of that column, where it is a date or time
  private final ArrowBuf probe;

  /** The peers of the row. */
  int peersStart;

  int peersEnd;

  private long partition;
  private int place;
  private int count;

  FrameBounds(OverSpec spec, PartitionedRows rows, BufferAllocator allocator) {
    codec = rows.codec();
    order = rows.order();
    boolean measures = spec.frames().stream().anyMatch(f -> f.frame().measuresValues());
    valueColumn = measures ? spec.keys().get(0).column() : -1;
    isApproximate =
        measures
            && switch (spec.input().field(valueColumn).type().kind()) {
              case REAL, DOUBLE -> true;
              default -> false;
            };
    isDecimal = measures && spec.input().field(valueColumn).type().kind() == DataType.Kind.DECIMAL;
    unitsPerDay = measures ? unitsPerDay(spec.input().field(valueColumn).type()) : 0;
    probe = StateMemory.allocate(allocator, OrderCodec.numberLength(isDecimal));
  }

  private static long unitsPerDay(DataType type) {
    return switch (type.kind()) {
      case DATE -> 1;
      case TIMESTAMP, TIMESTAMP_LTZ -> NANOS_PER_DAY / type.nanosPerUnit();
      default -> 0;
    };
  }

  /** Begins with a partition; its rows do not change while it is worked on. */
  void begin(long newPartition) {
    partition = newPartition;
    count = PartitionedRows.count(newPartition);
    peersStart = 0;
    peersEnd = 0;
  }

  /** Goes to a row, and says whether it is in another group of peers than the row before. */
  boolean move(int newPlace) {
    boolean next = newPlace >= peersEnd || newPlace < peersStart;
    place = newPlace;
    if (next) {
      peersStart =
          newPlace == peersEnd ? newPlace : PartitionedRows.peersStart(partition, newPlace);
      peersEnd = PartitionedRows.peersEnd(partition, newPlace);
    }
    return next;
  }

  /** The first place of the frame. */
  int start(Frame frame) {
    Frame.Bound bound = frame.start();
    if (bound.kind() == Kind.UNBOUNDED_PRECEDING) {
      return 0;
    }
    return switch (frame.unit()) {
      case ROWS -> clamp(place + bound.step());
      case RANGE -> bound.hasOffset() ? value(place, bound, false) : peersStart;
      case GROUPS -> bound.step() <= 0 ? groupStart(-bound.step()) : groupEnd(bound.step() - 1);
    };
  }

  /** The place behind the frame, never before its start. */
  int end(Frame frame, int start) {
    Frame.Bound bound = frame.end();
    if (bound.kind() == Kind.UNBOUNDED_FOLLOWING) {
      return count;
    }
    int end =
        switch (frame.unit()) {
          case ROWS -> clamp(place + bound.step() + 1);
          case RANGE -> bound.hasOffset() ? value(place, bound, true) : peersEnd;
          case GROUPS -> bound.step() >= 0 ? groupEnd(bound.step()) : groupStart(-bound.step() - 1);
        };
    return Math.max(start, end);
  }

  private int clamp(long wanted) {
    return (int) Math.max(0, Math.min(count, wanted));
  }

  /** The first place of the group of peers this many before the row's; 0 where there is none. */
  private int groupStart(long back) {
    int start = peersStart;
    for (long i = 0; i < back && start > 0; i++) {
      start = PartitionedRows.peersStart(partition, start - 1);
    }
    return start;
  }

  /** The place behind the group of peers this many after the row's. */
  private int groupEnd(long ahead) {
    int end = peersEnd;
    for (long i = 0; i < ahead && end < count; i++) {
      end = PartitionedRows.peersEnd(partition, end);
    }
    return end;
  }

  private int value(int at, Frame.Bound bound, boolean isEnd) {
    long bytes = PartitionedRows.bytesOf(PartitionedRows.row(partition, at));
    if (RowCodec.isNull(bytes, valueColumn)) {
      return isEnd ? peersEnd : peersStart;
    }
    return search(bytes, bound, 0, isEnd);
  }

  /**
   * The least place where the frame of the row, or of one behind it, may begin; rows are in ascending
   * order of time.
   */
  int startEver(Frame frame) {
    Frame.Bound bound = frame.start();
    long bytes = PartitionedRows.bytesOf(PartitionedRows.row(partition, place));
    return bound.months() == 0 || RowCodec.isNull(bytes, valueColumn)
        ? start(frame)
        : search(
            bytes, bound, -Math.floorMod(codec.getLong(bytes, valueColumn), unitsPerDay), false);
  }

  /**
   * The place that a distance before or after the value of a row leads to.
   *
   * @param more what is added to the value a distance of months away
   */
  private int search(long bytes, Frame.Bound bound, long more, boolean isEnd) {
    boolean subtract = (bound.kind() == Kind.PRECEDING) != order.isDescending();
    if (isApproximate) {
      double value = codec.getDouble(bytes, valueColumn);
      double distance = bound.distance();
      order.writeNumber(subtract ? value - distance : value + distance, probe.memoryAddress());
    } else if (isDecimal) {
      writeDecimal(bytes, bound, subtract);
    } else {
      order.writeNumber(
          moved(codec.getLong(bytes, valueColumn), bound, more, subtract), probe.memoryAddress());
    }
    int length = OrderCodec.numberLength(isDecimal);
    return isEnd
        ? PartitionedRows.upperBound(partition, probe.memoryAddress(), length)
        : PartitionedRows.lowerBound(partition, probe.memoryAddress(), length);
  }

  private long moved(long value, Frame.Bound bound, long more, boolean subtract) {
    if (bound.months() == 0) {
      return subtract ? subtract(value, bound.offset()) : add(value, bound.offset());
    }
    int months = subtract ? -bound.months() : bound.months();
    long moved = Times.movedByMonths(value, months, unitsPerDay);
    return more < 0 ? subtract(moved, -more) : add(moved, more);
  }

  /** Writes a value of 128 bits plus or minus a distance; beyond them is the end of what there is. */
  private void writeDecimal(long bytes, Frame.Bound bound, boolean subtract) {
    long low = codec.getDecimalLow(bytes, valueColumn);
    long high = codec.getDecimalHigh(bytes, valueColumn);
    long newLow = subtract ? low - bound.offset() : low + bound.offset();
    boolean carries =
        subtract
            ? Long.compareUnsigned(low, bound.offset()) < 0
            : Long.compareUnsigned(newLow, low) < 0;
    long change = bound.high() + (carries ? 1 : 0);
    long newHigh = subtract ? high - change : high + change;
    boolean beyond =
        bound.high() == Frame.Bound.FARTHEST || (subtract ? newHigh > high : newHigh < high);
    if (beyond) {
      newHigh = subtract ? Long.MIN_VALUE : Long.MAX_VALUE;
      newLow = subtract ? 0 : -1;
    }
    order.writeNumber(newLow, newHigh, probe.memoryAddress());
  }

  private static long add(long value, long offset) {
    long sum = value + offset;
    return sum < value ? Long.MAX_VALUE : sum;
  }

  private static long subtract(long value, long offset) {
    long difference = value - offset;
    return difference > value ? Long.MIN_VALUE : difference;
  }

  // ---- whose frame a row may be in

  /**
   * The first row of the partition whose frame may hold a row.
   *
   * @param at where the row is or was
   * @param first the first place of its peers, in the partition as it is now
   * @param last the place behind its peers
   */
  int affectedFrom(Frame frame, long row, int at, int first, int last) {
    if (frame.isToEnd()) {
      return 0;
    }
    Frame.Bound bound = frame.end();
    return switch (frame.unit()) {
      case ROWS -> clamp(at - bound.step() - 1);
      case RANGE -> bound.hasOffset() ? affected(row, bound, false, first) : first;
      case GROUPS -> {
        int start = first;
        for (long i = Math.max(0, bound.step()) + 1; i > 0 && start > 0; i--) {
          start = PartitionedRows.peersStart(partition, start - 1);
        }
        yield start;
      }
    };
  }

  /** The place behind the last row whose frame may hold a row. */
  int affectedTo(Frame frame, long row, int at, int last) {
    if (frame.isFromStart()) {
      return count;
    }
    Frame.Bound bound = frame.start();
    return switch (frame.unit()) {
      case ROWS -> clamp(at - bound.step() + 2);
      case RANGE -> bound.hasOffset() ? affected(row, bound, true, last) : last;
      case GROUPS -> {
        int end = last;
        for (long i = Math.max(0, -bound.step()) + 1; i > 0 && end < count; i--) {
          end = PartitionedRows.peersEnd(partition, end);
        }
        yield end;
      }
    };
  }

  /** The other way round: x PRECEDING of whom is it? */
  private int affected(long row, Frame.Bound bound, boolean isEnd, int ofNull) {
    long bytes = PartitionedRows.bytesOf(row);
    if (RowCodec.isNull(bytes, valueColumn)) {
      return ofNull;
    }
    boolean later = isEnd != order.isDescending();
    return search(bytes, bound.mirrored(), (later ? DAYS_CUT : -DAYS_CUT) * unitsPerDay, isEnd);
  }

  @Override
  public void close() {
    probe.close();
  }
}
