package io.laminardb.internal.receive;

import io.laminardb.Row;
import io.laminardb.Subscription;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.runtime.CallbackSubscription;
import java.time.Duration;
import java.util.List;

/** A subscription whose rows went to a callback: there is nothing to take. */
public final class PushedSubscription implements Subscription {
  private final CallbackSubscription callback;
  private final Runnable onClose;

  /**
   * @param onClose is run when it has been closed, perhaps more than once
   */
  public PushedSubscription(CallbackSubscription callback, Runnable onClose) {
    this.callback = callback;
    this.onClose = onClose;
  }

  @Override
  public Schema schema() {
    return callback.schema();
  }

  @Override
  public List<Row> drain() {
    return List.of();
  }

  @Override
  public <T> List<T> drain(Class<T> type) {
    return List.of();
  }

  @Override
  public Row poll() {
    LaminarException failure = callback.failure();
    if (failure != null) {
      throw failure;
    }
    return null;
  }

  @Override
  public Row poll(Duration timeout) {
    return poll();
  }

  @Override
  public boolean isEnded() {
    return callback.state() != CallbackSubscription.State.OPEN;
  }

  @Override
  public long droppedRows() {
    return 0;
  }

  @Override
  public void close() {
    callback.close();
    onClose.run();
  }
}
