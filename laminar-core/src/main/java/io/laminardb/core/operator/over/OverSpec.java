package io.laminardb.core.operator.over;

import static java.util.Objects.requireNonNull;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.operator.aggregate.AggregateKernel;
import io.laminardb.core.operator.aggregate.AggregateShape;
import io.laminardb.core.operator.sort.SortOperator;
import java.util.List;
import java.util.function.Supplier;

/**
 * Functions over one ordering of partitions. Immutable.
 *
 * @param input the rows that come in
 * @param partition their columns that make up the partition
 * @param keys how a partition is ordered; peers by arrival
 * @param frames of the functions that have one
 * @param calls one result column each, behind the input's
 * @param output the input's columns and the results
 */
public record OverSpec(
    Schema input,
    List<Integer> partition,
    List<SortOperator.Key> keys,
    List<FrameSpec> frames,
    List<Call> calls,
    Schema output) {
  /**
   * A frame with the aggregates over it.
   *
   * @param kernels makes the kernel of the aggregates, without keys; null if there are none
   * @param shape of that kernel
   * @param slides whether rows that leave the frame can be taken back from the aggregates; otherwise
   *     they begin anew where the frame's start moves
   */
  public record FrameSpec(
      Frame frame,
      Supplier<? extends AggregateKernel> kernels,
      AggregateShape shape,
      boolean slides) {
    public FrameSpec {
      requireNonNull(frame, "frame");
      if ((kernels == null) != (shape == null)) {
        throw new IllegalArgumentException("a kernel has a shape");
      }
    }
  }

  /**
   * One function.
   *
   * @param argument the input's column it reads, or -1
   * @param count rows of LAG and LEAD, the n of NTH_VALUE, buckets of NTILE
   * @param otherwise column with what LAG and LEAD give outside of the partition, or -1 for NULL
   * @param ignoreNulls whether rows whose argument is NULL do not count
   * @param frame index of its frame, or -1
   * @param result of AGGREGATE: the column of the kernel's output
   */
  public record Call(
      OverFunction function,
      int argument,
      long count,
      int otherwise,
      boolean ignoreNulls,
      int frame,
      int result) {
    public Call {
      requireNonNull(function, "function");
    }
  }

  public OverSpec {
    partition = List.copyOf(partition);
    keys = List.copyOf(keys);
    frames = List.copyOf(frames);
    calls = List.copyOf(calls);
    if (output.size() != input.size() + calls.size()) {
      throw new IllegalArgumentException("a result column for each function");
    }
  }

  boolean has(OverFunction function) {
    return calls.stream().anyMatch(call -> call.function() == function);
  }

  /** How many rows after a row its results need, as LEAD and frames of ROWS count them. */
  long rowsAhead() {
    long rows = 0;
    for (Call call : calls) {
      rows = Math.max(rows, call.function() == OverFunction.LEAD ? call.count() : 0);
    }
    return Math.max(rows, ahead(Frame.Unit.ROWS));
  }

  /** How far frames of a unit reach beyond the row, 0 if they do not. */
  long ahead(Frame.Unit unit) {
    long ahead = 0;
    for (FrameSpec frame : frames) {
      if (frame.frame().unit() == unit) {
        ahead = Math.max(ahead, frame.frame().end().step());
      }
    }
    return ahead;
  }

  /**
   * How long after its time, in units of the time column, a row may be looked at by later ones; -1 where
   * that may be for ever. Of an order by time.
   */
  long timeBehind() {
    long behind = 0;
    for (Call call : calls) {
      Frame frame = call.frame() < 0 ? null : frames.get(call.frame()).frame();
      if (frame == null || frame.unit() != Frame.Unit.RANGE || frame.isFromStart()) {
        return -1;
      }
      behind = Math.max(behind, -frame.start().step());
    }
    return behind;
  }

  /** How many of the first rows of a partition are needed for ever. */
  int firstRows() {
    long rows = 0;
    for (Call call : calls) {
      if (call.frame() >= 0 && frames.get(call.frame()).frame().isFromStart()) {
        rows =
            switch (call.function()) {
              case FIRST_VALUE -> Math.max(rows, 1);
              case NTH_VALUE -> Math.max(rows, call.count());
              default -> rows;
            };
      }
    }
    return Math.toIntExact(rows);
  }

  /** Names the layout of the state. */
  String fingerprint() {
    StringBuilder text = new StringBuilder("Over ");
    text.append(partition).append(keys).append(calls).append(output.types());
    for (FrameSpec frame : frames) {
      text.append(frame.frame()).append(frame.slides());
      text.append(frame.shape() == null ? "" : frame.shape().fingerprint());
    }
    return text.toString();
  }
}
