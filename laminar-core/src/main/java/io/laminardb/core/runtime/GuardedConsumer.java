package io.laminardb.core.runtime;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.core.reactor.Reactor;

/** Keeps what a sink throws from the query: the sink is told, and gets no more rows. */
final class GuardedConsumer implements StreamConsumer {
  final StreamConsumer consumer;
  private final StreamOutput stream;
  private final Reactor reactor;
  private boolean cutOff;

  GuardedConsumer(StreamConsumer consumer, StreamOutput stream, Reactor reactor) {
    this.consumer = consumer;
    this.stream = stream;
    this.reactor = reactor;
  }

  @Override
  public String name() {
    return consumer.name();
  }

  @Override
  public boolean offer(Batch batch) {
    try {
      return cutOff || consumer.offer(batch);
    } catch (RuntimeException | Error e) {
      return cutOff(e);
    }
  }

  @Override
  public boolean watermark(long watermarkNs) {
    try {
      return cutOff || consumer.watermark(watermarkNs);
    } catch (RuntimeException | Error e) {
      return cutOff(e);
    }
  }

  @Override
  public boolean flush() {
    try {
      return cutOff || consumer.flush();
    } catch (RuntimeException | Error e) {
      return cutOff(e);
    }
  }

  @Override
  public void failed(LaminarException failure) {
    if (!cutOff) {
      consumer.failed(failure);
    }
  }

  private boolean cutOff(Throwable thrown) {
    cutOff = true;
    reactor.defer(() -> stream.remove(this));
    consumer.failed(
        thrown instanceof LaminarException laminar
            ? laminar
            : new LaminarException(
                ErrorCode.CONNECTOR_FAILED, name() + " threw " + thrown + ".", thrown));
    return true;
  }
}
