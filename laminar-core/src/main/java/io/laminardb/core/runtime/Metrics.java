package io.laminardb.core.runtime;

import io.laminardb.core.operator.Waiting;
import java.util.List;

/** Counters of an engine at one moment between two batches. All counts are since creation. */
public record Metrics(
    List<SourceMetrics> sources,
    List<QueryMetrics> queries,
    List<SubscriptionMetrics> subscriptions) {

  /** The source of this name, or null. */
  public SourceMetrics source(String name) {
    return sources.stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
  }

  /** The query of this name, or null. */
  public QueryMetrics query(String name) {
    return queries.stream().filter(each -> each.name().equals(name)).findFirst().orElse(null);
  }

  /**
   * A source.
   *
   * @param rows taken by the engine, or left out before
   * @param filteredRows of these, those that were left out, as no reader's filter keeps them
   * @param batches pieces they were cut into
   * @param waitingRows in its handles
   * @param droppedRows that gave way to later ones as their handle was full, and were never taken
   * @param nullTimeRows rows without event time
   * @param watermarkNs nanoseconds since the epoch, or a value of {@link
   *     io.laminardb.core.time.Watermark}
   */
  public record SourceMetrics(
      String name,
      int handles,
      long rows,
      long filteredRows,
      long batches,
      long waitingRows,
      long droppedRows,
      long nullTimeRows,
      long watermarkNs,
      boolean idle,
      boolean ended) {}

  /**
   * A query: what its operators sum up to.
   *
   * @param failure why it failed, or null
   * @param rowsIn of its inputs
   * @param lateRows that came after their window had closed
   * @param nullTimeRows that belong to no window
   * @param failedRows an expression failed on
   * @param expiredRows of state that were forgotten as nothing had touched them for {@code state_ttl}
   * @param stateBytes in memory
   * @param spilledRows of state on disk now, as memory is short: groups, or keys with all their rows
   * @param spilledBytes of state on disk now; not among {@code stateBytes}
   * @param contentRows of its present content, where it is kept
   */
  public record QueryMetrics(
      String name,
      QueryState state,
      String failure,
      long rowsIn,
      long rowsOut,
      long lateRows,
      long nullTimeRows,
      long failedRows,
      long expiredRows,
      long stateRows,
      long stateBytes,
      long spilledRows,
      long spilledBytes,
      long contentRows,
      long contentBytes,
      long watermarkNs,
      List<OperatorMetrics> operators) {}

  /**
   * An operator.
   *
   * @param stateBytes in memory
   * @param canSpill whether its state can leave memory, where the database has somewhere to put it
   * @param spilledRows of its state on disk now, as memory is short: groups, or keys with all their rows
   * @param spilledBytes of its state on disk now; not among {@code stateBytes}
   * @param spillWrittenBytes that it ever wrote there
   * @param spillReadBytes that it ever read from there
   * @param busyNs time in it, without those that follow, while time is measured
   * @param waiting what it waits for, or null
   * @param heldBackBy the stream whose watermark is the least of its inputs
   * @param heldBackAtNs that watermark
   * @param sinceEpochNs when that watermark last moved, by the clock; 0 for never
   */
  public record OperatorMetrics(
      String label,
      String detail,
      long rowsIn,
      long batchesIn,
      long rowsOut,
      long lateRows,
      long nullTimeRows,
      long failedRows,
      long expiredRows,
      long stateRows,
      long stateBytes,
      boolean canSpill,
      long spilledRows,
      long spilledBytes,
      long spillWrittenBytes,
      long spillReadBytes,
      long busyNs,
      Waiting waiting,
      String heldBackBy,
      long heldBackAtNs,
      long sinceEpochNs) {}

  /**
   * A subscription.
   *
   * @param rows given to it
   * @param droppedRows of these, dropped as it was full
   * @param waitingRows not taken yet
   */
  public record SubscriptionMetrics(
      String stream, Subscription.State state, long rows, long droppedRows, long waitingRows) {}

  /**
   * A subscription that stays, whoever reads it.
   *
   * @param last number of its last row, 0 before the first
   * @param acknowledged number up to which rows are done with
   * @param waitingRows behind that
   */
  public record KeptMetrics(
      String name, String stream, long last, long acknowledged, long waitingRows) {}
}
