package io.laminardb.core.runtime;

import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import java.util.concurrent.atomic.AtomicLong;

/** Somebody outside who receives the rows of a stream. Closing it is the receiver's. */
public abstract sealed class Subscription implements StreamConsumer, AutoCloseable
    permits PullSubscription, CallbackSubscription {
  /** Where a subscription is in its life. */
  public enum State {
    /** More rows may come. */
    OPEN,

    /** The stream has ended: what waits can still be taken, no more will come. */
    ENDED,

    /** The listener threw, or the query failed or was dropped; {@link #failure} says which. */
    FAILED,

    /** Closed by its owner. */
    CLOSED
  }

  final StreamOutput stream;
  final Engine engine;
  private volatile State state = State.OPEN;
  private volatile LaminarException failure;
  private final AtomicLong rows = new AtomicLong();

  Subscription(Engine engine, StreamOutput stream) {
    this.engine = engine;
    this.stream = stream;
  }

  @Override
  public final String name() {
    return "subscription to \"" + stream.name + "\"";
  }

  /** The rows it receives. */
  public final Schema schema() {
    return stream.schema;
  }

  /** Where it is in its life; any thread. */
  public final State state() {
    return state;
  }

  /** Why it failed, or null; any thread. */
  public final LaminarException failure() {
    return failure;
  }

  /** Rows received so far; any thread. */
  public final long rows() {
    return rows.get();
  }

  /** Rows the policy dropped as the receiver was too slow; any thread. */
  public long droppedRows() {
    return 0;
  }

  /** Rows that wait to be taken; any thread. */
  public long waitingRows() {
    return 0;
  }

  @Override
  public void failed(LaminarException newFailure) {
    if (state == State.OPEN) {
      failure = newFailure;
      state = State.FAILED;
    }
  }

  final void end() {
    if (state == State.OPEN) {
      state = State.ENDED;
    }
  }

  final void received(long count) {
    rows.lazySet(rows.getPlain() + count);
  }

  final boolean isOpen() {
    return state == State.OPEN;
  }

  /** Ends the subscription and frees its memory. Any thread, also a listener. */
  @Override
  public void close() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      engine.unsubscribe(this);
    }
  }

  /** Frees what it holds; the stream no longer calls it. */
  void free() {}
}
