package io.laminardb.sql.plan;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.over.OverMode;
import io.laminardb.sql.catalog.TimeColumn;
import io.laminardb.sql.parser.Emit;
import io.laminardb.sql.plan.PlanNode.OverCall;
import java.util.List;

/**
 * When functions over partitions speak. Where a stream's results can be final they are: in event-time
 * order, as the watermark passes the rows, or partition by partition, as it passes the time in their
 * key. Everything else, and every view, shows changes at once.
 */
final class OverEmission {
  private final Emissions emissions;
  private final AggregatePlanner aggregates;
  private final Windows windows;
  private final long stateTtlNs;

  /**
   * @param stateTtlNs how long partitions are kept that no row comes to; 0 for ever
   */
  OverEmission(Emissions emissions, AggregatePlanner aggregates, Windows windows, long stateTtlNs) {
    this.stateTtlNs = stateTtlNs;
    this.emissions = emissions;
    this.aggregates = aggregates;
    this.windows = windows;
  }

  /**
   * What was decided.
   *
   * @param mode null for event-time order
   * @param times time attributes of what comes out
   */
  record Decision(OverMode mode, List<TimeColumn> times) {}

  /**
   * Decides for one operator.
   *
   * @param times time attributes of its input
   */
  Decision decide(
      Schema input,
      List<TimeColumn> times,
      OverColumns.Ordering ordering,
      List<OverCall> calls,
      boolean outermost) {
    if (emissions.kind() == QueryKind.SNAPSHOT) {
      return new Decision(OverMode.AT_END, List.of());
    }
    Emit emit = outermost ? emissions.emit() : null;
    boolean asked = emit != null && emit.mode() == Emit.Mode.ON_WINDOW_CLOSE;
    TimeColumn partition = partitionTime(times, ordering, asked);
    if (asked || emit == null && emissions.kind() == QueryKind.STREAM) {
      TimeColumn order = orderTime(times, ordering, asked);
      if (order != null && !input.isChangelog() && canWait(ordering, calls)) {
        windows.use(order);
        return new Decision(null, List.of(order));
      }
      if (partition != null) {
        windows.use(partition);
        return new Decision(mode(true, partition, input), List.of(partition));
      }
    }
    if (asked) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED,
              "EMIT ON WINDOW CLOSE on OVER whose results no watermark makes final.")
          .mend(
              "Order by the event time of an append-only stream, ascending, partition by"
                  + " window_start, or use EMIT CHANGES.")
          .at(emit.position());
    }
    long ttlNs = ordering.partition().isEmpty() ? 0 : stateTtlNs;
    return new Decision(
        partition == null ? new OverMode(false, -1, 0, ttlNs) : mode(false, partition, input),
        List.of());
  }

  static OverMode mode(boolean isFinal, TimeColumn time, Schema input) {
    long nanosPerUnit = input.field(time.column()).type().nanosPerUnit();
    return new OverMode(isFinal, time.column(), nanosPerUnit, 0);
  }

  private TimeColumn partitionTime(
      List<TimeColumn> times, OverColumns.Ordering ordering, boolean anyTime) {
    return times.stream()
        .filter(time -> ordering.partition().contains(time.column()))
        .filter(TimeColumn::isOrdered)
        .filter(time -> anyTime || aggregates.isDeclared(time))
        .findFirst()
        .orElse(null);
  }

  /** The time attribute that rows are ordered by first, ascending; or null. */
  private TimeColumn orderTime(
      List<TimeColumn> times, OverColumns.Ordering ordering, boolean anyTime) {
    if (ordering.keys().isEmpty() || ordering.keys().get(0).descending()) {
      return null;
    }
    int column = ordering.keys().get(0).column();
    return times.stream()
        .filter(time -> time.column() == column)
        .filter(TimeColumn::isOrdered)
        .filter(time -> anyTime || aggregates.isDeclared(time))
        .findFirst()
        .orElse(null);
  }

  /** Whether each result is known as soon as enough rows have followed in order. */
  static boolean canWait(OverColumns.Ordering ordering, List<OverCall> calls) {
    if (ordering.keys().isEmpty()) {
      return false;
    }
    for (OverCall call : calls) {
      boolean wholePartition =
          switch (call.function()) {
            case PERCENT_RANK, CUME_DIST, NTILE -> true;
            default -> call.frame() != null && call.frame().isToEnd();
          };
      if (wholePartition
          || call.ignoreNulls()
          || call.aggregate() != null && call.aggregate().distinct()) {
        return false;
      }
    }
    return true;
  }

  /** Checks EMIT of ORDER BY .. LIMIT. */
  void checkLimit(boolean outermost) {
    Emit emit = outermost ? emissions.emit() : null;
    if (emit != null && emit.mode() == Emit.Mode.ON_WINDOW_CLOSE) {
      throw new LaminarException(
              ErrorCode.VALIDATION_FAILED, "EMIT ON WINDOW CLOSE on LIMIT, which is never final.")
          .mend("Use EMIT CHANGES.")
          .at(emit.position());
    }
  }
}
