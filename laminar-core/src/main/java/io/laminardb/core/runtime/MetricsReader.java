package io.laminardb.core.runtime;

import io.laminardb.core.operator.Operator;
import io.laminardb.core.runtime.Metrics.OperatorMetrics;
import io.laminardb.core.runtime.Metrics.QueryMetrics;
import io.laminardb.core.runtime.Metrics.SourceMetrics;
import io.laminardb.core.runtime.Metrics.SubscriptionMetrics;
import io.laminardb.core.state.Spill;
import io.laminardb.core.time.Watermark;
import java.util.ArrayList;
import java.util.List;

/** Reads the counters of an engine, between batches. */
final class MetricsReader {
  private MetricsReader() {}

  static SourceMetrics of(SourceTask source) {
    long waiting = 0;
    long dropped = 0;
    long nullTimes = 0;
    long filtered = 0;
    for (Partition partition : source.partitions()) {
      waiting += partition.ring.size();
      dropped += partition.ring.droppedRows();
      filtered += partition.filteredRows();
      nullTimes += partition.nullTimeRows();
    }
    return new SourceMetrics(
        source.options.name(),
        source.partitions().length,
        source.rows() + filtered,
        filtered,
        source.pieces(),
        waiting,
        dropped,
        nullTimes,
        source.passed(),
        source.isIdle(),
        source.isEnded());
  }

  static SubscriptionMetrics of(Subscription subscription) {
    return new SubscriptionMetrics(
        subscription.stream.name,
        subscription.state(),
        subscription.rows(),
        subscription.droppedRows(),
        subscription.waitingRows());
  }

  static Metrics.KeptMetrics of(KeptSubscription subscription) {
    return new Metrics.KeptMetrics(
        subscription.name,
        subscription.stream.name,
        subscription.last(),
        subscription.acknowledged(),
        subscription.waitingRows());
  }

  static QueryMetrics of(Query query) {
    List<OperatorMetrics> operators = new ArrayList<>();
    long rowsIn = 0;
    long late = 0;
    long nullTimes = 0;
    long failed = 0;
    long expired = 0;
    long stateRows = 0;
    long stateBytes = 0;
    long spilledRows = 0;
    long spilledBytes = 0;
    for (OperatorNode node : query.nodes) {
      OperatorMetrics metrics = of(node);
      operators.add(metrics);
      late += metrics.lateRows();
      nullTimes += metrics.nullTimeRows();
      failed += metrics.failedRows();
      expired += metrics.expiredRows();
      stateRows += metrics.stateRows();
      stateBytes += metrics.stateBytes();
      spilledRows += metrics.spilledRows();
      spilledBytes += metrics.spilledBytes();
    }
    for (InputPort port : query.externalPorts) {
      rowsIn += port.rows();
    }
    ViewContent content = query.output.content;
    return new QueryMetrics(
        query.name,
        query.state(),
        query.failure() == null ? null : query.failure().getMessage(),
        rowsIn,
        query.output.rows(),
        late,
        nullTimes,
        failed,
        expired,
        stateRows,
        stateBytes,
        spilledRows,
        spilledBytes,
        content == null ? 0 : content.rows(),
        content == null ? 0 : content.bytes(),
        query.output.watermark(),
        operators);
  }

  private static OperatorMetrics of(OperatorNode node) {
    Operator operator = node.operator();
    long rowsIn = 0;
    long batchesIn = 0;
    for (InputPort port : node.ports) {
      rowsIn += port.rows();
      batchesIn += port.batches();
    }
    InputPort holder = holder(node);
    Spill spill = node.spilled();
    return new OperatorMetrics(
        node.plan.label(),
        detail(node),
        rowsIn,
        batchesIn,
        node.output.rows(),
        node.lateRows(),
        node.nullTimeRows(),
        node.failedRows(),
        node.expiredRows(),
        operator == null ? 0 : operator.stateRows(),
        operator == null ? 0 : operator.stateBytes(),
        node.canSpill(),
        spill == null ? 0 : spill.rows(),
        spill == null ? 0 : spill.bytes(),
        spill == null ? 0 : spill.writtenBytes(),
        spill == null ? 0 : spill.readBytes(),
        node.busyNs(),
        operator == null ? null : operator.waiting(),
        holder == null ? null : holder.stream.name,
        holder == null ? Watermark.NONE : holder.watermark(),
        holder == null ? 0 : holder.movedEpochNs());
  }

  private static String detail(OperatorNode node) {
    String counters = node.operator() == null ? null : node.operator().counters();
    return node.plan.detail() + (counters == null ? "" : " [" + counters + "]");
  }

  /** The external input that holds the watermark of an operator back. */
  private static InputPort holder(OperatorNode node) {
    InputPort least = null;
    for (InputPort port : node.ports) {
      if (port.watermark() != Watermark.IDLE
          && (least == null || port.watermark() < least.watermark())) {
        least = port;
      }
    }
    if (least == null || least.external) {
      return least;
    }
    for (OperatorNode upstream : node.query.nodes) {
      if (upstream.output == least.stream) {
        return holder(upstream);
      }
    }
    return least;
  }
}
