package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.time.Watermark;

/** A subscription whose rows go to a {@link BatchListener}. */
public final class CallbackSubscription extends Subscription {
  private final BatchListener listener;

  CallbackSubscription(Engine engine, StreamOutput stream, BatchListener listener) {
    super(engine, stream);
    this.listener = listener;
  }

  @Override
  public boolean offer(Batch batch) {
    if (isOpen()) {
      try {
        listener.onBatch(batch);
        received(batch.size());
      } catch (RuntimeException | Error e) {
        listenerFailed(e);
      }
    }
    return true;
  }

  @Override
  public boolean watermark(long watermarkNs) {
    if (isOpen()) {
      try {
        if (watermarkNs == Watermark.END) {
          end();
          listener.onEnd();
        } else {
          listener.onWatermark(watermarkNs);
        }
      } catch (RuntimeException | Error e) {
        listenerFailed(e);
      }
    }
    return true;
  }

  @Override
  public void failed(LaminarException failure) {
    if (isOpen()) {
      super.failed(failure);
      try {
        listener.onFailure(failure);
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }

  @Override
  void free() {
    listener.free();
  }

  private void listenerFailed(Throwable thrown) {
    super.failed(
        new LaminarException(
                ErrorCode.LISTENER_FAILED,
                "the listener of " + name() + " threw " + thrown + ".",
                thrown)
            .mend("It gets no more rows; mend it and subscribe again."));
  }
}
