package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.operator.Progress;
import io.laminardb.core.state.StateReader;
import io.laminardb.core.state.StateWriter;
import io.laminardb.core.time.Watermark;
import java.util.ArrayDeque;

/**
 * An input of an operator. Refuses calls as long as the operator is in the middle of another one, and
 * as long as it has not been given what came before: the content of a view, the watermark so far.
 */
final class InputPort implements StreamConsumer {
  final OperatorNode node;
  final int index;
  final StreamOutput stream;
  final boolean external;
  private final ArrayDeque<Batch> replay = new ArrayDeque<>();
  private boolean beginsClosed; // until it has been given what came before
  private boolean open;
  private long watermark = Watermark.NONE;
  private long movedEpochNs;
  private long rows;
  private long batches;

  InputPort(OperatorNode node, int index, StreamOutput stream, boolean external) {
    this.node = node;
    this.index = index;
    this.stream = stream;
    this.external = external;
    this.beginsClosed = external;
    this.open = !external;
    this.watermark = external ? stream.watermarkOfNewcomers() : Watermark.NONE;
  }

  @Override
  public String name() {
    return node.query.name;
  }

  @Override
  public boolean offer(Batch batch) {
    if (node.query.isStopped()) {
      return true;
    }
    return open && take(batch);
  }

  @Override
  public boolean watermark(long watermarkNs) {
    if (node.query.isStopped()) {
      return true;
    }
    return open && takeWatermark(watermarkNs);
  }

  @Override
  public void failed(LaminarException failure) {
    node.query.upstreamFailed(stream.name, failure);
  }

  /** Closes until it is told of what its input gave before it was there, and of the watermark then. */
  void beginLate(long watermarkNs) {
    beginsClosed = true;
    open = false;
    watermark = watermarkNs;
  }

  boolean beginsClosed() {
    return beginsClosed;
  }

  /** Goes on as the input of the same operator in a former query. */
  void adopt(InputPort former) {
    watermark = former.watermark;
    movedEpochNs = former.movedEpochNs;
    rows = former.rows;
    batches = former.batches;
  }

  /** Keeps a batch to be given before everything else; owned from now on. */
  void replay(Batch batch) {
    replay.add(batch);
  }

  /** Gives what came before; false for back-pressure. Then the port is open. */
  boolean openUp() {
    Batch batch;
    while ((batch = replay.peek()) != null) {
      if (!take(batch)) {
        return false;
      }
      replay.poll().close();
    }
    if (watermark != Watermark.NONE && !takeWatermark(watermark)) {
      return false;
    }
    open = true;
    return true;
  }

  /** Closes again, until what is known of the input has been given to a rebuilt operator. */
  void reopen() {
    open = false;
  }

  private boolean take(Batch batch) {
    OperatorNode target = node;
    if (target.isBusyElsewhere(this)) {
      return false;
    }
    if (target.process(this, batch) == Progress.BLOCKED) {
      return false;
    }
    rows += batch.size();
    batches++;
    return true;
  }

  private boolean takeWatermark(long watermarkNs) {
    if (node.isBusyElsewhere(this) || node.watermark(this, watermarkNs) == Progress.BLOCKED) {
      return false;
    }
    if (watermark != watermarkNs) {
      watermark = watermarkNs;
      movedEpochNs = node.query.context.reactor.nowEpochNs();
      if (external && watermarkNs == Watermark.END) {
        node.query.inputEnded();
      }
    }
    return true;
  }

  long watermark() {
    return watermark;
  }

  /** What tells it from all other ports of the engine. */
  String id() {
    return node.query.name + "/" + node.query.nodes.indexOf(node) + "/" + index;
  }

  void snapshot(StateWriter writer) {
    writer.putLong(watermark);
    writer.putLong(rows);
    writer.putLong(batches);
  }

  void restore(StateReader reader) {
    watermark = reader.getLong();
    rows = reader.getLong();
    batches = reader.getLong();
  }

  /** When the watermark last moved, by the clock. */
  long movedEpochNs() {
    return movedEpochNs;
  }

  long rows() {
    return rows;
  }

  long batches() {
    return batches;
  }

  void close() {
    replay.forEach(Batch::close);
    replay.clear();
  }
}
